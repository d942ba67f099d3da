import type { JsonValue } from '@overture/core';
import type { CacheKeyParts } from '@overture/dag';
import type { EarlierExecution } from '@overture/registry';

/** What the key of an earlier execution was made of: what the registry keeps as plain data went in as plain data. */
export function keyPartsOf(execution: EarlierExecution, stage: string): CacheKeyParts {
  const { version, input, environment, fingerprint, controls } = execution;
  return { stage, version, input, environment, fingerprint: (fingerprint ?? undefined) as JsonValue | undefined, controls: (controls ?? undefined) as JsonValue | undefined };
}
