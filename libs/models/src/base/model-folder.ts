import { readFile, stat } from 'node:fs/promises';
import { basename, join, resolve } from 'node:path';
import { AppError, type Digest } from '@overture/core';
import { sha256File } from '@overture/downloads';
import { parseNetwork } from '../families.ts';
import { baseModelFiles, baseModelRoles, chatFiles, type BaseModel, type BaseModelFile } from './base-model.ts';

/**
 * A model that lies in a folder of somebody's own: its files are used where they are, and their digests computed.
 * @throws AppError `BASE_MODEL_FOLDER_INVALID` naming every file that is missing, `MODEL_CONFIG_INVALID`, `MODEL_FAMILY_UNKNOWN`
 */
export async function openModelFolder(folder: string, options: { readonly name?: string } = {}): Promise<BaseModel> {
  const files = Object.fromEntries(baseModelRoles.map((role) => [role, resolve(folder, baseModelFiles[role])])) as Record<BaseModelFile, string>;
  const missing: string[] = [];
  for (const role of baseModelRoles) {
    if (!(await isFile(files[role]))) missing.push(baseModelFiles[role]);
  }
  if (missing.length > 0) {
    throw new AppError(
      'BASE_MODEL_FOLDER_INVALID',
      `The folder ${folder} must hold ${Object.values(baseModelFiles).join(', ')}. Missing: ${missing.join(', ')}. Save the model with its fast tokenizer and safe serialization.`,
      { details: { folder, missing } },
    );
  }
  const { family } = parseNetwork(await readFile(files.config, 'utf8'), join(folder, baseModelFiles.config));
  const digests = {} as Record<BaseModelFile, Digest>;
  for (const role of baseModelRoles) digests[role] = `sha256:${await sha256File(files[role])}` as Digest;
  return { name: options.name ?? basename(resolve(folder)), family, files, digests, chat: await chatFilesIn(folder), source: `the folder ${folder}` };
}

/** The files among `chatFiles` that a folder has. */
export async function chatFilesIn(folder: string): Promise<BaseModel['chat']> {
  const found = await Promise.all(
    Object.entries(chatFiles).map(async ([role, name]) => {
      const path = resolve(folder, name);
      return (await isFile(path)) ? [[role, path] as const] : [];
    }),
  );
  return Object.fromEntries(found.flat());
}

async function isFile(path: string): Promise<boolean> {
  return (await stat(path).catch(() => undefined))?.isFile() ?? false;
}
