import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { killAndResume } from '@overture/training/testing';

/**
 * Kills and resumes training runs and prints the count.
 * @returns whether every run ended like the undisturbed run
 */
export async function checkResume(options: {
  readonly atSteps: number;
  readonly whileWriting: number;
  readonly seed: number;
}): Promise<boolean> {
  const folder = await mkdtemp(join(tmpdir(), 'overture-resume-'));
  try {
    const results = await killAndResume({
      ...options,
      folder,
      onKilled: ({ moment, resumedAt, same }) =>
        void process.stdout.write(
          `killed ${moment}, went on from step ${resumedAt}: ${same ? 'the same digest' : 'ANOTHER DIGEST'}\n`,
        ),
    });
    const same = results.filter((result) => result.same).length;
    process.stdout.write(
      `${same} of ${results.length} runs that were killed end with the digest of the undisturbed run.\n`,
    );
    return same === results.length;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
