import type { z } from 'zod';
import type { ArtifactLike, Dereferenced, Primitive } from './reference.ts';

/** What has a name and takes an input: a stage or a pipeline. */
interface Taking {
  readonly name: string;
  readonly input: z.ZodType;
}

declare const problem: unique symbol;

/** The type of an argument that cannot be wired: no value has it, and the compiler prints its sentence. */
export interface WiringError<Sentence extends string> {
  readonly [problem]: Sentence;
}

/** The type that `run(stage, given)` asks of its second argument: `given` itself, or a sentence where it is wrong. */
export type Wired<Stage extends Taking, Given> = [MissingKeys<Stage, Given>] extends [never]
  ? { readonly [K in keyof Given]: WiredField<Stage, K, Given[K]> }
  : WiringError<Missing<Stage, MissingKeys<Stage, Given>>>;

/** The type that `run.each(list, …)` asks of its first argument. */
export type Listed<Over> = [Dereferenced<Over>] extends [readonly unknown[]] ? unknown : WiringError<`run.each wants a list, got ${Got<readonly unknown[], Dereferenced<Over>>}`>;

/** The type that a function called `Asker` asks of a reference to a `Want`. */
export type Asked<Asker extends string, Want, Value> = [Exclude<Dereferenced<Value>, null | undefined>] extends [Want] ? unknown : WiringError<`${Asker} wants ${Phrase<Want>}, got ${Word<Exclude<Dereferenced<Value>, null | undefined>>}`>;

type WiredField<Stage extends Taking, K, Value> = K extends keyof Wanted<Stage>
  ? Dereferenced<Value> extends DeepReadonly<Wanted<Stage>[K]>
    ? Value
    : WiringError<`${Stage['name']}.${K & string} wants ${Phrase<Wanted<Stage>[K]>}, got ${Got<Wanted<Stage>[K], Dereferenced<Value>>}`>
  : WiringError<`${Stage['name']} has no input called ${K & string}`>;

type Missing<Stage extends Taking, K extends keyof Wanted<Stage>> = K extends unknown ? `${Stage['name']}.${K & string} is missing: it wants ${Phrase<Wanted<Stage>[K]>}` : never;

type MissingKeys<Stage extends Taking, Given> = Exclude<RequiredKeys<Wanted<Stage>>, keyof Given>;

type Wanted<Stage extends Taking> = z.input<Stage['input']>;

type RequiredKeys<T> = { [K in keyof T]-?: undefined extends T[K] ? never : K }[keyof T];

type DeepReadonly<T> = T extends Primitive ? T : { readonly [K in keyof T]: DeepReadonly<T[K]> };

type Phrase<T> = [Exclude<T, undefined>] extends [infer U]
  ? [U] extends [ArtifactLike]
    ? `an artifact of kind ${U['kind']}`
    : [U] extends [string]
      ? string extends U
        ? 'text'
        : 'a word from its list'
      : [U] extends [number]
        ? 'a number'
        : [U] extends [boolean]
          ? 'true or false'
          : [U] extends [readonly unknown[]]
            ? 'a list'
            : [U] extends [object]
              ? 'an object'
              : 'a value of another type'
  : never;

type Got<Want, Have> = undefined extends Have
  ? undefined extends Want
    ? GotPresent<Want, Have>
    : 'something that may be missing'
  : GotPresent<Want, Have>;

type GotPresent<Want, Have> = [Exclude<Want, undefined>, Exclude<Have, undefined>] extends [ArtifactLike, infer H extends ArtifactLike] ? H['kind'] : Word<Exclude<Have, undefined>>;

/** Like `Phrase`, but a literal text stands for itself. */
type Word<Have> = [Have] extends [string] ? (string extends Have ? 'text' : `'${Have}'`) : Phrase<Have>;
