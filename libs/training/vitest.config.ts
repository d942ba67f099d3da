import { projectTests } from '../../tools/test/vitest.ts';

export default projectTests(import.meta.dirname, { testTimeout: 120_000 });
