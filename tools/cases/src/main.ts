/**
 * Runs every case through the product and prints one line each: `npm run cases -- ../shared/cases [--only
 * P04]`. The exit code is 0 if all are right.
 */
import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { caseTable } from './case-table.ts';
import { runCases } from './run-cases.ts';

const { positionals, values } = parseArgs({ allowPositionals: true, options: { only: { type: 'string' } } });
const folder = resolve(process.env['INIT_CWD'] ?? process.cwd(), positionals[0] ?? '../shared/cases');
if (!existsSync(folder)) {
  console.error(
    `There is no folder ${folder}. Name the folder with the cases: npm run cases -- ../shared/cases`,
  );
  process.exit(2);
}

await runCases(
  caseTable.filter(({ name }) => values.only === undefined || name.includes(values.only)),
  folder,
);
