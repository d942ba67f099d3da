import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { basename, resolve } from 'node:path';
import type { Digest } from '@overture/core';
import { sha256File } from '@overture/downloads';
import { parseGguf } from '@overture/tensors';
import { parseNetwork } from '../families.ts';
import { ggufConfigJson } from '../gguf/gguf-config.ts';
import { ggufTokenizerJson } from '../gguf/gguf-tokenizer.ts';
import { ggufTokenizerConfigJson } from '../gguf/gguf-tokenizer-config.ts';
import { baseModelFiles, baseModelRoles, chatFiles, type BaseModel, type BaseModelFile } from './base-model.ts';

/** The file name of a pinned GGUF model in its folder. */
export const ggufFile = 'model.gguf';

/**
 * A base model out of one GGUF file, which stays where it is and is the weights; `config.json`, `tokenizer.json` and `tokenizer_config.json` are
 * made of its metadata and written to the folder `derived`. The same file always gives the same bytes.
 * @throws AppError `GGUF_INVALID`, `GGUF_ARCHITECTURE_UNKNOWN`, `GGUF_TOKENIZER_UNKNOWN`, `GGUF_METADATA_INVALID`, `MODEL_CONFIG_INVALID`
 */
export async function openGgufModel(path: string, derived: string, options: { readonly name?: string } = {}): Promise<BaseModel> {
  const weights = resolve(path);
  const gguf = parseGguf(await readFile(weights), weights);
  const config = ggufConfigJson(gguf, weights);
  const { family } = parseNetwork(config, weights);
  const files: Record<BaseModelFile, string> = { config: resolve(derived, baseModelFiles.config), tokenizer: resolve(derived, baseModelFiles.tokenizer), weights };
  await mkdir(derived, { recursive: true });
  await writeWhole(files.config, `${JSON.stringify(config, undefined, 2)}\n`);
  await writeWhole(files.tokenizer, `${JSON.stringify(ggufTokenizerJson(gguf, weights), undefined, 1)}\n`);
  const chat = { config: resolve(derived, chatFiles.config) };
  await writeWhole(chat.config, `${JSON.stringify(ggufTokenizerConfigJson(gguf, weights), undefined, 2)}\n`);
  const digests = {} as Record<BaseModelFile, Digest>;
  for (const role of baseModelRoles) digests[role] = `sha256:${await sha256File(files[role])}` as Digest;
  return { name: options.name ?? basename(weights, '.gguf'), family, files, digests, chat, source: `the file ${path}` };
}

async function writeWhole(path: string, content: string): Promise<void> {
  const draft = `${path}.${process.pid}.draft`;
  try {
    await writeFile(draft, content);
    await rename(draft, path);
  } finally {
    await rm(draft, { force: true });
  }
}
