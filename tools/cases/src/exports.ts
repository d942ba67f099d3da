/**
 * Trains a model on each invented chat export, as a support team would, and prints one line each: `npm run
 * exports [-- --conversations 150]`. The exit code is 0 if all are right.
 */
import { parseArgs } from 'node:util';
import { inventedExports } from '@overture/dialogue/testing';
import { exportCase } from './checks/export-case.ts';
import { runCases } from './run-cases.ts';

const { values } = parseArgs({ options: { conversations: { type: 'string', default: '150' } } });
const conversations = Number(values.conversations);
if (!Number.isInteger(conversations) || conversations < 30) {
  console.error(
    `--conversations must be a whole number from 30. Got ${JSON.stringify(values.conversations)} instead.`,
  );
  process.exit(2);
}

await runCases(
  Object.entries(inventedExports).map(([name, make]) => exportCase({ name, make, conversations })),
  process.cwd(),
);
