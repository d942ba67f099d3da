/**
 * Takes every case through the product and prints a line each: `npm run cases -- ../shared/cases [--only P04]`.
 * The exit code is 0 when all are right.
 */
import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { caseTable } from './case-table.ts';
import type { Verdict } from './case.ts';
import { openProduct } from './product.ts';

const { positionals, values } = parseArgs({ allowPositionals: true, options: { only: { type: 'string' } } });
const folder = resolve(process.env['INIT_CWD'] ?? process.cwd(), positionals[0] ?? '../shared/cases');
if (!existsSync(folder)) {
  console.error(`There is no folder ${folder}. Name the folder with the cases: npm run cases -- ../shared/cases`);
  process.exit(2);
}

const scratch = await mkdtemp(join(tmpdir(), 'overture-case-files-'));
const cases = caseTable.filter(({ name }) => values.only === undefined || name.includes(values.only));
const counts = { right: 0, wrong: 0, skipped: 0 };
try {
  await using product = await openProduct();
  for (const each of cases) {
    const began = performance.now();
    const verdict: Verdict = await each
      .check(product, { folder, scratch })
      .catch((error: unknown) => ({ right: false, message: error instanceof Error ? error.message : String(error) }));
    const outcome = verdict.skipped ? 'skipped' : verdict.right ? 'right' : 'wrong';
    counts[outcome] += 1;
    const seconds = ((performance.now() - began) / 1_000).toFixed(1);
    console.log(`${outcome.padEnd(7)}  ${each.name.padEnd(28)}  ${each.expects} (${seconds} s)\n         ${verdict.message}`);
  }
} finally {
  await rm(scratch, { recursive: true, force: true });
}
console.log(`${counts.right} right, ${counts.wrong} wrong, ${counts.skipped} skipped`);
process.exitCode = counts.wrong === 0 ? 0 : 1;
