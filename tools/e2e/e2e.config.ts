import { projectTests } from '../test/vitest.ts';

const root = import.meta.dirname;

export default projectTests(root, {
  include: ['src/**/*.e2e.ts'],
  testTimeout: 1_200_000,
  reporters: ['default', ['json', { outputFile: `${root}/test-results/e2e.json` }]],
});
