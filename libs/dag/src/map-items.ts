import { AppError } from '@overture/core';
import { itemOf, type MapNode } from './plan.ts';
import { resolveBinding, type Outputs } from './resolve-binding.ts';

/** The state of a map's items while the map runs. */
export interface MapItems {
  /** The task ids of the items, in list order. */
  readonly ids: readonly string[];
  readonly inputs: readonly unknown[];
  readonly outputs: Map<string, unknown>;
  /** The number of items started so far. */
  started: number;
}

/**
 * Creates a map's items from the resolved list, with an input for each.
 * @throws AppError `PLAN_MAP_LIST` if the value is not a list.
 */
export function mapItems({ id, over, each }: MapNode, outputs: Outputs): MapItems {
  const list = resolveBinding(over, outputs) ?? [];
  if (!Array.isArray(list))
    throw new AppError(
      'PLAN_MAP_LIST',
      `${id} runs for each item of a list. Got ${JSON.stringify(list).slice(0, 80)} instead: what gives it has changed, so raise its version.`,
    );
  const itemName = itemOf(id);
  const inputs = list.map((item: unknown, index) => {
    const own = { item, index };
    return resolveBinding(each.input, {
      has: (node) => node === itemName || outputs.has(node),
      get: (node) => (node === itemName ? own : outputs.get(node)),
    });
  });
  return { ids: list.map((_, i) => `${id}[${i}]`), inputs, outputs: new Map(), started: 0 };
}

/**
 * Returns the outputs of all items in list order.
 * @throws AppError `PLAN_MAP_INCOMPLETE` if one is missing, because a partial list could be mistaken for the
 * full one.
 */
export function collected(id: string, { ids, outputs }: MapItems): unknown[] {
  const missing = ids.filter((item) => outputs.get(item) === undefined);
  if (missing.length > 0 || outputs.size !== ids.length) {
    throw new AppError(
      'PLAN_MAP_INCOMPLETE',
      `${id} must have an output of each of its ${ids.length} items. ${missing.length > 0 ? `Missing: ${missing.slice(0, 10).join(', ')}` : `Got ${outputs.size}`}.`,
    );
  }
  return ids.map((item) => outputs.get(item));
}
