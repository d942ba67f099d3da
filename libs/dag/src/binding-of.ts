import type { JsonValue } from '@overture/core';
import type { Binding } from './plan.ts';
import { targetOf } from './reference.ts';

/**
 * Converts the wiring that a pipeline passes to a stage into a binding. References become edges; everything
 * else becomes literals.
 */
export function bindingOf(value: unknown): Binding {
  const target = targetOf(value);
  if (target !== undefined) return target;
  if (Array.isArray(value)) {
    const items = value.map(bindingOf);
    return items.every(isLiteral)
      ? { kind: 'literal', value: items.map((item) => item.value) }
      : { kind: 'list', items };
  }
  if (typeof value === 'object' && value !== null) {
    const fields = Object.entries(value).flatMap(([key, member]) =>
      member === undefined ? [] : [[key, bindingOf(member)] as const],
    );
    if (!fields.every(([, field]) => isLiteral(field)))
      return { kind: 'object', fields: Object.fromEntries(fields) };
    return {
      kind: 'literal',
      value: Object.fromEntries(fields.map(([key, field]) => [key, isLiteral(field) ? field.value : null])),
    };
  }
  return { kind: 'literal', value: value as JsonValue };
}

function isLiteral(binding: Binding): binding is Extract<Binding, { kind: 'literal' }> {
  return binding.kind === 'literal';
}
