export { AppError, assertNever, toAppError, type AppErrorOptions, type JsonValue } from './app-error.ts';
export { boundedError, boundedJson, errorLimits } from './bounded-error.ts';
export type { Brand, Digest, RunId } from './brand.ts';
export { canonicalJson } from './canonical-json.ts';
export { counterRandom, philox, shuffled, type CounterRandom } from './counter-random.ts';
export { didYouMean } from './did-you-mean.ts';
export { digestOf, digestOfJson, isDigest, parseDigest, shortDigest } from './digest.ts';
export { jsonLimitProblem, type JsonLimits } from './json-limits.ts';
export { capList, listNames, quoted, shorten } from './shorten.ts';
