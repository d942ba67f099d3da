import { z } from 'zod';

const target: unique symbol = Symbol('overture.reference');

/** Where a value will come from: a node's output, and the path into it. `type` exists for the compiler only. */
export interface ReferenceTarget<T> {
  readonly node: string;
  readonly path: readonly string[];
  readonly type?: T;
}

/** Stands for a value of type `T` that a stage will give. */
export interface Ref<T> {
  readonly [target]: ReferenceTarget<T>;
}

/** Anything with a kind and a digest points to content elsewhere; it is wired as a whole. */
export interface ArtifactLike {
  readonly kind: string;
  readonly digest: string;
}

export type Primitive = string | number | boolean | bigint | null | undefined;

/**
 * What `run` gives back: a reference to the whole output that also has one for each field. `Absent` is `undefined` where
 * the stage may be left out.
 */
export type Reference<T, Absent = never> = [T] extends [Primitive | ArtifactLike | readonly unknown[]]
  ? Ref<T | Absent>
  : [T] extends [object]
    ? Ref<T | Absent> & { readonly [K in keyof T]-?: Reference<T[K], Absent> }
    : Ref<T | Absent>;

/** The value that a wired argument will have: references replaced by what they stand for. */
export type Dereferenced<G> =
  G extends Ref<infer T> ? T : G extends Primitive ? G : G extends readonly unknown[] | object ? { readonly [K in keyof G]: Dereferenced<G[K]> } : G;

/** A reference into `node`, with members for every field that the output's schema names. */
export function referenceTo<Output extends z.ZodObject>(node: string, output: Output): Reference<z.output<Output>> {
  // Built from the schema, which TypeScript cannot relate to the mapped type; reference.test.ts compares the two.
  return build(node, [], output) as Reference<z.output<Output>>;
}

/** The target of a reference, or undefined for any other value. */
export function targetOf(value: unknown): ReferenceTarget<unknown> | undefined {
  return typeof value === 'object' && value !== null && target in value ? (value as Ref<unknown>)[target] : undefined;
}

function build(node: string, path: readonly string[], schema: z.core.$ZodType): Ref<unknown> {
  const reference: Ref<unknown> = { [target]: { node, path } };
  if (schema instanceof z.ZodObject) {
    for (const [key, field] of Object.entries(schema.shape)) Object.defineProperty(reference, key, { enumerable: true, value: build(node, [...path, key], field) });
  }
  return Object.freeze(reference);
}
