import { projectTests } from '../test/vitest.ts';

export default projectTests(import.meta.dirname, { testTimeout: 120_000, hookTimeout: 60_000 });
