import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { homedir } from 'node:os';
import { freePort } from '../free-port.ts';
import { cacheFolder } from '../paths.ts';
import { ensureTemporalBinary } from '../temporal/temporal-binary.ts';
import { temporalReady } from '../temporal/temporal-server.ts';

/**
 * A Temporal server on a database file that can be killed and restarted at the same address. It ends with
 * this process.
 */
export interface TemporalProcess extends AsyncDisposable {
  readonly address: string;
  start(): Promise<void>;
  /** Kills it; does nothing if it is not running. */
  kill(): Promise<void>;
}

/** Starts a server with these namespaces and these dynamic settings, each `NAME=JSON`. */
export async function temporalProcess(
  databaseFile: string,
  namespaces: readonly string[] = ['default'],
  settings: readonly string[] = [],
): Promise<TemporalProcess> {
  const { path } = await ensureTemporalBinary({
    cacheDir: cacheFolder({ env: process.env, platform: process.platform, userHome: homedir() }),
    env: process.env,
    platform: `${process.platform}-${process.arch}`,
  });
  const port = await freePort();
  const address = `127.0.0.1:${port}`;
  let server: ChildProcess | undefined;
  const atExit = (): void => void server?.kill('SIGKILL');
  const kill = async (): Promise<void> => {
    process.off('exit', atExit);
    if (server === undefined || server.exitCode !== null || server.signalCode !== null) return;
    server.kill('SIGKILL');
    await once(server, 'exit');
  };
  const start = async (): Promise<void> => {
    const flags = [
      ...namespaces.flatMap((name) => ['--namespace', name]),
      ...settings.flatMap((setting) => ['--dynamic-config-value', setting]),
    ];
    server = spawn(
      path,
      [
        'server',
        'start-dev',
        '--db-filename',
        databaseFile,
        '--ip',
        '127.0.0.1',
        '--port',
        `${port}`,
        '--headless',
        '--log-level',
        'error',
        ...flags,
      ],
      { stdio: 'ignore' },
    );
    process.once('exit', atExit);
    for (const namespace of namespaces) await temporalReady({ address, namespace, timeoutMs: 60_000 });
  };
  await start();
  return { address, start, kill, [Symbol.asyncDispose]: kill };
}
