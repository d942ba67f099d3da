import { projectTests } from '../../tools/test/vitest.ts';

export default projectTests(import.meta.dirname);
