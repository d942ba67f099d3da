import type { Metric } from '@overture/registry';

/** What a stage took. Recorded beside its outputs, which it never changes. */
export interface StageCost {
  readonly cpuSeconds?: number;
  readonly peakBytes?: number;
  /** Real ones, padding not counted. */
  readonly tokens?: number;
}

/** Where the costs of a stage are recorded. */
export function costScope(stage: string): string {
  return `cost:${stage}`;
}

/** As numbers of record; each stage has a scope of its own, for several may belong to one run. */
export function costMetrics(stage: string, cost: StageCost): Metric[] {
  return Object.entries(cost).flatMap(([name, value]) => (value === undefined ? [] : [{ scope: costScope(stage), name, value: value as number }]));
}
