export type { ExecutionProvider } from './execution-provider.ts';
export { openRuntime, type LoadOptions, type Runtime, type RuntimeOptions } from './runtime.ts';
export type { Session, Tensors } from './session.ts';
