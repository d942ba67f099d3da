import { projectTests } from '../../tools/test/vitest.ts';

export default projectTests(import.meta.dirname, {
  globalSetup: ['@overture/registry/testing/global-setup'],
});
