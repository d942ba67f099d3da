/** Runs the matrix: `npm run matrix -- [--only TEXT] [--at-once 20] [--json]`. */
import { parseArgs } from 'node:util';
import { checkMatrix } from './check-matrix.ts';

const { values } = parseArgs({
  options: {
    only: { type: 'string' },
    'at-once': { type: 'string', default: '20' },
    json: { type: 'boolean', default: false },
  },
});
const survived = await checkMatrix({
  only: values.only,
  atOnce: Number(values['at-once']),
  json: values.json,
});
process.exit(survived ? 0 : 1);
