import { embedTurns, fineTune, supervisedFineTune, predictFold, promptFold } from '@overture/contracts';
import type { RunId } from '@overture/core';
import type { ArmCost } from '@overture/metrics';
import type { PartCost, Registry } from '@overture/registry';

/** The stages that run a network. The cost of the others is negligible. */
const measuring: readonly string[] = [embedTurns, fineTune, supervisedFineTune, predictFold, promptFold].map(
  ({ name }) => name,
);

/**
 * The cost of each arm over its folds and seeds, from the registry. A reused part counts with its original
 * cost. Work shared by all arms is not included. A number that some part did not measure is left out, because
 * a partial sum would look like the total.
 */
export async function armCosts(
  registry: Pick<Registry, 'costsOfParts'>,
  run: RunId,
  arms: readonly string[],
): Promise<ArmCost[]> {
  const byArm = Map.groupBy(
    await registry.costsOfParts(run),
    ({ workflowId }) => /\/([A-Za-z]+)\[\d+\]$/.exec(workflowId)?.[1],
  );
  return arms.flatMap((arm) => {
    const parts = byArm.get(arm);
    if (parts === undefined) return [];
    const measured = parts.filter(({ stage }) => measuring.includes(stage));
    const [cpuSeconds, tokens, peakBytes] = (['cpuSeconds', 'tokens', 'peakBytes'] as const).map((name) =>
      valuesOf(measured, name),
    ) as [number[] | undefined, number[] | undefined, number[] | undefined];
    return [
      {
        arm,
        seconds: sum(parts.map(({ seconds }) => seconds)),
        cpuSeconds: cpuSeconds && sum(cpuSeconds),
        tokens: tokens && sum(tokens),
        peakBytes: peakBytes && Math.max(...peakBytes),
      },
    ];
  });
}

/** Undefined unless every part measured it. */
function valuesOf(parts: readonly PartCost[], name: string): number[] | undefined {
  const values = parts.flatMap(({ measured }) => measured[name] ?? []);
  return parts.length === 0 || values.length < parts.length ? undefined : values;
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
