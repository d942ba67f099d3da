import type { ArtifactRef } from '@overture/protocol';
import { AppError, canonicalJson } from '@overture/core';
import type { ArtifactStore } from './artifact-store.ts';

/** Stores plain data as canonical JSON, so that equal values have equal digests. */
export function putJson<K extends string>(
  store: ArtifactStore,
  kind: K,
  value: unknown,
): Promise<ArtifactRef<K>> {
  return store.put(kind, new TextEncoder().encode(canonicalJson(value)));
}

/**
 * Reads a JSON artifact and parses it with a schema (a zod schema, or any object with `parse`).
 * @throws AppError `ARTIFACT_NOT_JSON` if the text is not JSON, and the errors of `readBytes` and of the
 * schema.
 */
export async function readJson<T>(
  store: ArtifactStore,
  ref: ArtifactRef,
  schema: { parse(value: unknown): T },
): Promise<T> {
  const text = new TextDecoder().decode(await store.readBytes(ref));
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw new AppError(
      'ARTIFACT_NOT_JSON',
      `Artifact ${ref.digest} of kind ${ref.kind} must be JSON. Got text that does not parse: ${(error as Error).message}. Check which stage made it.`,
      { details: { digest: ref.digest, kind: ref.kind }, cause: error },
    );
  }
  return schema.parse(value);
}
