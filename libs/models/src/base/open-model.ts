import { createHash } from 'node:crypto';
import { mkdir, rename, rm, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import type { Digest } from '@overture/core';
import { sha256File } from '@overture/downloads';
import { baseModelFiles, chatFiles, type BaseModel, type BaseModelFile } from './base-model.ts';
import { inspectionError, inspectModel } from './inspect-model.ts';
import { type ModelFileSource, type ModelInspection } from './model-inspection.ts';

/** Options of `openModel`. */
export interface OpenModelOptions {
  /** Default: the name of the folder or file. */
  readonly name?: string;
  /**
   * Folder for completed copies of small files, if the model's own files cannot be used unchanged. Default:
   * `overture` in the model folder.
   */
  readonly derived?: string;
}

/**
 * Opens a user's own model folder or GGUF file. The weights are used in place. Small files that other readers
 * would misinterpret (see `inspectModel`) are written to `derived` in a form that all readers accept. The
 * same input always produces the same bytes.
 * @throws AppError for the problems that `inspectModel` reports
 */
export async function openModel(path: string, options: OpenModelOptions = {}): Promise<BaseModel> {
  return openInspected(await inspectModel(path, options), options);
}

/**
 * Same as `openModel`, from a finished inspection.
 * @throws AppError for the problems in the inspection
 */
export async function openInspected(
  inspection: ModelInspection,
  { derived = join(inspection.path, 'overture') }: OpenModelOptions = {},
): Promise<BaseModel> {
  const problem = inspectionError(inspection);
  if (problem !== undefined) throw problem;
  const { sources, weights, network, name, kind, notices, languageModelProblems, path } = inspection;
  const place = async (source: ModelFileSource, file: string): Promise<string> =>
    'path' in source ? source.path : writeWhole(derived, file, source.content);
  const files: Record<BaseModelFile, string> = {
    config: await place(sources.config!, baseModelFiles.config),
    tokenizer: await place(sources.tokenizer!, baseModelFiles.tokenizer),
    weights: weights!.path,
  };
  const chat: { config?: string; template?: string } = {};
  for (const role of ['config', 'template'] as const) {
    const source = sources.chat[role];
    if (source !== undefined) chat[role] = await place(source, chatFiles[role]);
  }
  const digests = {
    config: await fileDigest(files.config),
    tokenizer: await fileDigest(files.tokenizer),
    weights: await weightsDigest(weights!.files),
  };
  return {
    name,
    family: network!.family,
    files,
    digests,
    chat,
    source: `the ${kind === 'gguf' ? 'file' : 'folder'} ${path}`,
    notices,
    languageModelProblems,
  };
}

async function fileDigest(path: string): Promise<Digest> {
  return `sha256:${await sha256File(path)}` as Digest;
}

/** For several files: the digest of their names and digests. */
async function weightsDigest(files: readonly string[]): Promise<Digest> {
  const [only] = files;
  if (files.length === 1) return fileDigest(only!);
  const hash = createHash('sha256');
  for (const file of files) hash.update(`${basename(file)} ${await sha256File(file)}\n`);
  return `sha256:${hash.digest('hex')}` as Digest;
}

async function writeWhole(folder: string, file: string, content: string): Promise<string> {
  const path = join(folder, file);
  const draft = `${path}.${process.pid}.draft`;
  await mkdir(folder, { recursive: true });
  try {
    await writeFile(draft, content);
    await rename(draft, path);
  } finally {
    await rm(draft, { force: true });
  }
  return path;
}
