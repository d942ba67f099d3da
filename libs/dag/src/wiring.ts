import type { z } from 'zod';
import type { ArtifactLike, Dereferenced, Primitive, Ref } from './reference.ts';

/** Anything with a name and an input: a stage or a pipeline. */
interface Taking {
  readonly name: string;
  readonly input: z.ZodType;
}

declare const problem: unique symbol;

/**
 * The type of an argument that cannot be wired. No value has this type; the compiler's error shows the
 * sentence.
 */
export interface WiringError<Sentence extends string> {
  readonly [problem]: Sentence;
}

/**
 * The type that `run(stage, given)` requires of its second argument: `given` itself, or a `WiringError` if
 * the wiring is wrong.
 */
export type Wired<Stage extends Taking, Given> = [Given] extends [Ref<infer Whole>]
  ? Fits<Whole, Wanted<Stage>> extends true
    ? unknown
    : WiringError<Mismatch<Stage['name'], Wanted<Stage>, Whole>>
  : [MissingKeys<Wanted<Stage>, Given>] extends [never]
    ? { readonly [K in keyof Given]: WiredField<Stage, K, Given[K]> }
    : WiringError<Missing<Stage['name'], Wanted<Stage>, MissingKeys<Wanted<Stage>, Given>>>;

/** The type that `run.each(list, …)` requires of its first argument. */
export type Listed<Over> = [Dereferenced<Over>] extends [readonly unknown[]]
  ? unknown
  : WiringError<`run.each wants a list, got ${Got<readonly unknown[], Dereferenced<Over>>}`>;

/** The type that a function named `Asker` requires of its argument: a reference to a value of type `Want`. */
export type Asked<Asker extends string, Want, Value> = [
  Exclude<Dereferenced<Value>, null | undefined>,
] extends [Want]
  ? unknown
  : WiringError<`${Asker} wants ${Phrase<Want>}, got ${Word<Exclude<Dereferenced<Value>, null | undefined>>}`>;

type WiredField<Stage extends Taking, K, Value> = K extends keyof Wanted<Stage>
  ? Fits<Dereferenced<Value>, Wanted<Stage>[K]> extends true
    ? Value
    : WiringError<Mismatch<`${Stage['name']}.${K & string}`, Wanted<Stage>[K], Dereferenced<Value>>>
  : WiringError<`${Stage['name']} has no input called ${K & string}`>;

type Wanted<Stage extends Taking> = z.input<Stage['input']>;

type Fits<Have, Want> = [Have] extends [DeepReadonly<Want>] ? true : false;

/** Any JSON value: the type that `z.json()` accepts, with read-only lists and objects allowed. */
type Json = Primitive | readonly Json[] | { readonly [key: string]: Json };

/**
 * Makes a type deeply read-only. The type of `z.json()` is recursive and is replaced, because expanding it
 * would never end.
 */
type DeepReadonly<T> = unknown extends T
  ? T
  : [string | number | boolean | null] extends [T]
    ? [z.core.util.JSONType] extends [T]
      ? Json
      : ReadonlyMembers<T>
    : ReadonlyMembers<T>;

type ReadonlyMembers<T> = T extends Primitive ? T : { readonly [K in keyof T]: DeepReadonly<T[K]> };

/** The keys that are required. A record with arbitrary keys requires none. */
type RequiredKeys<T> = {
  [K in keyof T]-?: string extends K ? never : undefined extends T[K] ? never : K;
}[keyof T];

type MissingKeys<Want, Given> = Exclude<RequiredKeys<Want>, keyof Given>;

type Missing<Path extends string, Want, K extends keyof Want> = K extends unknown
  ? `${Path}.${K & string} is missing: it wants ${Phrase<Want[K]>}`
  : never;

/**
 * The error sentences for the innermost mismatches: for lists and objects, only about the members that do not
 * fit.
 */
type Mismatch<Path extends string, Want, Have> =
  Inner<Exclude<Want, undefined>, Have> extends infer At
    ? [At] extends [never]
      ? Direct<Path, Want, Have>
      : At extends readonly [infer Where extends string, infer W, infer H]
        ? Mismatch<`${Path}${Where}`, W, H>
        : never
    : never;

/**
 * The members that do not fit, each with its path, the required type and the actual type. It tests `Have`
 * first, so that the compiler evaluates it only if that type is known and wrong.
 */
type Inner<Want, Have> = Have extends Primitive | ArtifactLike | NotGiven
  ? never
  : [Want] extends [Primitive | ArtifactLike]
    ? never
    : Have extends readonly (infer HaveItem)[]
      ? Want extends readonly (infer WantItem)[]
        ? ['[*]', WantItem, HaveItem]
        : never
      : [Want] extends [readonly unknown[]]
        ? never
        : {
            [K in keyof Want & string]: K extends keyof Have
              ? Fits<Have[K], Want[K]> extends true
                ? never
                : [`.${K}`, Want[K], Have[K]]
              : undefined extends Want[K]
                ? never
                : [`.${K}`, Want[K], NotGiven];
          }[keyof Want & string];

interface NotGiven {
  readonly [notGiven]: true;
}
declare const notGiven: unique symbol;

type Direct<Path extends string, Want, Have> = [Have] extends [NotGiven]
  ? `${Path} is missing: it wants ${Phrase<Want>}`
  : `${Path} wants ${Phrase<Want>}, got ${Got<Want, Have>}`;

type Phrase<T> = [Exclude<T, undefined>] extends [infer U]
  ? [U] extends [ArtifactLike]
    ? `an artifact of kind ${U['kind']}`
    : [U] extends [string]
      ? string extends U
        ? 'text'
        : `one of ${Choices<U>}`
      : [U] extends [number]
        ? number extends U
          ? 'a number'
          : `one of ${Choices<U>}`
        : [U] extends [boolean]
          ? 'true or false'
          : [U] extends [readonly unknown[]]
            ? 'a list'
            : [U] extends [object]
              ? 'an object'
              : unknown extends U
                ? 'any value'
                : [U] extends [null]
                  ? 'null'
                  : null extends U
                    ? `${Phrase<Exclude<U, null>>} or null`
                    : 'a value of another type'
  : never;

/** The members of a union of literals, in the compiler's order. */
type Choices<U, After extends string = ''> = [LastOf<U>] extends [infer Last extends string | number]
  ? [Exclude<U, Last>] extends [never]
    ? `${Literal<Last>}${After}`
    : Choices<Exclude<U, Last>, `, ${Literal<Last>}${After}`>
  : never;

type Literal<T extends string | number> = T extends string ? `'${T}'` : `${T}`;

type LastOf<U> = Together<U extends unknown ? () => U : never> extends () => infer Last ? Last : never;

type Together<U> = (U extends unknown ? (each: U) => void : never) extends (all: infer All) => void
  ? All
  : never;

type Got<Want, Have> = unknown extends Have
  ? 'any value'
  : undefined extends Have
    ? undefined extends Want
      ? GotPresent<Want, Have>
      : 'something that may be missing'
    : GotPresent<Want, Have>;

type GotPresent<Want, Have> = [Exclude<Want, undefined>, Exclude<Have, undefined>] extends [
  ArtifactLike,
  infer H extends ArtifactLike,
]
  ? H['kind']
  : Word<Exclude<Have, undefined>>;

/** Like `Phrase`, but shows a string literal as itself. */
type Word<Have> = [Have] extends [string] ? (string extends Have ? 'text' : LiteralWord<Have>) : Phrase<Have>;

type LiteralWord<Have extends string> = [Exclude<Have, LastOf<Have>>] extends [never]
  ? `'${Have}'`
  : Phrase<Have>;
