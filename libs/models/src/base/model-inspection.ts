import type { AppError } from '@overture/core';
import type { Network } from '../network.ts';
import type { TensorMatch } from '../weights/match-tensors.ts';
import type { WeightSource } from '../weights/weight-source.ts';
import type { BaseModel } from './base-model.ts';
import type { PadToken } from './pad-token.ts';

/**
 * Description of a model folder or GGUF file: everything that can be determined without reading its weights.
 */
export interface ModelInspection {
  readonly path: string;
  readonly name: string;
  readonly kind: 'folder' | 'gguf';
  /** Absent without a valid config. */
  readonly network?: Network;
  readonly weights?: InspectedWeights;
  readonly tokenizer?: InspectedTokenizer;
  /**
   * Why the model cannot be used as a language model. Empty: it can. Undefined: its family has no language
   * models, or the weights were not inspected.
   */
  readonly languageModelProblems?: readonly string[];
  /** Sentences about anything unusual and how it is handled. */
  readonly notices: readonly string[];
  /** Why the model cannot be used. */
  readonly problems: readonly AppError[];
  /** The files as they are read later: paths, or contents of files that had to be completed. */
  readonly sources: ModelSources;
}

/** The weights of an inspected model. */
export interface InspectedWeights extends Pick<TensorMatch, 'dropped' | 'tied' | 'renamed' | 'prefix'> {
  /** The file to open. */
  readonly path: string;
  readonly files: readonly string[];
  readonly format: WeightSource['format'];
  /** Total size of all files. */
  readonly bytes: number;
  /** Element types of the tensors that are used: `F32`, `BF16`, `Q4_K`. */
  readonly encodings: readonly string[];
  /** Number of elements of the network without a head. */
  readonly parameters: number;
  /** Parameters that the files lack, except a head that training initializes. */
  readonly problems: readonly string[];
}

/** The tokenizer of an inspected model. */
export interface InspectedTokenizer {
  /** Files from which it was read or converted. */
  readonly files: readonly string[];
  /** The highest token id plus 1. */
  readonly vocabSize: number;
  readonly pad?: PadToken;
}

/** A file, as its path or its content. */
export type ModelFileSource = { readonly path: string } | { readonly content: string };

/** The small files of a model, as they are read later. */
export interface ModelSources {
  readonly config?: ModelFileSource;
  readonly tokenizer?: ModelFileSource;
  readonly chat: Readonly<Partial<Record<keyof BaseModel['chat'], ModelFileSource>>>;
}

/** What a folder or GGUF file contains besides its weights. */
export interface ReadModel extends Pick<
  ModelInspection,
  'network' | 'tokenizer' | 'notices' | 'problems' | 'sources'
> {
  /** The weights file to open. */
  readonly weightsPath?: string;
}
