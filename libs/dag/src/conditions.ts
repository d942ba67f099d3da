import { bindingOf } from './binding-of.ts';
import type { Condition } from './plan.ts';
import { referenceTo, type Dereferenced, type Primitive, type Ref, type Reference } from './reference.ts';
import type { Asked } from './wiring.ts';

/** A condition that is true if a stage's output is `true`. */
export function isTrue<const Value extends Ref<unknown>>(
  value: Value & Asked<'isTrue', boolean, Value>,
): Condition {
  return { kind: 'equals', value: bindingOf(value), to: bindingOf(true) };
}

/** A condition that is true if two values are equal. A skipped output equals nothing. */
export function equals<T extends Primitive>(value: Ref<T>, to: NoInfer<T> | Ref<NoInfer<T>>): Condition {
  return { kind: 'equals', value: bindingOf(value), to: bindingOf(to) };
}

/** A condition that is true if a number is present and at least `least`. */
export function atLeast<const Value extends Ref<unknown>>(
  value: Value & Asked<'atLeast', number, Value>,
  least: number | Ref<number>,
): Condition {
  return { kind: 'atLeast', value: bindingOf(value), least: bindingOf(least) };
}

/** A condition that is true if another is false. */
export function not(condition: Condition): Condition {
  return { kind: 'not', of: condition };
}

/** A condition that is true if all of the given conditions are true. */
export function allOf(...conditions: readonly Condition[]): Condition {
  return { kind: 'all', of: conditions };
}

/** A condition that is true if at least one of the given conditions is true. */
export function anyOf(...conditions: readonly Condition[]): Condition {
  return { kind: 'any', of: conditions };
}

/** Selects the first of several values that is present, for example to join the branches of a condition. */
export function firstOf<const Refs extends readonly [Ref<unknown>, ...Ref<unknown>[]]>(
  ...references: Refs
): Reference<FirstOf<Refs>> {
  // The compiler cannot infer that a member of one of the references is a member of the selected value.
  return referenceTo({ kind: 'first', of: references.map(bindingOf) }) as Reference<FirstOf<Refs>>;
}

/** All but the last may be missing: only a missing last value makes the result undefined. */
type FirstOf<Refs extends readonly unknown[]> = Refs extends readonly [...infer Earlier, infer Last]
  ? Exclude<Dereferenced<Earlier[number]>, undefined> | Dereferenced<Last>
  : never;
