export { emptyDatabase } from './empty-database.ts';
export { createTestDatabase, startTestPostgres, type TestPostgres } from './test-postgres.ts';
