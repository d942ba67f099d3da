import type { RunId } from '@overture/core';
import type { ArmCost } from '@overture/metrics';
import type { Registry } from '@overture/registry';

/** What each arm took, over its folds and seeds, by the registry: of a part that was reused what it took when it ran. What all arms share is not in it. */
export async function armCosts(registry: Pick<Registry, 'costsOfParts'>, run: RunId): Promise<ArmCost[]> {
  const costs = new Map<string, { seconds: number; cpuSeconds?: number; peakBytes?: number; tokens?: number }>();
  for (const { workflowId, seconds, measured } of await registry.costsOfParts(run)) {
    const arm = /\/([A-Za-z]+)\[\d+\]$/.exec(workflowId)?.[1];
    if (arm === undefined) continue;
    const cost = costs.get(arm) ?? { seconds: 0 };
    const { cpuSeconds, peakBytes, tokens } = measured;
    costs.set(arm, {
      seconds: cost.seconds + seconds,
      cpuSeconds: sum(cost.cpuSeconds, cpuSeconds),
      tokens: sum(cost.tokens, tokens),
      peakBytes: peakBytes === undefined ? cost.peakBytes : Math.max(cost.peakBytes ?? 0, peakBytes),
    });
  }
  return [...costs].map(([arm, cost]) => ({ arm, ...cost }));
}

function sum(a: number | undefined, b: number | undefined): number | undefined {
  return a === undefined && b === undefined ? undefined : (a ?? 0) + (b ?? 0);
}
