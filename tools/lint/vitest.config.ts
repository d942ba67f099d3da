import { projectTests } from '../test/vitest.ts';

export default projectTests(import.meta.dirname);
