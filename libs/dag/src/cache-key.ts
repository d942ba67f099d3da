import { AppError, digestOfJson, type Digest, type JsonValue } from '@overture/core';
import type { StageContract } from './stage-contract.ts';

/** All that a stage's output may depend on. Kept as parts, so that a reader can be told which of them changed. */
export interface CacheKeyParts {
  readonly stage: string;
  readonly version: number;
  /** The parsed input: defaults filled in, artifacts by digest. */
  readonly input: unknown;
  /** What the contract declares to matter of the machine and its programs, by name. */
  readonly environment?: Readonly<Record<string, string>>;
  /** What the implementation adds: the digest of an outside file, say. */
  readonly fingerprint?: JsonValue;
  /** What people asked of it while it was at work, where that changes what it gives. */
  readonly controls?: JsonValue;
}

/** The identity of a stage's work: equal keys mean that an earlier output may be used again. */
export function cacheKey({ stage, version, input, environment, fingerprint, controls }: CacheKeyParts): Digest {
  return digestOfJson({ stage, version, input, fingerprint: fingerprint ?? null, ...(environment && { environment }), ...(controls !== undefined && { controls }) });
}

/**
 * The facts that a contract declares to matter, out of those that a machine knows; undefined when it declares none.
 * @throws AppError `STAGE_ENVIRONMENT` when the machine does not know one.
 */
export function declaredEnvironment({ name, environment }: Pick<StageContract, 'name' | 'environment'>, facts: Readonly<Record<string, string>>): Readonly<Record<string, string>> | undefined {
  if (environment === undefined || environment.length === 0) return undefined;
  const unknown = environment.filter((fact) => facts[fact] === undefined);
  if (unknown.length > 0) {
    throw new AppError('STAGE_ENVIRONMENT', `Stage ${name} depends on ${unknown.join(', ')}, which this worker must know. It knows ${Object.keys(facts).join(', ') || 'nothing of its environment'}: add it to the worker's environment facts.`);
  }
  return Object.fromEntries(environment.toSorted().map((fact) => [fact, facts[fact] as string]));
}
