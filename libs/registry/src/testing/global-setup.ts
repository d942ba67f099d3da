import type { TestProject } from 'vitest/node';
import { startTestPostgres } from './test-postgres.ts';

declare module 'vitest' {
  interface ProvidedContext {
    /** The address of the Postgres that `@overture/registry/testing/global-setup` started. */
    testPostgresUrl: string;
  }
}

/**
 * A vitest `globalSetup` that starts one Postgres for a test run. `emptyDatabase` creates databases on it.
 */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const server = await startTestPostgres();
  project.provide('testPostgresUrl', server.url);
  return () => server.stop();
}
