export type { ChildContext, ChildJob } from './child-messages.ts';
export {
  openChildService,
  type ChildService,
  type ChildServiceModule,
  type ChildServiceOptions,
} from './child-service.ts';
export { executionProviders, hasSeparateMemory, type ExecutionProvider } from './execution-provider.ts';
export { inChildProcess, type ChildProcessOptions } from './in-child-process.ts';
export { measureSpeed } from './measure-speed.ts';
export { usageTogether, type ProcessUsage } from './process-usage.ts';
export { openRuntime, type Runtime } from './runtime.ts';
export { type LoadOptions, type RuntimeOptions } from './runtime-options.ts';
export { runtimeVersion } from './runtime-version.ts';
export { openSessionPool, type SessionPool, type SessionPoolOptions } from './session-pool.ts';
export type { Session, Tensors } from './session.ts';
