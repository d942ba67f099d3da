import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { killAndResume } from './kill-and-resume.ts';

// `npm run bench -- resume` runs it thirty times
it('runs that are killed at steps and while writing checkpoints end with the digest of an undisturbed run', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'overture-killed-'));
  try {
    const results = await killAndResume({ folder, atSteps: 3, whileWriting: 2, seed: 0 });
    expect(results).toHaveLength(5);
    expect(results.filter(({ same }) => !same)).toEqual([]);
    expect(results.some(({ resumedAt }) => resumedAt > 0)).toBe(true);
  } finally {
    await rm(folder, { recursive: true });
  }
});
