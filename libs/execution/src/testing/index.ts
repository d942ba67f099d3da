export { memoryRegistry } from './memory-registry.ts';
export { run, testServices, type TestServices } from './services.ts';
