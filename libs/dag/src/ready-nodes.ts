import type { Plan, PlanNode } from './plan.ts';

/** The nodes that can start now: not started yet, and everything that they need is done. In the plan's order. */
export function readyNodes(plan: Plan, progress: { readonly started: ReadonlySet<string>; readonly done: { has(id: string): boolean } }): PlanNode[] {
  return plan.nodes.filter((node) => !progress.started.has(node.id) && node.needs.every((id) => progress.done.has(id)));
}

/** The nodes that cannot run once `id` has failed: those that need it, directly or through others. */
export function dependentsOf(plan: Plan, id: string): string[] {
  const lost = new Set([id]);
  for (const node of plan.nodes) if (node.needs.some((needed) => lost.has(needed))) lost.add(node.id);
  lost.delete(id);
  return [...lost];
}
