import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Case, Verdict } from './case.ts';
import { openProduct } from './product.ts';

/**
 * Runs cases through the product, prints one line each and a total, and sets the exit code: 0 if none is
 * wrong.
 * @param folder the folder with the files of the cases
 */
export async function runCases(cases: readonly Case[], folder: string): Promise<void> {
  const scratch = await mkdtemp(join(tmpdir(), 'overture-case-files-'));
  const counts = { right: 0, wrong: 0, skipped: 0 };
  try {
    await using product = await openProduct();
    for (const each of cases) {
      const began = performance.now();
      const verdict: Verdict = await each.check(product, { folder, scratch }).catch((error: unknown) => ({
        right: false,
        message: error instanceof Error ? error.message : String(error),
      }));
      const outcome = verdict.skipped ? 'skipped' : verdict.right ? 'right' : 'wrong';
      counts[outcome] += 1;
      const seconds = ((performance.now() - began) / 1_000).toFixed(1);
      console.log(
        `${outcome.padEnd(7)}  ${each.name.padEnd(28)}  ${each.expects} (${seconds} s)\n         ${verdict.message}`,
      );
    }
  } finally {
    await rm(scratch, { recursive: true, force: true });
  }
  console.log(`${counts.right} right, ${counts.wrong} wrong, ${counts.skipped} skipped`);
  process.exitCode = counts.wrong === 0 ? 0 : 1;
}
