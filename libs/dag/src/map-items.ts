import { AppError } from '@overture/core';
import { itemOf, type MapNode } from './plan.ts';
import { resolveBinding, type Outputs } from './resolve-binding.ts';

/** The items of a map while it runs. */
export interface MapItems {
  /** Task ids of the items, in the list's order. */
  readonly ids: readonly string[];
  readonly inputs: readonly unknown[];
  readonly outputs: Map<string, unknown>;
  /** How many have been started. */
  started: number;
}

/**
 * The items of a map, once its list is known.
 * @throws AppError `PLAN_MAP_LIST` when what was given is no list
 */
export function mapItems({ id, over, each }: MapNode, outputs: Outputs): MapItems {
  const list = resolveBinding(over, outputs) ?? [];
  if (!Array.isArray(list)) throw new AppError('PLAN_MAP_LIST', `${id} runs for each item of a list. Got ${JSON.stringify(list).slice(0, 80)} instead: what gives it has changed, so raise its version.`);
  const itemName = itemOf(id);
  const inputs = list.map((item: unknown, index) => {
    const own = { item, index };
    return resolveBinding(each.input, { has: (node) => node === itemName || outputs.has(node), get: (node) => (node === itemName ? own : outputs.get(node)) });
  });
  return { ids: list.map((_, i) => `${id}[${i}]`), inputs, outputs: new Map(), started: 0 };
}

/**
 * The outputs of all items in the list's order.
 * @throws AppError `PLAN_MAP_INCOMPLETE` when one is missing: a smaller list would pass for the whole.
 */
export function collected(id: string, { ids, outputs }: MapItems): unknown[] {
  const missing = ids.filter((item) => outputs.get(item) === undefined);
  if (missing.length > 0 || outputs.size !== ids.length) {
    throw new AppError('PLAN_MAP_INCOMPLETE', `${id} must have an output of each of its ${ids.length} items. ${missing.length > 0 ? `Missing: ${missing.slice(0, 10).join(', ')}` : `Got ${outputs.size}`}.`);
  }
  return ids.map((item) => outputs.get(item));
}
