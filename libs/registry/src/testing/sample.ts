import type { ArtifactRef } from '@overture/contracts';
import { digestOf, type RunId } from '@overture/core';
import type { StageExecution } from '../registry.ts';

/** A reference to content nobody stored: the registry keeps references only. */
export function sampleRef<K extends string>(kind: K, content: string): ArtifactRef<K> {
  return { kind, digest: digestOf(content), bytes: content.length };
}

/** An execution of `tokenize` that ran, with what a test wants to be different. */
export function sampleExecution(run: RunId, changes: Partial<StageExecution> = {}): StageExecution {
  return {
    run,
    node: 'tokenize',
    stage: 'tokenize',
    version: 1,
    cacheKey: digestOf('key'),
    input: { corpus: sampleRef('corpus', 'c'), maxLength: 256 },
    durationMs: 12.5,
    outcome: { state: 'ran', outputs: { tokens: sampleRef('tokens', 't'), truncated: 3 } },
    ...changes,
  };
}
