import type { JsonValue } from '@overture/core';
import type { CacheKeyParts } from '@overture/dag';
import type { EarlierExecution } from '@overture/registry';

/** Restores the cache-key parts of an earlier execution from the registry. */
export function keyPartsOf(execution: EarlierExecution, stage: string): CacheKeyParts {
  const { version, input, environment, fingerprint, controls } = execution;
  return {
    stage,
    version,
    input,
    environment,
    fingerprint: (fingerprint ?? undefined) as JsonValue | undefined,
    controls: (controls ?? undefined) as JsonValue | undefined,
  };
}
