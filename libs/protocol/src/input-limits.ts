import { jsonLimitProblem, type JsonLimits } from '@overture/core';

/**
 * Maximum size in bytes and depth of a run's input and of an Update's argument. Temporal's limit is 2 MB,
 * which must also hold quoted, recorded and resent copies.
 */
export const inputLimits = {
  run: { bytes: 1_000_000, depth: 64 },
  update: { bytes: 100_000, depth: 64 },
} as const satisfies Record<string, JsonLimits>;

/**
 * Returns, as a sentence, why an input or an Update's argument is rejected unread: it is too large, too
 * deeply nested, or has the key `__proto__`. Undefined if it is accepted.
 * @param what the subject of the sentence, such as "The input of trainInitiativeModel"
 */
export function inputLimitProblem(what: string, value: unknown, limits: JsonLimits): string | undefined {
  const problem = jsonLimitProblem(value, limits);
  return problem === undefined ? undefined : `${what} ${problem}.`;
}
