export { run, testServices, type TestServices } from './services.ts';
export { testRegistry, type TestRegistry } from './test-registry.ts';
