import type { z } from 'zod';

/** Schema types whose values JSON cannot represent, and what to use instead. */
const instead: Readonly<Record<string, string>> = {
  date: 'z.iso.datetime()',
  map: 'z.record()',
  set: 'z.array()',
  bigint: 'z.string()',
  symbol: 'z.string()',
  nan: 'z.number().nullable()',
  undefined: '.optional()',
  void: '.optional()',
  function: 'data',
  promise: 'the value itself',
  file: 'an artifact',
};

/**
 * Finds the parts of a schema whose values JSON cannot represent, since stages exchange everything as JSON,
 * and the parts of an output that would not survive parsing twice. Returns one sentence for each, with its
 * path.
 * @param side whether to check the values before parsing (`input`) or after (`output`)
 */
export function notJson(
  schema: z.core.$ZodType,
  side: 'input' | 'output',
  path: readonly string[] = [],
  seen = new Set<z.core.$ZodType>(),
): string[] {
  if (seen.has(schema)) return [];
  seen.add(schema);
  const { def } = (schema as z.core.$ZodTypes)._zod;
  const inner = (part: z.core.$ZodType, ...at: readonly string[]): string[] =>
    notJson(part, side, [...path, ...at], seen);
  switch (def.type) {
    case 'object':
      return Object.entries(def.shape).flatMap(([key, member]) => inner(member, key));
    case 'array':
      return inner(def.element, '[*]');
    case 'record':
      return inner(def.valueType, '*');
    case 'tuple':
      return [
        ...def.items.flatMap((item, i) => inner(item, String(i))),
        ...(def.rest ? inner(def.rest, '[*]') : []),
      ];
    case 'union':
      return def.options.flatMap((option) => inner(option));
    case 'intersection':
      return [...inner(def.left), ...inner(def.right)];
    case 'optional':
    case 'nullable':
    case 'default':
    case 'prefault':
    case 'nonoptional':
    case 'readonly':
    case 'catch':
      return inner(def.innerType);
    case 'pipe':
      if (side === 'output' && transforms(def))
        return [
          `${path.join('.') || 'it'} transforms its value. An output is validated again wherever it is reused, so change the value in the stage's code.`,
        ];
      return inner(side === 'input' ? def.in : def.out);
    case 'lazy':
      return inner(def.getter());
    default: {
      const better = instead[def.type];
      if (better === undefined || (side === 'input' && 'coerce' in def && def.coerce === true)) return [];
      return [`${path.join('.') || 'it'} is z.${def.type}(), which JSON cannot hold: use ${better}.`];
    }
  }
}

/** Whether a pipe changes its value, so that parsing its own result again may fail. */
function transforms(def: z.core.$ZodPipeDef): boolean {
  return def.transform !== undefined || [def.in, def.out].some((part) => part._zod.def.type === 'transform');
}
