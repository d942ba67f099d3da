import type { Binding } from './plan.ts';

const target: unique symbol = Symbol('overture.reference');

/** Where a value will come from. The type exists for the compiler only. */
export interface ReferenceTarget<T> {
  readonly binding: Binding;
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

type Whole = Primitive | ArtifactLike | readonly unknown[];

/**
 * What `run` gives back: a reference to the whole output that also has one for each field. `Absent` is `undefined` where
 * the stage may be left out.
 */
export type Reference<T, Absent = never> = [T] extends [Whole]
  ? Ref<T | Absent>
  : [T] extends [object]
    ? Ref<T | Absent> & { readonly [K in keyof T]-?: Reference<T[K], Absent> }
    : Ref<T | Absent>;

/** What `run.each` gives back: a reference to the list of all outputs that also has, for each field, one to the list of its values. */
export type ListReference<T, Absent = never> = [T] extends [Whole]
  ? Ref<T[] | Absent>
  : [T] extends [object]
    ? Ref<T[] | Absent> & { readonly [K in keyof T]-?: ListReference<T[K], Absent> }
    : Ref<T[] | Absent>;

/** The value that a wired argument will have: references replaced by what they stand for. */
export type Dereferenced<G> =
  G extends Ref<infer T> ? T : G extends Primitive ? G : G extends readonly unknown[] | object ? { readonly [K in keyof G]: Dereferenced<G[K]> } : G;

/** A reference to what a binding stands for; its members lead as deep as anybody asks, and the compiler knows which there are. */
export function referenceTo(binding: Binding): Ref<unknown> {
  return new Proxy<Ref<unknown>>({ [target]: { binding } }, {
    get: (self, key) => (key === target ? self[target] : typeof key === 'symbol' ? undefined : referenceTo(memberOf(binding, key))),
  });
}

/** The binding that a reference stands for, or undefined for any other value. */
export function targetOf(value: unknown): Binding | undefined {
  return typeof value === 'object' && value !== null && target in value ? (value as Ref<unknown>)[target].binding : undefined;
}

function memberOf(binding: Binding, key: string): Binding {
  switch (binding.kind) {
    case 'ref':
      return { ...binding, path: [...binding.path, key] };
    case 'first':
      return { kind: 'first', of: binding.of.map((one) => memberOf(one, key)) };
    default:
      return binding;
  }
}
