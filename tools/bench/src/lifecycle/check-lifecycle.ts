import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  interruptOnce,
  interruptTwice,
  killGuardian,
  longTraining,
  wrongFlag,
  type LifecyclePlace,
  type LifecycleRound,
} from '@overture/cli/testing';
import { counterRandom } from '@overture/core';
import { cacheFolder } from '@overture/stack';

/** Options of the lifecycle check. */
export interface LifecycleCheck {
  readonly rounds: number;
  readonly seed: number;
  /** One kind of round: `flag`, `twice`, `guardian` or `once`. Default: all. */
  readonly only?: string;
}

/** Maximum time for a command to end after one Ctrl-C, in milliseconds. */
const interruptedMs = 2_000;
/** Maximum time for a command to report an unknown flag, in milliseconds. */
const wrongFlagMs = 1_000;
const crossValidation = [
  'crossvalidate',
  '--base',
  'tiny',
  '--no-cache',
  '--folds',
  '3',
  '--set',
  'training.epochs=100',
  '--set',
  'training.batchSize=1',
];

/**
 * Passes an unknown flag, interrupts commands and kills guardians at seeded random moments, and starts the
 * next command at once.
 * @returns whether every round ended as it should, with nothing left behind
 */
export async function checkLifecycle({ rounds, seed, only }: LifecycleCheck): Promise<boolean> {
  const cwd = await mkdtemp(join(tmpdir(), 'overture-lifecycle-'));
  // Root runs Postgres under another account, which needs access.
  await chmod(cwd, 0o755);
  const home = join(cwd, 'home');
  const cacheDir = cacheFolder({ env: process.env, platform: process.platform, userHome: homedir() });
  const env = {
    ...process.env,
    OVERTURE_HOME: home,
    OVERTURE_CACHE: cacheDir,
    OVERTURE_MSDIALOG: '',
    TEMPORAL_ADDRESS: '',
    DATABASE_URL: '',
  };
  const place: LifecyclePlace = { cwd, home, env };
  const moment = (name: string, round: number, atMost: number): number =>
    counterRandom(seed, name, round).below(0, atMost);
  const wanted = Array.from({ length: rounds }, (_, round) => round);
  const roundsOf = (kind: string): number[] => (only === undefined || only === kind ? wanted : []);
  let failed = 0;
  const measured = new Map<string, { readonly ok: boolean; readonly milliseconds: number }[]>();
  const tell = (round: LifecycleRound, limitMs = Infinity): void => {
    const problems = [
      ...round.problems,
      ...(round.milliseconds > limitMs ? [`It took longer than ${limitMs} ms.`] : []),
    ];
    if (problems.length > 0) failed++;
    if (limitMs < Infinity) {
      const kind = round.name.replace(/ after .*/, '');
      measured.set(kind, [
        ...(measured.get(kind) ?? []),
        { ok: problems.length === 0, milliseconds: round.milliseconds },
      ]);
    }
    process.stdout.write(
      `${problems.length === 0 ? 'ok    ' : 'FAILED'} ${round.name}: ${Math.round(round.milliseconds)} ms${problems.map((problem) => `\n       ${problem}`).join('')}\n`,
    );
  };
  try {
    for (const _ of roundsOf('flag')) tell(await wrongFlag(place), wrongFlagMs);
    const twice = roundsOf('twice').map((round) => moment('twice', round, 6_000));
    for (const round of twice.length === 0 ? [] : await interruptTwice(place, twice)) tell(round);
    for (const round of roundsOf('guardian'))
      for (const ended of await killGuardian(place, longTraining, moment('guardian', round, 12_000)))
        tell(ended);
    for (const args of [longTraining, crossValidation, ['start']]) {
      for (const round of roundsOf('once'))
        tell(await interruptOnce(place, args, moment(`once ${args[0]}`, round, 12_000)), interruptedMs);
    }
  } finally {
    await rm(cwd, { recursive: true, force: true, maxRetries: 5 });
  }
  for (const [kind, ends] of measured) {
    const times = ends.map(({ milliseconds }) => milliseconds).sort((a, b) => a - b);
    const median =
      (times[Math.floor((times.length - 1) / 2)]! + times[Math.ceil((times.length - 1) / 2)]!) / 2;
    process.stdout.write(
      `${kind}: ${ends.filter(({ ok }) => ok).length} of ${ends.length}, median ${Math.round(median)} ms, slowest ${Math.round(times.at(-1)!)} ms\n`,
    );
  }
  process.stdout.write(
    failed === 0 ? 'Every round ended as it should, and left nothing.\n' : `${failed} rounds failed.\n`,
  );
  return failed === 0;
}
