import type { ArtifactRef } from '@overture/protocol';
import { digestOf, type RunId } from '@overture/core';
import type { StageExecution } from '../registry.ts';

/** A reference to content that is not stored; the registry stores only references. */
export function sampleRef<K extends string>(kind: K, content: string): ArtifactRef<K> {
  return { kind, digest: digestOf(content), bytes: content.length };
}

/** A successful execution of `tokenize`, with optional changes. */
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
