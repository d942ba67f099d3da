import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { leftOver } from './testing/left-over.ts';
import {
  interruptOnce,
  interruptTwice,
  killGuardian,
  longTraining,
  type LifecyclePlace,
} from './testing/lifecycle.ts';
import { OvertureProcess } from './testing/overture-process.ts';
import { testContext } from './testing/test-context.ts';

// `npm run bench -- lifecycle` runs many more rounds and measures them.
let place: LifecyclePlace;

beforeAll(async () => {
  const cwd = await mkdtemp(join(tmpdir(), 'overture-lifecycle-'));
  await chmod(cwd, 0o755);
  const home = join(cwd, 'home');
  place = {
    cwd,
    home,
    env: {
      ...process.env,
      OVERTURE_HOME: home,
      OVERTURE_CACHE: testContext(cwd).cacheDir,
      OVERTURE_MSDIALOG: '',
      TEMPORAL_ADDRESS: '',
      DATABASE_URL: '',
    },
  };
});
afterAll(() => rm(place.cwd, { recursive: true, force: true, maxRetries: 5 }));

describe('the life of a stack', { timeout: 1_200_000 }, () => {
  it('survives two interrupts of a busy command and a start right after them, and leaves nothing', async () => {
    const rounds = await interruptTwice(place, [3_000, 200]);
    expect(rounds.flatMap(({ problems }) => problems)).toEqual([]);
  });

  it.each([0, 400, 6_000])(
    'ends with one sentence when its guardian is killed %i ms after it started, and the next command works',
    async (after) => {
      const rounds = await killGuardian(place, longTraining, after);
      expect(rounds.flatMap(({ problems }) => problems)).toEqual([]);
    },
  );

  it('waits with "start" for a command that owns the stack, and then keeps a stack of its own', async () => {
    const training = new OvertureProcess(longTraining, place);
    await training.prints('Run train-');
    const start = new OvertureProcess(['start', '--json'], place);
    expect(
      await start.prints('has a stack of this project, which ends with it. Waiting to start one that stays.'),
    ).toBe(true);
    expect(start.printed).not.toContain('temporalAddress');
    training.signal();
    expect((await training.ended).code).toBe(130);
    expect(await start.prints('The other command has ended. Starting a stack.')).toBe(true);
    expect(await start.prints('"owned":true')).toBe(true);
    // A second `overture start` finds the running stack and does not wait.
    expect(JSON.parse((await new OvertureProcess(['start', '--json'], place).ended).out)).toMatchObject({
      owned: false,
    });
    start.signal();
    expect((await start.ended).code).toBe(0);
    expect(await leftOver(place.home)).toEqual([]);
  });

  it.each([
    ['train', longTraining, 300],
    ['train', longTraining, 2_500],
    ['start', ['start'], 1_500],
  ] as const)('leaves nothing when %s is interrupted once', async (_, args, after) => {
    expect((await interruptOnce(place, args, after)).problems).toEqual([]);
  });
});
