import type { Digest } from '@overture/core';

/** The three files of a pretrained model, by role. */
export const baseModelFiles = {
  config: 'config.json',
  tokenizer: 'tokenizer.json',
  weights: 'model.safetensors',
} as const;

/** Files that define the chat format of models trained for chat. */
export const chatFiles = { config: 'tokenizer_config.json', template: 'chat_template.jinja' } as const;

/** Role of a model file. */
export type BaseModelFile = keyof typeof baseModelFiles;

/** All roles, smallest file first, so that an unreachable source fails early. */
export const baseModelRoles = ['config', 'tokenizer', 'weights'] as const satisfies readonly BaseModelFile[];

/**
 * A pretrained model on the local disk. Its digests are verified for pinned models and computed for the
 * user's own.
 */
export interface BaseModel {
  /** A name from the model table, or the name of the folder or file. */
  readonly name: string;
  /** `model_type` of its config.json. */
  readonly family: string;
  /** Paths. */
  readonly files: Readonly<Record<BaseModelFile, string>>;
  readonly digests: Readonly<Record<BaseModelFile, Digest>>;
  /**
   * Paths of tokenizer_config.json and chat_template.jinja, which define the chat format; absent if there are
   * no such files.
   */
  readonly chat: { readonly config?: string; readonly template?: string };
  /** Where the model came from, as text for the user: "the Hugging Face hub". */
  readonly source: string;
  /** Sentences about anything unusual in the user's own files and how it is handled. */
  readonly notices?: readonly string[];
  /** Why the model cannot be used as a language model; see `ModelInspection`. */
  readonly languageModelProblems?: readonly string[];
}
