import { AppError, digestOfJson, type Digest, type JsonValue } from '@overture/core';
import type { StageContract } from './stage-contract.ts';

/**
 * Everything that a stage's output may depend on. The parts are stored separately, so that a report can show
 * which of them changed.
 */
export interface CacheKeyParts {
  /** The application, if several share a registry. Absent: keys without a scope. */
  readonly scope?: string;
  readonly stage: string;
  readonly version: number;
  /** The parsed input: defaults filled in, artifacts by digest. */
  readonly input: unknown;
  /** The facts about the machine and its software that the contract depends on, by name. */
  readonly environment?: Readonly<Record<string, string>>;
  /** Further dependencies that the implementation reports, such as the digest of an external file. */
  readonly fingerprint?: JsonValue;
  /** The control requests that were applied while the stage ran, if they change its output. */
  readonly controls?: JsonValue;
}

/** The digest that identifies a stage execution. An output with an equal key may be reused. */
export function cacheKey({
  scope,
  stage,
  version,
  input,
  environment,
  fingerprint,
  controls,
}: CacheKeyParts): Digest {
  return digestOfJson({
    ...(scope !== undefined && { scope }),
    stage,
    version,
    input,
    fingerprint: fingerprint ?? null,
    ...(environment && { environment }),
    ...(controls !== undefined && { controls }),
  });
}

/**
 * Selects the facts that a contract declares in `environment` from those that the machine provides. Returns
 * undefined if it declares none.
 * @throws AppError `STAGE_ENVIRONMENT` if the machine does not provide one of them.
 */
export function declaredEnvironment(
  { name, environment }: Pick<StageContract, 'name' | 'environment'>,
  facts: Readonly<Record<string, string>>,
): Readonly<Record<string, string>> | undefined {
  if (environment === undefined || environment.length === 0) return undefined;
  const unknown = environment.filter((fact) => facts[fact] === undefined);
  if (unknown.length > 0) {
    throw new AppError(
      'STAGE_ENVIRONMENT',
      `Stage ${name} depends on ${unknown.join(', ')}, which this worker must know. It knows ${Object.keys(facts).join(', ') || 'nothing of its environment'}: add it to the worker's environment facts.`,
    );
  }
  return Object.fromEntries(environment.toSorted().map((fact) => [fact, facts[fact] as string]));
}
