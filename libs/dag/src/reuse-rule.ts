import { AppError, didYouMean } from '@overture/core';
import { z } from 'zod';
import type { NodeReuse, Plan } from './plan.ts';

/**
 * The rule for reusing earlier outputs, set when a run starts. It is plain data, so that forms and command
 * lines use the same format.
 */
export const reuseRule = z.strictObject({
  /** Whether to reuse outputs of earlier executions. */
  cache: z.boolean().default(true),
  /** Stages that always run. Later stages are still reused if the new outputs equal the earlier ones. */
  force: z.array(z.string().min(1)).default([]),
  /**
   * Take the outputs of everything that `stage` depends on from this run, even if they would differ today.
   * `stage` itself runs again.
   */
  from: z.strictObject({ run: z.string().min(1), stage: z.string().min(1) }).optional(),
});
/** A parsed reuse rule. */
export type ReuseRule = z.output<typeof reuseRule>;

/**
 * Returns the plan with the rule applied to each node.
 * @throws AppError `INPUT_INVALID` if the rule names a stage that is not in the plan.
 */
export function withReuse<Result>(plan: Plan<Result>, { cache, force, from }: ReuseRule): Plan<Result> {
  const ids = new Set(plan.nodes.map(({ id }) => id));
  const named = [
    ...force.map((id, i) => [`reuse.force.${i}`, id] as const),
    ...(from ? [['reuse.from.stage', from.stage] as const] : []),
  ];
  const problems = named.flatMap(([key, id]) =>
    ids.has(id)
      ? []
      : [
          `${key} must be a stage of ${plan.name}: ${[...ids].join(', ')}. Got ${JSON.stringify(id)} instead.${didYouMean(id, ids)}`,
        ],
  );
  if (problems.length > 0)
    throw new AppError('INPUT_INVALID', `The input of ${plan.name} is wrong. ${problems.join(' ')}`, {
      details: { problems },
    });
  if (cache && named.length === 0) return plan;

  const anew = new Set([...force, ...(from ? [from.stage] : [])]);
  const taken = from ? ancestorsOf(plan, from.stage) : new Set<string>();
  const reuseOf = (id: string): NodeReuse | undefined => {
    if (anew.has(id)) return { kind: 'never' };
    if (from && taken.has(id)) return { kind: 'from', run: from.run };
    return cache ? undefined : { kind: 'never' };
  };
  return { ...plan, nodes: plan.nodes.map((node) => ({ ...node, reuse: reuseOf(node.id) })) };
}

/** The nodes that `id` depends on, directly or indirectly. */
function ancestorsOf(plan: Plan, id: string): Set<string> {
  const wanted = new Set([id]);
  // Nodes are in topological order, so one pass from the end finds them all.
  for (const node of plan.nodes.toReversed())
    if (wanted.has(node.id)) for (const needed of node.needs) wanted.add(needed);
  wanted.delete(id);
  return wanted;
}
