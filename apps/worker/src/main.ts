import { checkArtifacts, openArtifacts } from '@overture/artifacts';
import { searchAttributes } from '@overture/contracts';
import { toAppError } from '@overture/core';
import { namespaceIdOf, registerSearchAttributes, sweepRuns } from '@overture/durable-worker';
import { openRegistry } from '@overture/registry';
import { clearLeftOverWork, retry, type RetryPolicy } from '@overture/execution';
import { userHomeFolder, writableCacheFolder } from '@overture/stack';
import { clearOldCheckpoints, settingsWarning } from '@overture/stages';
import { Client } from '@temporalio/client';
import { NativeConnection, Runtime } from '@temporalio/worker';
import { hostname } from 'node:os';
import { join, resolve } from 'node:path';
import pino from 'pino';
import { watchTemporal } from './watch-temporal.ts';
import { watchParent } from './watch-parent.ts';
import { workerSettings } from './settings.ts';
import { metricsExporter } from './telemetry.ts';
import { temporalLogger } from './temporal-logger.ts';
import { createWorkers } from './workers.ts';

const stopping = new AbortController();
const stop = (): void => stopping.abort(new Error('The worker was asked to stop.'));
// A stopped trainer has five seconds to write its checkpoint. The rest is for reporting.
const lastWordsSeconds = 10;
const logger = pino({ level: process.env['OVERTURE_LOG'] || 'info' }, pino.destination(2));

// On these signals, Temporal's runtime shuts down the workers. This ends the waits before the workers run.
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, stop);
watchParent(process.stdin, () => {
  stop();
  process.kill(process.pid, 'SIGTERM');
});

try {
  await main();
} catch (thrown) {
  if (!stopping.signal.aborted) {
    const { code, message } = toAppError(thrown);
    logger.fatal({ code }, message);
    process.exitCode = 1;
  }
}

async function main(): Promise<void> {
  const sdkLogger = temporalLogger(logger);
  Runtime.install({
    logger: sdkLogger,
    telemetryOptions: { logging: { filter: 'ERROR' }, metrics: metricsExporter(process.env) },
  });
  const projectRoot = resolve(import.meta.dirname, '..', '..', '..');
  const [userHome, { platform }] = [userHomeFolder(), process];
  const home = resolve(process.env['OVERTURE_HOME'] || join(projectRoot, '.overture'));
  const cache = await writableCacheFolder({ env: process.env, platform, userHome, home, cwd: process.cwd() });
  const settings = await workerSettings(
    { ...process.env, OVERTURE_CACHE: cache },
    { userHome, platform, projectRoot },
  );
  const warning = settingsWarning(settings.stages);
  if (warning !== undefined) logger.warn({ executionProvider: settings.stages.executionProvider }, warning);
  stopping.signal.throwIfAborted();
  stopping.signal.addEventListener('abort', () => endAfter(settings.shutdownSeconds + lastWordsSeconds));
  await clearLeftOverWork(settings.stages.stateDir);
  const old = await clearOldCheckpoints(settings.stages.stateDir);
  if (old.length > 0)
    logger.info({ folders: old.length }, 'Checkpoints that nobody has continued for a month were removed.');
  const now = (): number => performance.now();
  const patience: RetryPolicy = { forMs: 120_000, everyMs: 250, now, signal: stopping.signal };
  // Without a log entry, a waiting worker would look like a working one.
  const waitingFor = (what: string): RetryPolicy => ({
    ...patience,
    onFailure: ({ message }) =>
      logger.warn({ reason: message }, `${what} cannot be reached yet; trying again for two minutes.`),
  });
  const temporal = `Temporal at ${settings.temporal.address}, namespace ${settings.namespace},`;
  const [connection, registry, artifacts] = await Promise.all([
    retry(() => NativeConnection.connect(settings.temporal), waitingFor(temporal)),
    retry(
      () =>
        openRegistry({
          databaseUrl: settings.databaseUrl,
          schema: settings.registrySchema,
          env: process.env,
          logger,
        }),
      waitingFor('The registry'),
    ),
    openArtifacts(settings.artifacts),
  ]);
  await using _registry = registry;
  // The content changes with the machine and the date, so that a lost write permission appears here.
  await retry(() => checkArtifacts(artifacts, `${hostname()} on ${new Date().toISOString().slice(0, 10)}`), {
    ...patience,
    forMs: 30_000,
  });
  await retry(
    () => registerSearchAttributes(connection, { namespace: settings.namespace, searchAttributes }),
    waitingFor(temporal),
  );
  const client = new Client({ connection, namespace: settings.namespace });
  const namespaceId = await namespaceIdOf(client).catch(() => undefined);
  const workers = await createWorkers({
    ...settings,
    namespaceId,
    connection,
    artifacts,
    registry,
    settings: settings.stages,
    logger,
    temporalLogger: sdkLogger,
  });
  logger.info(
    {
      temporal: settings.temporal.address,
      queues: settings.queues,
      namespace: settings.namespace,
      corpora: settings.stages.corpora,
      threads: settings.stages.threads,
    },
    'The worker takes tasks.',
  );
  const running = Promise.all(workers.map((worker) => worker.run()));
  // The stack waits for this line on standard output.
  process.stdout.write(`${JSON.stringify({ ready: true, pid: process.pid })}\n`);
  using _watch = watchTemporal({ client, logger, now });
  using _sweep = settings.queues.includes('light') ? sweepRuns({ client, registry, logger }) : undefined;
  await running;
  await connection.close();
  logger.info({}, 'The worker has stopped.');
}

/**
 * Ends the process if it is still alive by then, for example because a server does not respond or a stage
 * ignores the cancellation.
 */
function endAfter(seconds: number): void {
  const end = (): void => {
    logger.error(
      { seconds },
      'The worker was asked to stop and should have ended by now. It ends with work under way, which another attempt takes up.',
    );
    process.exit(1);
  };
  setTimeout(end, seconds * 1000).unref();
}
