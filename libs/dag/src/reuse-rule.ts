import { AppError, didYouMean } from '@overture/core';
import { z } from 'zod';
import type { NodeReuse, Plan } from './plan.ts';

/** What a person says about reuse when a run starts: plain data, so that a form and a command line say the same. */
export const reuseRule = z.strictObject({
  /** Whether outputs of earlier executions may be used again. */
  cache: z.boolean().default(true),
  /** Stages that run anew, whatever is known. What follows them is reused if their outputs come out as before. */
  force: z.array(z.string().min(1)).default([]),
  /** Everything that `stage` needs takes the outputs of this run, also where it would come out differently now; `stage` runs anew. */
  from: z.strictObject({ run: z.string().min(1), stage: z.string().min(1) }).optional(),
});
export type ReuseRule = z.output<typeof reuseRule>;

/**
 * The plan with the rule said at each node that it is about.
 * @throws AppError `INPUT_INVALID` when the rule names a stage that the plan does not have.
 */
export function withReuse<Result>(plan: Plan<Result>, { cache, force, from }: ReuseRule): Plan<Result> {
  const ids = new Set(plan.nodes.map(({ id }) => id));
  const named = [...force.map((id, i) => [`reuse.force.${i}`, id] as const), ...(from ? [['reuse.from.stage', from.stage] as const] : [])];
  const problems = named.flatMap(([key, id]) => (ids.has(id) ? [] : [`${key} must be a stage of ${plan.name}: ${[...ids].join(', ')}. Got ${JSON.stringify(id)} instead.${didYouMean(id, ids)}`]));
  if (problems.length > 0) throw new AppError('INPUT_INVALID', `The input of ${plan.name} is wrong. ${problems.join(' ')}`, { details: { problems } });
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

/** The nodes that `id` needs, directly or through others. */
function ancestorsOf(plan: Plan, id: string): Set<string> {
  const wanted = new Set([id]);
  // Givers stand before takers, so that one walk from the end finds them all.
  for (const node of plan.nodes.toReversed()) if (wanted.has(node.id)) for (const needed of node.needs) wanted.add(needed);
  wanted.delete(id);
  return wanted;
}
