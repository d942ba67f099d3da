import { inject } from 'vitest';
import type {} from './global-setup.ts';
import { createTestDatabase } from './test-postgres.ts';

/** The address of a new, empty database on the test run's Postgres; needs `@overture/registry/testing/global-setup`. */
export function emptyDatabase(): Promise<string> {
  return createTestDatabase(inject('testPostgresUrl'));
}
