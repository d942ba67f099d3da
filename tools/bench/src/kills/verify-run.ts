import { openArtifacts } from '@overture/artifacts';
import type { TrainResult } from '@overture/contracts';
import { openRegistry, type RunDetails } from '@overture/registry';
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import type { KillWorld } from './kill-world.ts';

/** The result of a run, and its record in the registry. */
export interface Ending {
  readonly result: TrainResult;
  readonly run: RunDetails;
}

/** The outcome that a disturbed run must have. */
export interface Expected {
  readonly undisturbed: Ending;
  /** The stage that a second attempt must have finished. */
  readonly again?: string;
}

/** Reads the record of a run that has ended. */
export async function endingOf({ databaseUrl }: KillWorld, result: TrainResult): Promise<Ending> {
  await using registry = await openRegistry({ databaseUrl });
  return { result, run: await registry.getRun(result.runId) };
}

/** The problems of a disturbed run. None if it ended like the undisturbed one and left nothing behind. */
export async function problemsOf(
  world: KillWorld,
  { result, run }: Ending,
  { undisturbed, again }: Expected,
): Promise<string[]> {
  const problems: string[] = [];
  const check = (right: boolean, problem: string): void => void (right || problems.push(problem));
  check(
    result.model.digest === undisturbed.result.model.digest,
    `the model's digest is ${result.model.digest}, that of the undisturbed run ${undisturbed.result.model.digest}`,
  );
  check(
    JSON.stringify(result.report) === JSON.stringify(undisturbed.result.report),
    'the report is another one',
  );
  check(result.model.version === 1, `the model has version ${result.model.version}, not 1`);

  check(run.state === 'completed', `the registry says the run is ${run.state}`);
  check(run.models.length === 1, `${run.models.length} model versions were registered`);
  const [lineage, expected] = [lineageOf(run), lineageOf(undisturbed.run)];
  for (const row of lineage.filter((each, i) => lineage.indexOf(each) !== i))
    problems.push(`recorded twice: ${row}`);
  for (const row of lineage.filter((each) => !expected.includes(each)))
    problems.push(`not in the undisturbed run: ${row}`);
  for (const row of expected.filter((each) => !lineage.includes(each)))
    problems.push(`only in the undisturbed run: ${row}`);
  const attempt = run.stages.find(({ node, state }) => node === again && state !== 'failed')?.attempt;
  check(
    again === undefined || attempt === 2,
    `${again} was to be ended by attempt 2, and was by attempt ${attempt}`,
  );
  check(
    run.metrics.length === undisturbed.run.metrics.length,
    `${run.metrics.length} metrics are recorded, in the undisturbed run ${undisturbed.run.metrics.length}`,
  );
  const leases = await world.sql('select * from overture.stage_leases');
  check(leases.length === 0, `${leases.length} leases are left`);

  const artifacts = join(world.home, 'artifacts');
  const store = await openArtifacts({ kind: 'folder', root: artifacts });
  for (const { ref } of run.stages.flatMap((stage) => stage.artifacts))
    await store.verify(ref).catch((error: Error) => problems.push(error.message));
  for (const file of await readdir(artifacts, { recursive: true, withFileTypes: true })) {
    const path = join(file.parentPath, file.name);
    if (file.isFile() && path.includes('sha256'))
      check((await sha256(path)) === basename(path), `${path} is not what its name says`);
    else check(!file.isFile(), `${path} was left half-written`);
  }
  const checkpoints = await readdir(join(world.home, 'checkpoints')).catch(() => []);
  check(checkpoints.length === 0, `checkpoints are left: ${checkpoints.join(', ')}`);
  const working = world.workers.filter((worker) => worker.alive() && worker.descendants().length > 0);
  check(working.length === 0, `${working.length} trainers still run`);
  return problems;
}

/**
 * One line for each successful stage and each of its input and output artifacts. The training log is
 * excluded, because it contains times.
 */
function lineageOf({ stages }: RunDetails): string[] {
  return stages
    .filter(({ state }) => state !== 'failed')
    .flatMap(({ node, state, version, artifacts }) => [
      `${node} ${state}, version ${version}`,
      ...artifacts
        .filter(({ ref }) => ref.kind !== 'training-log')
        .map(({ direction, name, ref }) => `${node} ${direction} ${name} ${ref.kind} ${ref.digest}`),
    ]);
}

async function sha256(path: string): Promise<string> {
  const hash = createHash('sha256');
  await pipeline(createReadStream(path), hash);
  return hash.digest('hex');
}
