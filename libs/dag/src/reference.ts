import { AppError } from '@overture/core';
import { references, type Binding } from './plan.ts';

const target: unique symbol = Symbol('overture.reference');

/** The source of a future value. The type parameter exists for the compiler only. */
export interface ReferenceTarget<T> {
  readonly binding: Binding;
  readonly type?: T;
}

/**
 * A reference to a value of type `T` that a stage will return. It can be wired but not used as a value. The
 * call signature, which has no valid argument, makes the compiler reject a reference used as a condition: it
 * would always be truthy.
 */
export interface Ref<T> {
  readonly [target]: ReferenceTarget<T>;
  (notAValue: never): never;
}

/** Hides the members of `Function`, which the call signature would add to a reference. */
interface NoMember {
  readonly [noMember]: never;
}
declare const noMember: unique symbol;

/** A reference that hides the members of `Function`, except those in `Known`. */
type Masked<T, Known = never> = Ref<T> & {
  readonly [
    K in Exclude<
      'name' | 'length' | 'arguments' | 'caller' | 'prototype' | 'apply' | 'bind' | 'call' | 'toString',
      Known
    >
  ]: NoMember;
};

/** An object with a kind and a digest. It identifies content stored elsewhere and is wired as a whole. */
export interface ArtifactLike {
  readonly kind: string;
  readonly digest: string;
}

/** A value without members that could be referenced. */
export type Primitive = string | number | boolean | bigint | null | undefined;

type Whole = Primitive | ArtifactLike | readonly unknown[];

/**
 * The result of `run`: a reference to the whole output, with a reference for each field. `Absent` is
 * `undefined` if the node may be skipped.
 */
export type Reference<T, Absent = never> = [T] extends [Whole]
  ? Masked<T | Absent>
  : [T] extends [object]
    ? Masked<T | Absent, keyof T> & { readonly [K in keyof T]-?: Reference<T[K], Absent> }
    : Masked<T | Absent>;

/**
 * The result of `run.each`: a reference to the list of all outputs, with, for each field, a reference to the
 * list of its values.
 */
export type ListReference<T, Absent = never> = [T] extends [Whole]
  ? Masked<T[] | Absent>
  : [T] extends [object]
    ? Masked<T[] | Absent, keyof T> & { readonly [K in keyof T]-?: ListReference<T[K], Absent> }
    : Masked<T[] | Absent>;

/** The type of a wired argument with each reference replaced by the type of its value. */
export type Dereferenced<G> =
  G extends Ref<infer T>
    ? T
    : G extends Primitive
      ? G
      : G extends readonly unknown[] | object
        ? { readonly [K in keyof G]: Dereferenced<G[K]> }
        : G;

/**
 * Creates a reference to the value of a binding. Member access returns a reference to that member at any
 * depth; the types restrict it to members that exist.
 */
export function referenceTo(binding: Binding): Ref<unknown> {
  // The target is not a function: the compiler rejects calls, so none can happen at run time.
  return new Proxy({ [target]: { binding } } as Ref<unknown>, {
    get(self, key) {
      if (key === target) return self[target];
      if (key === Symbol.toPrimitive) throw usedAsValue(binding);
      return typeof key === 'symbol' ? undefined : referenceTo(memberOf(binding, key));
    },
  });
}

/** Returns the binding of a reference, or undefined for any other value. */
export function targetOf(value: unknown): Binding | undefined {
  return typeof value === 'object' && value !== null && target in value
    ? (value as Ref<unknown>)[target].binding
    : undefined;
}

/**
 * The error for template literals, arithmetic and comparisons, which would need the value while the plan is
 * built.
 */
function usedAsValue(binding: Binding): AppError {
  const where = references(binding).map(({ node, path }) => [node, ...path].join('.'))[0];
  return new AppError(
    'REFERENCE_USED',
    `${where ?? 'A reference'} is used as a value, but the plan is made before any stage runs: it has no value yet. Pass it to a stage, or decide with { when: isTrue(…) }, atLeast(…) or run.gate(…).`,
  );
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
