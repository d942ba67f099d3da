import type { Digest } from '@overture/core';
import { z } from 'zod';

/**
 * A reference to an artifact, which stages exchange instead of its content. `kind` is the type of the content
 * (`corpus`, `tokens`, …). `digest` is the SHA-256 of its bytes; for a tree artifact, of its manifest.
 * `bytes` is the size of the content; for a tree, of all its files.
 */
export interface ArtifactRef<K extends string = string> {
  readonly kind: K;
  readonly digest: Digest;
  readonly bytes: number;
}

/** The schema of a digest: `sha256:` and 64 lower-case hexadecimal digits. */
export const digestSchema = z.string().regex(/^sha256:[0-9a-f]{64}$/, {
  error: 'A digest must be "sha256:" and 64 hexadecimal digits.',
}) as unknown as z.ZodType<Digest, Digest>;

/**
 * Returns the schema of a reference to one kind of artifact, for the inputs and outputs of stages. References
 * of another kind neither compile nor parse.
 */
export function artifact<const K extends string>(kind: K): z.ZodType<ArtifactRef<K>, ArtifactRef<K>> {
  const literal = z.literal(kind, {
    error: (issue) => `Must be an artifact of kind "${kind}". Got ${describeKind(issue.input)} instead.`,
  });
  const schema = z.strictObject({ kind: literal, digest: digestSchema, bytes: z.int().nonnegative() });
  return schema as unknown as z.ZodType<ArtifactRef<K>, ArtifactRef<K>>;
}

function describeKind(kind: unknown): string {
  return typeof kind === 'string' ? `kind "${kind.slice(0, 100)}"` : `a kind of type ${typeof kind}`;
}
