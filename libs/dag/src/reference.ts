import { AppError } from '@overture/core';
import { references, type Binding } from './plan.ts';

const target: unique symbol = Symbol('overture.reference');

/** Where a value will come from. The type exists for the compiler only. */
export interface ReferenceTarget<T> {
  readonly binding: Binding;
  readonly type?: T;
}

/**
 * A reference to a value of type `T` that a stage will return. It can be wired, but not used as a value: the call signature, which nobody can call, makes
 * the compiler refuse it as a condition, which would always hold.
 */
export interface Ref<T> {
  readonly [target]: ReferenceTarget<T>;
  (notAValue: never): never;
}

/** A reference has a call signature, but no members of a function. */
interface NoMember {
  readonly [noMember]: never;
}
declare const noMember: unique symbol;

/** A reference whose members are `Known`. */
type Masked<T, Known = never> = Ref<T> & { readonly [K in Exclude<'name' | 'length' | 'arguments' | 'caller' | 'prototype' | 'apply' | 'bind' | 'call' | 'toString', Known>]: NoMember };

/** Anything with a kind and a digest points to content elsewhere; it is wired as a whole. */
export interface ArtifactLike {
  readonly kind: string;
  readonly digest: string;
}

export type Primitive = string | number | boolean | bigint | null | undefined;

type Whole = Primitive | ArtifactLike | readonly unknown[];

/**
 * What `run` returns: a reference to the whole output that also has one for each field. `Absent` is `undefined` where
 * the stage may be left out.
 */
export type Reference<T, Absent = never> = [T] extends [Whole]
  ? Masked<T | Absent>
  : [T] extends [object]
    ? Masked<T | Absent, keyof T> & { readonly [K in keyof T]-?: Reference<T[K], Absent> }
    : Masked<T | Absent>;

/** What `run.each` returns: a reference to the list of all outputs that also has, for each field, one to the list of its values. */
export type ListReference<T, Absent = never> = [T] extends [Whole]
  ? Masked<T[] | Absent>
  : [T] extends [object]
    ? Masked<T[] | Absent, keyof T> & { readonly [K in keyof T]-?: ListReference<T[K], Absent> }
    : Masked<T[] | Absent>;

/** The value that a wired argument will have: references replaced by what they stand for. */
export type Dereferenced<G> =
  G extends Ref<infer T> ? T : G extends Primitive ? G : G extends readonly unknown[] | object ? { readonly [K in keyof G]: Dereferenced<G[K]> } : G;

/** A reference to what a binding stands for; its members lead as deep as anybody asks, and the compiler knows which there are. */
export function referenceTo(binding: Binding): Ref<unknown> {
  // The compiler refuses calls; at run time there is nothing to call.
  return new Proxy({ [target]: { binding } } as Ref<unknown>, {
    get(self, key) {
      if (key === target) return self[target];
      if (key === Symbol.toPrimitive) throw usedAsValue(binding);
      return typeof key === 'symbol' ? undefined : referenceTo(memberOf(binding, key));
    },
  });
}

/** The binding that a reference stands for, or undefined for any other value. */
export function targetOf(value: unknown): Binding | undefined {
  return typeof value === 'object' && value !== null && target in value ? (value as Ref<unknown>)[target].binding : undefined;
}

/** For template literals, arithmetic and comparisons, which need the value while the plan is made. */
function usedAsValue(binding: Binding): AppError {
  const where = references(binding).map(({ node, path }) => [node, ...path].join('.'))[0];
  return new AppError('REFERENCE_USED', `${where ?? 'A reference'} is used as a value, but the plan is made before any stage runs: it has no value yet. Pass it to a stage, or decide with { when: isTrue(…) }, atLeast(…) or run.gate(…).`);
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
