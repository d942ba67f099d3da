import { bindingOf } from './binding-of.ts';
import type { Condition } from './plan.ts';
import { referenceTo, type Dereferenced, type Primitive, type Ref, type Reference } from './reference.ts';
import type { Asked } from './wiring.ts';

/** Holds when a stage has given `true`. */
export function isTrue<const Value extends Ref<unknown>>(value: Value & Asked<'isTrue', boolean, Value>): Condition {
  return { kind: 'equals', value: bindingOf(value), to: bindingOf(true) };
}

/** Holds when two values are equal; one that was left out equals nothing. */
export function equals<T extends Primitive>(value: Ref<T>, to: NoInfer<T> | Ref<NoInfer<T>>): Condition {
  return { kind: 'equals', value: bindingOf(value), to: bindingOf(to) };
}

/** Holds when a number is there and not below another. */
export function atLeast<const Value extends Ref<unknown>>(value: Value & Asked<'atLeast', number, Value>, least: number | Ref<number>): Condition {
  return { kind: 'atLeast', value: bindingOf(value), least: bindingOf(least) };
}

export function not(condition: Condition): Condition {
  return { kind: 'not', of: condition };
}

export function allOf(...conditions: readonly Condition[]): Condition {
  return { kind: 'all', of: conditions };
}

export function anyOf(...conditions: readonly Condition[]): Condition {
  return { kind: 'any', of: conditions };
}

/** The first of several values that is there: joins the branches of a condition again. */
export function firstOf<const Refs extends readonly [Ref<unknown>, ...Ref<unknown>[]]>(...references: Refs): Reference<FirstOf<Refs>> {
  // The compiler cannot see that members of the references are members of what they stand for.
  return referenceTo({ kind: 'first', of: references.map(bindingOf) }) as Reference<FirstOf<Refs>>;
}

/** All but the last may be missing without harm. */
type FirstOf<Refs extends readonly unknown[]> = Refs extends readonly [...infer Earlier, infer Last] ? Exclude<Dereferenced<Earlier[number]>, undefined> | Dereferenced<Last> : never;
