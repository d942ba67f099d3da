import { startTestPostgres } from '@overture/registry/testing';
import { temporalProcess } from '@overture/stack/testing';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { killCases, type KillCase } from './kill-cases.ts';
import { killWorld, type KillServers } from './kill-world.ts';
import { endingOf, problemsOf, type Ending } from './verify-run.ts';

/** Options of the kill check. */
export interface CheckKillsOptions {
  /** Maximum concurrency: a case mostly waits for a timeout. */
  readonly atOnce: number;
  /** Only cases whose name contains this text. Default: all. */
  readonly only?: string;
}

/**
 * Disturbs a run of the main job in every way, and prints how many ended like an undisturbed run.
 * @returns whether all did
 */
export async function checkKills({ atOnce, only = '' }: CheckKillsOptions): Promise<boolean> {
  // Servers and workers, including stopped ones, are ended by `exit` handlers, which a signal alone does not
  // run.
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(1));
  process.setMaxListeners(100);
  const folder = await mkdtemp(join(tmpdir(), 'overture-kills-'));
  await using left = new AsyncDisposableStack();
  left.defer(() => rm(folder, { recursive: true, force: true, maxRetries: 5 }).catch(() => undefined));
  const cases = killCases
    .map((each, i) => ({ ...each, namespace: `case-${i}` }))
    .filter(({ name }) => name.includes(only));
  const servers = async (
    name: string,
    namespaces: readonly string[],
    until: AsyncDisposableStack,
  ): Promise<KillServers> => ({
    temporal: until.use(await temporalProcess(join(folder, `${name}.db`), namespaces)),
    postgres: until.use(await startTestPostgres()),
  });
  const shared = await servers('shared', ['calm', ...cases.map(({ namespace }) => namespace)], left);
  const undisturbed = await calmEnding(folder, shared);

  const survives = async ({
    namespace,
    ownServers,
    disturb,
    ...expected
  }: KillCase & { readonly namespace: string }): Promise<boolean> => {
    const from = performance.now();
    await using own = new AsyncDisposableStack();
    let problems: readonly string[];
    try {
      const mine = ownServers ? await servers(namespace, [namespace], own) : shared;
      await using world = await killWorld(folder, namespace, mine);
      await disturb(world, mine);
      const result = await world.result();
      // A thawed process, or one whose work was taken over, gets time to do harm.
      await sleep(5_000);
      problems = await problemsOf(world, await endingOf(world, result), {
        undisturbed,
        again: expected.again,
      });
    } catch (thrown) {
      problems = [(thrown as Error).message];
    }
    process.stdout.write(
      `${problems.length === 0 ? 'survived' : 'BROKEN  '} ${expected.name} (${((performance.now() - from) / 1000).toFixed(0)} s)${problems.map((problem) => `\n         ${problem}`).join('')}\n`,
    );
    return problems.length === 0;
  };
  const outcomes: boolean[] = [];
  const queue = [...cases];
  await Promise.all(
    Array.from({ length: atOnce }, async () => {
      for (let next = queue.shift(); next !== undefined; next = queue.shift())
        outcomes.push(await survives(next));
    }),
  );
  const survived = outcomes.filter(Boolean).length;
  process.stdout.write(
    `${survived} of ${outcomes.length} disturbed runs ended like the undisturbed one, with no row doubled and no artifact half-written.\n`,
  );
  return survived === outcomes.length;
}

async function calmEnding(folder: string, servers: KillServers): Promise<Ending> {
  await using world = await killWorld(folder, 'calm', servers);
  await world.worker();
  await world.start();
  return await endingOf(world, await world.result());
}
