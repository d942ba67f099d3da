import type { ExecutionProvider } from '@overture/runtime';
import type { Precision } from '../precision.ts';
import type { GenerationEnd, Tokens } from './decoder.ts';

/** The settings of a decoder: plain data, because it may run in another process. */
export interface DecoderSettings {
  /** Paths of the files. */
  readonly config: string;
  readonly weights: string;
  readonly tokenizer: string;
  readonly adapter?: { readonly folder: string; readonly merge: boolean };
  readonly precision: Precision;
  readonly threads: number;
  readonly executionProvider: ExecutionProvider;
  /** Memory of the machine in bytes. */
  readonly memoryBytes: number;
}

/** A prefix that prompts share, computed on its first use. */
export interface PrefixTokens {
  readonly id: number;
  readonly tokens: Tokens;
}

/** A request to a decoder. */
export type DecoderRequest =
  | { readonly kind: 'share'; readonly shared: PrefixTokens }
  | { readonly kind: 'release'; readonly id: number }
  | {
      readonly kind: 'score';
      readonly shared?: PrefixTokens;
      readonly prompts: readonly Tokens[];
      readonly answers: readonly (readonly Tokens[])[];
    }
  | {
      readonly kind: 'generate';
      readonly shared?: PrefixTokens;
      readonly prompts: readonly Tokens[];
      readonly maxTokens: number;
      readonly endTokens: readonly number[];
      readonly stop: readonly string[];
    }
  | { readonly kind: 'close' };

/** The response of a decoder. Contains only the members that the request asks for. */
export interface DecoderAnswer {
  /** By prompt, answer and token. */
  readonly logProbabilities?: readonly (readonly (readonly number[])[])[];
  readonly continuations?: readonly { readonly tokens: Tokens; readonly ended: GenerationEnd }[];
}
