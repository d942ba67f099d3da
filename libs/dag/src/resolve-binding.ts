import { AppError } from '@overture/core';
import type { Binding } from './plan.ts';

/**
 * The value of a binding, once the nodes that it mentions have given their outputs; undefined where it leads into one
 * that was left out. Fields that turn out `undefined` are left out, so that a stage's defaults apply.
 * @throws AppError `PLAN_OUTPUT_MISSING` when a mentioned node has no output, or its output not that path.
 */
export function resolveBinding(binding: Binding, outputs: ReadonlyMap<string, unknown>): unknown {
  switch (binding.kind) {
    case 'literal':
      return binding.value;
    case 'ref':
      return follow(binding.node, binding.path, outputs);
    case 'list':
      return binding.items.map((item) => resolveBinding(item, outputs));
    case 'object': {
      const fields = Object.entries(binding.fields).map(([key, field]) => [key, resolveBinding(field, outputs)] as const);
      return Object.fromEntries(fields.filter(([, value]) => value !== undefined));
    }
  }
}

function follow(node: string, path: readonly string[], outputs: ReadonlyMap<string, unknown>): unknown {
  if (!outputs.has(node)) throw new AppError('PLAN_OUTPUT_MISSING', `${[node, ...path].join('.')} is not known yet: ${node} has given no output. This is a bug in the interpreter.`);
  let value = outputs.get(node);
  if (value === undefined) return undefined;
  for (const key of path) {
    if (typeof value !== 'object' || value === null) throw new AppError('PLAN_OUTPUT_MISSING', `${[node, ...path].join('.')} must lead to a value, but ${node} gave none at ${key}. Raise the version of the stage if its output has changed.`);
    value = (value as Readonly<Record<string, unknown>>)[key];
  }
  return value;
}
