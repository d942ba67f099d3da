import { inject } from 'vitest';
import type {} from './global-setup.ts';
import { createTestDatabase } from './test-postgres.ts';

/**
 * Creates an empty database on the test run's Postgres and returns its address. Requires
 * `@overture/registry/testing/global-setup`.
 */
export function emptyDatabase(): Promise<string> {
  return createTestDatabase(inject('testPostgresUrl'));
}
