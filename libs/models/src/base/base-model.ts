import type { Digest } from '@overture/core';

/** The three files that make a pretrained model, by what they are. */
export const baseModelFiles = { config: 'config.json', tokenizer: 'tokenizer.json', weights: 'model.safetensors' } as const;

/** What says how a chat is written, for models that were tuned on chats. */
export const chatFiles = { config: 'tokenizer_config.json', template: 'chat_template.jinja' } as const;

export type BaseModelFile = keyof typeof baseModelFiles;

/** All roles, smallest file first: a source that cannot be reached then fails early. */
export const baseModelRoles = ['config', 'tokenizer', 'weights'] as const satisfies readonly BaseModelFile[];

/** A pretrained model on this machine's disk, its bytes verified or, for a person's own model, measured. */
export interface BaseModel {
  /** As it was asked for: a name of the table, or the folder's own name. */
  readonly name: string;
  /** `model_type` of its config.json. */
  readonly family: string;
  /** Paths. */
  readonly files: Readonly<Record<BaseModelFile, string>>;
  readonly digests: Readonly<Record<BaseModelFile, Digest>>;
  /** Paths of what says how the model is asked in chats: tokenizer_config.json and chat_template.jinja, where there are such files. */
  readonly chat: { readonly config?: string; readonly template?: string };
  /** Where it came from, for people: "the Hugging Face hub". */
  readonly source: string;
  /** What is unusual in a person's own files, and what is done about it; sentences. */
  readonly notices?: readonly string[];
  /** Why a person's own model cannot be asked as a language model; see `ModelInspection`. */
  readonly languageModelProblems?: readonly string[];
}
