export { runRegistryConformance, type RegistryUnderTest } from './conformance.ts';
export { emptyDatabase } from './empty-database.ts';
export { startTestPooler, type TestPooler } from './test-pooler.ts';
export { createTestDatabase, startTestPostgres, type TestPostgres } from './test-postgres.ts';
