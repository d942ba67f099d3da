import { readdir, readFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { AppError } from '@overture/core';
import {
  isGguf,
  openGguf,
  openSafetensors,
  type SafetensorsFile,
  type TensorEntry,
  type TensorFile,
} from '@overture/tensors';
import { ggufTensors } from '../gguf/gguf-weights.ts';
import { parseJsonObject } from '../config-reader.ts';
import { openFileSource } from './file-source.ts';

/** The tensors of a model in one or several files, by Hugging Face name. Each is read on demand. */
export interface WeightSource extends TensorFile, AsyncDisposable {
  readonly format: 'safetensors' | 'gguf';
  /** Paths of the tensor files. */
  readonly files: readonly string[];
  /**
   * Names that the writer left out because the tensor is stored under another name; maps to the stored name.
   */
  readonly aliases: ReadonlyMap<string, string>;
}

/** Name of transformers' index file, which lists the shard of each tensor. */
export const shardIndexFile = 'model.safetensors.index.json';
/** Pattern of a shard's name, with its number and the total. */
export const shardName = /^(.*)-(\d{5})-of-(\d{5})\.safetensors$/;

/**
 * Opens the weights of a model of any size.
 * @param path a safetensors file, one shard of a set, `model.safetensors.index.json`, or a GGUF file, which
 * is recognized by its content
 * @throws AppError `SAFETENSORS_INVALID`, `GGUF_INVALID`, `SHARDS_INVALID`
 */
export async function openWeights(path: string): Promise<WeightSource> {
  const name = basename(path);
  if (name.endsWith('.index.json')) return openShards(await indexedShards(path), path);
  const shard = shardName.exec(name);
  return shard === null ? openOne(path) : openShards(await numberedShards(path, shard), path);
}

async function openOne(path: string): Promise<WeightSource> {
  const source = await openFileSource(path);
  try {
    if (isGguf(await source.read(0, Math.min(4, source.size)))) {
      const file = ggufTensors(await openGguf(source, path), path);
      return {
        ...file,
        format: 'gguf',
        files: [path],
        aliases: new Map(),
        [Symbol.asyncDispose]: () => source[Symbol.asyncDispose](),
      };
    }
    const file = await openSafetensors(source, path);
    return {
      ...file,
      format: 'safetensors',
      files: [path],
      aliases: aliasesOf([file]),
      [Symbol.asyncDispose]: () => source[Symbol.asyncDispose](),
    };
  } catch (error) {
    await source[Symbol.asyncDispose]();
    throw error;
  }
}

/** Tensors to read from each file; undefined: all of them. */
type Shards = ReadonlyMap<string, readonly string[] | undefined>;

async function openShards(shards: Shards, where: string): Promise<WeightSource> {
  const opened = new AsyncDisposableStack();
  try {
    const files: SafetensorsFile[] = [];
    const entries = new Map<string, TensorEntry>();
    const fileOf = new Map<string, SafetensorsFile>();
    const absent: string[] = [];
    for (const [path, names] of shards) {
      const file = await openSafetensors(opened.use(await openFileSource(path)), path);
      files.push(file);
      for (const name of names ?? file.entries.keys()) {
        const entry = file.entries.get(name);
        if (entry === undefined) absent.push(`${name} (${basename(path)})`);
        else {
          entries.set(name, entry);
          fileOf.set(name, file);
        }
      }
    }
    if (absent.length > 0)
      throw shardsInvalid(
        where,
        `${absent.length} tensors are not in the file it names: ${absent.slice(0, 5).join(', ')}`,
      );
    const owned = opened.move();
    return {
      format: 'safetensors',
      files: [...shards.keys()],
      entries,
      aliases: aliasesOf(files),
      read: (name) => fileOf.get(name)!.read(name),
      [Symbol.asyncDispose]: () => owned.disposeAsync(),
    };
  } catch (error) {
    await opened.disposeAsync();
    throw error;
  }
}

async function indexedShards(path: string): Promise<Shards> {
  const { weight_map: map } = parseJsonObject(await readFile(path), path);
  if (typeof map !== 'object' || map === null || Array.isArray(map))
    throw shardsInvalid(path, 'it has no "weight_map"');
  const shards = new Map<string, string[]>();
  for (const [name, file] of Object.entries(map)) {
    // an index may only name files in its own folder
    if (typeof file !== 'string' || file !== basename(file) || file.startsWith('.'))
      throw shardsInvalid(
        path,
        `"weight_map" names ${JSON.stringify(file)?.slice(0, 80)} for ${name}, which is no file of this folder`,
      );
    const at = join(dirname(path), file);
    shards.set(at, [...(shards.get(at) ?? []), name]);
  }
  await assertPresent([...shards.keys()], path);
  return shards;
}

async function numberedShards(path: string, [, stem = '', , total = '']: RegExpExecArray): Promise<Shards> {
  const names = Array.from(
    { length: Number(total) },
    (_, i) => `${stem}-${String(i + 1).padStart(5, '0')}-of-${total}.safetensors`,
  );
  const paths = names.map((name) => join(dirname(path), name));
  await assertPresent(paths, path);
  return new Map(paths.map((each) => [each, undefined]));
}

async function assertPresent(paths: readonly string[], where: string): Promise<void> {
  const present = new Set(await readdir(dirname(where)));
  const missing = paths.map((path) => basename(path)).filter((name) => !present.has(name));
  if (missing.length > 0)
    throw shardsInvalid(
      where,
      `${missing.length} of ${paths.length} files are missing: ${missing.slice(0, 5).join(', ')}`,
    );
}

function shardsInvalid(where: string, problem: string): AppError {
  return new AppError(
    'SHARDS_INVALID',
    `${where} does not lead to all weights: ${problem}. Fetch the model again, with all its files.`,
    {
      details: { where, problem },
    },
  );
}

/**
 * `safetensors.torch.save_model` stores a tensor with several names once and lists the other names in the
 * metadata.
 */
function aliasesOf(files: readonly SafetensorsFile[]): Map<string, string> {
  return new Map(
    files.flatMap(({ metadata, entries }) =>
      Object.entries(metadata).filter(([name, stored]) => !entries.has(name) && entries.has(stored)),
    ),
  );
}
