import { projectTests } from '../tools/test/vitest.ts';

export default projectTests(import.meta.dirname, {
  globalSetup: ['../tools/test/temporal-server.ts', '../tools/test/search-attributes.ts'],
});
