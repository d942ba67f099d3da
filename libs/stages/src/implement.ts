import { implementing, type Implement } from '@overture/execution';
import type { ModelRegistry, StageSettings } from './stage-context.ts';

/** Binds a contract to its implementation, which receives the product's settings. */
export const implement: Implement<StageSettings, ModelRegistry> = implementing<
  StageSettings,
  ModelRegistry
>();
