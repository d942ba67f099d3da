import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { interruptOnce, interruptTwice, killGuardian, longTraining, type LifecyclePlace } from './testing/lifecycle.ts';
import { testContext } from './testing/test-context.ts';

// `npm run bench -- lifecycle` runs many more rounds, and measures them.
let place: LifecyclePlace;

beforeAll(async () => {
  const cwd = await mkdtemp(join(tmpdir(), 'overture-lifecycle-'));
  await chmod(cwd, 0o755);
  const home = join(cwd, 'home');
  place = { cwd, home, env: { ...process.env, OVERTURE_HOME: home, OVERTURE_CACHE: testContext(cwd).cacheDir, OVERTURE_MSDIALOG: '', TEMPORAL_ADDRESS: '', DATABASE_URL: '' } };
});
afterAll(() => rm(place.cwd, { recursive: true, force: true, maxRetries: 5 }));

describe('the life of a stack', { timeout: 1_200_000 }, () => {
  it('survives two interrupts of a busy command and a start right after them, and leaves nothing', async () => {
    const rounds = await interruptTwice(place, [3_000, 200]);
    expect(rounds.flatMap(({ problems }) => problems)).toEqual([]);
  });

  it.each([0, 400, 6_000])('ends with one sentence when its guardian is killed %i ms after it started, and the next command works', async (after) => {
    const rounds = await killGuardian(place, longTraining, after);
    expect(rounds.flatMap(({ problems }) => problems)).toEqual([]);
  });

  it.each([['train', longTraining, 300], ['train', longTraining, 2_500], ['start', ['start'], 1_500]] as const)('leaves nothing when %s is interrupted once', async (_, args, after) => {
    expect((await interruptOnce(place, args, after)).problems).toEqual([]);
  });
});
