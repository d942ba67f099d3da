import type { ExecutionProvider } from '@overture/runtime';
import type { Precision } from '../precision.ts';
import type { GenerationEnd, Tokens } from './decoder.ts';

/** What a decoder is opened with: plain data, for it may live in another process. */
export interface DecoderSettings {
  /** Paths. */
  readonly config: string;
  readonly weights: string;
  readonly tokenizer: string;
  readonly adapter?: { readonly folder: string; readonly merge: boolean };
  readonly precision: Precision;
  readonly threads: number;
  readonly executionProvider: ExecutionProvider;
  /** What the machine has. */
  readonly memoryBytes: number;
}

/** A beginning that prompts share; computed when it is first asked for. */
export interface SharedTokens {
  readonly id: number;
  readonly tokens: Tokens;
}

export type DecoderRequest =
  | { readonly kind: 'share'; readonly shared: SharedTokens }
  | { readonly kind: 'release'; readonly id: number }
  | { readonly kind: 'score'; readonly shared?: SharedTokens; readonly prompts: readonly Tokens[]; readonly answers: readonly (readonly Tokens[])[] }
  | { readonly kind: 'generate'; readonly shared?: SharedTokens; readonly prompts: readonly Tokens[]; readonly maxTokens: number; readonly endTokens: readonly number[]; readonly stop: readonly string[] }
  | { readonly kind: 'close' };

/** Whatever a request does not ask for is left out. */
export interface DecoderAnswer {
  /** By prompt, answer and token. */
  readonly logProbabilities?: readonly (readonly (readonly number[])[])[];
  readonly continuations?: readonly { readonly tokens: Tokens; readonly ended: GenerationEnd }[];
}
