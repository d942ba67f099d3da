import type { Metric } from '@overture/registry';

/** The cost of a stage. Recorded beside its outputs, which it never changes. */
export interface StageCost {
  readonly cpuSeconds?: number;
  readonly peakBytes?: number;
  /** Real tokens; padding is not counted. */
  readonly tokens?: number;
}

/** The metric scope for the costs of a stage. */
export function costScope(stage: string): string {
  return `cost:${stage}`;
}

/** Costs as metrics. Each stage has its own scope, because a run may have several. */
export function costMetrics(stage: string, cost: StageCost): Metric[] {
  return Object.entries(cost).flatMap(([name, value]) =>
    value === undefined ? [] : [{ scope: costScope(stage), name, value: value as number }],
  );
}
