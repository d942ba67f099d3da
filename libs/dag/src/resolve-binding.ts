import { AppError, canonicalJson } from '@overture/core';
import type { Binding, Condition } from './plan.ts';

/** The outputs of nodes by id; `undefined` for a skipped node. */
export type Outputs = Pick<ReadonlyMap<string, unknown>, 'get' | 'has'>;

/**
 * Returns the value of a binding once the nodes it refers to have finished; undefined if it refers to a
 * skipped node. Object fields that are undefined are left out, so that a stage's defaults apply.
 * @throws AppError `PLAN_OUTPUT_MISSING` if a node has no output yet, or its output does not contain the
 * path.
 */
export function resolveBinding(binding: Binding, outputs: Outputs): unknown {
  switch (binding.kind) {
    case 'literal':
      return binding.value;
    case 'ref':
      return follow(binding, outputs);
    case 'list':
      return binding.items.map((item) => resolveBinding(item, outputs));
    case 'object': {
      const fields = Object.entries(binding.fields).map(
        ([key, field]) => [key, resolveBinding(field, outputs)] as const,
      );
      return Object.fromEntries(fields.filter(([, value]) => value !== undefined));
    }
    case 'first':
      return binding.of.reduce<unknown>((found, one) => found ?? resolveBinding(one, outputs), undefined);
  }
}

/**
 * Whether a condition is true, once the nodes it refers to have finished.
 * @throws AppError `PLAN_OUTPUT_MISSING` if a node has no output yet, or its output does not contain the
 * path.
 */
export function holds(condition: Condition, outputs: Outputs): boolean {
  switch (condition.kind) {
    case 'equals': {
      const value = resolveBinding(condition.value, outputs);
      return (
        value !== undefined &&
        canonicalJson(value) === canonicalJson(resolveBinding(condition.to, outputs) ?? null)
      );
    }
    case 'atLeast': {
      const [value, least] = [
        resolveBinding(condition.value, outputs),
        resolveBinding(condition.least, outputs),
      ];
      return typeof value === 'number' && typeof least === 'number' && value >= least;
    }
    case 'not':
      return !holds(condition.of, outputs);
    case 'all':
      return condition.of.every((one) => holds(one, outputs));
    case 'any':
      return condition.of.some((one) => holds(one, outputs));
  }
}

function follow({ node, path }: Extract<Binding, { kind: 'ref' }>, outputs: Outputs): unknown {
  if (!outputs.has(node))
    throw new AppError(
      'PLAN_OUTPUT_MISSING',
      `${[node, ...path].join('.')} is not known yet: ${node} has given no output. This is a bug in the interpreter.`,
    );
  const output = outputs.get(node);
  return output === undefined ? undefined : step(output, path, [node, ...path].join('.'));
}

function step(value: unknown, path: readonly string[], where: string): unknown {
  const [key, ...rest] = path;
  if (key === undefined || value === undefined) return value;
  if (key === '*' && Array.isArray(value)) return value.map((item) => step(item, rest, where));
  if (key === '*' || typeof value !== 'object' || value === null) {
    throw new AppError(
      'PLAN_OUTPUT_MISSING',
      `${where} must lead to a value, but ${key === '*' ? 'no list was given' : `none was given at ${key}`}. Raise the version of the stage if its output has changed.`,
    );
  }
  return step((value as Readonly<Record<string, unknown>>)[key], rest, where);
}
