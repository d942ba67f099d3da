import { jsonLimitProblem, type JsonLimits } from '@overture/core';

/** How large the input of a run and the argument of an Update may be. Temporal takes 2 MB; what is quoted, recorded and sent again has to fit beside it. */
export const inputLimits = {
  run: { bytes: 1_000_000, depth: 64 },
  update: { bytes: 100_000, depth: 64 },
} as const satisfies Record<string, JsonLimits>;

/**
 * Why an input, or an Update's argument, is refused before it is read: it is too large, too deeply nested, or has the key `__proto__`.
 * @param what names it in the sentence, such as "The input of trainInitiativeModel".
 */
export function inputLimitProblem(what: string, value: unknown, limits: JsonLimits): string | undefined {
  const problem = jsonLimitProblem(value, limits);
  return problem === undefined ? undefined : `${what} ${problem}.`;
}
