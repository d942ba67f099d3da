import type { ArtifactStore } from '@overture/artifacts';
import type { promptFold } from '@overture/contracts';
import { openChatTokenizer, type ChatTokenizer } from '@overture/inference';
import { baseModelFiles, openModel, type BaseModel } from '@overture/models';
import type { ChatFormat } from '@overture/tokenization';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { z } from 'zod';

/** The artifacts of a language model. */
export type LanguageModelRefs = z.output<typeof promptFold.input>['model'];

/** A language model's files in a folder, with its tokenizer and chat format. */
export interface LanguageModelFolder extends Omit<ChatTokenizer, 'chat'> {
  readonly base: BaseModel;
  readonly chat: ChatFormat;
}

/**
 * Writes the files of a language model to a folder and opens its tokenizer and chat format.
 * @throws AppError `CHAT_TEMPLATE_MISSING`, `CHAT_TEMPLATE_INVALID`, `LANGUAGE_MODEL_UNFIT`,
 * `MODEL_CONFIG_INVALID`, `TOKENIZER_INVALID`
 */
export async function languageModelFolder(
  artifacts: ArtifactStore,
  { chat, name, ...refs }: LanguageModelRefs,
  folder: string,
): Promise<LanguageModelFolder> {
  if (chat === undefined) await mkdir(folder);
  else await artifacts.materialize(chat, folder); // needs an empty folder
  for (const role of ['config', 'tokenizer', 'weights'] as const)
    await artifacts.materialize(refs[role], join(folder, baseModelFiles[role]));
  const base = await openModel(folder, { name });
  const texts = await openChatTokenizer(base);
  return { ...texts, base, chat: texts.chat() };
}
