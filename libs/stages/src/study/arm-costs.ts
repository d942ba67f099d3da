import { embedTurns, fineTune, fineTuneAnswers, predictFold, promptFold } from '@overture/contracts';
import type { RunId } from '@overture/core';
import type { ArmCost } from '@overture/metrics';
import type { PartCost, Registry } from '@overture/registry';

/** The stages that go through a network; beside them nothing counts. */
const measuring: readonly string[] = [embedTurns, fineTune, fineTuneAnswers, predictFold, promptFold].map(({ name }) => name);

/**
 * What each arm took, over its folds and seeds, by the registry: of a part that was reused what it took when it ran. What all arms share is not in
 * it. A number that some part did not measure is left out, for a sum without it would pass for the whole.
 */
export async function armCosts(registry: Pick<Registry, 'costsOfParts'>, run: RunId, arms: readonly string[]): Promise<ArmCost[]> {
  const byArm = Map.groupBy(await registry.costsOfParts(run), ({ workflowId }) => /\/([A-Za-z]+)\[\d+\]$/.exec(workflowId)?.[1]);
  return arms.flatMap((arm) => {
    const parts = byArm.get(arm);
    if (parts === undefined) return [];
    const measured = parts.filter(({ stage }) => measuring.includes(stage));
    const [cpuSeconds, tokens, peakBytes] = (['cpuSeconds', 'tokens', 'peakBytes'] as const).map((name) => valuesOf(measured, name)) as [number[] | undefined, number[] | undefined, number[] | undefined];
    return [{ arm, seconds: sum(parts.map(({ seconds }) => seconds)), cpuSeconds: cpuSeconds && sum(cpuSeconds), tokens: tokens && sum(tokens), peakBytes: peakBytes && Math.max(...peakBytes) }];
  });
}

/** Undefined where nobody measured it, or not everybody. */
function valuesOf(parts: readonly PartCost[], name: string): number[] | undefined {
  const values = parts.flatMap(({ measured }) => measured[name] ?? []);
  return parts.length === 0 || values.length < parts.length ? undefined : values;
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
