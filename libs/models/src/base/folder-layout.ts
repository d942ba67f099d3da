import { readdir, readFile, stat } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { parseJsonObject } from '../config-reader.ts';
import { shardIndexFile, shardName } from '../weights/weight-source.ts';

/** The files of a model folder, as written by one of several libraries. */
export interface FolderLayout {
  /**
   * The folder with config.json; a subfolder in the layouts of sentence-transformers and of the hub's cache.
   */
  readonly root: string;
  /** Paths by file name, for all files in `root` and in the given folder. */
  readonly files: ReadonlyMap<string, string>;
  /** The weights file to open. */
  readonly weights?: string;
  /** Why there are no readable weights, and how to fix it. */
  readonly weightsProblem?: string;
  /** Sentences that explain how the folder was interpreted, where that is not obvious. */
  readonly notices: readonly string[];
}

/**
 * Finds a model's files in the layouts of transformers, sentence-transformers, optimum, the hub's cache, and
 * training checkpoints.
 */
export async function folderLayout(folder: string): Promise<FolderLayout> {
  const notices: string[] = [];
  const root = await modelRoot(resolve(folder), notices);
  const [own, outer] = [await namesIn(root), root === resolve(folder) ? [] : await namesIn(resolve(folder))];
  const files = new Map([
    ...outer.map((name) => [name, join(resolve(folder), name)] as const),
    ...own.map((name) => [name, join(root, name)] as const),
  ]);
  const weights = weightsIn(own, notices);
  if (weights !== undefined && own.includes('adapter_config.json'))
    notices.push(
      'The adapter beside the model (adapter_config.json) is not used: merge it into the model to train on both.',
    );
  const isPointer = weights !== undefined && (await isLfsPointer(join(root, weights)));
  const weightsProblem = isPointer
    ? `${weights} is a pointer of Git LFS, not the weights: run "git lfs pull" in the folder.`
    : weights === undefined
      ? await instead(own, folder)
      : undefined;
  return {
    root,
    files,
    weights: weights === undefined || isPointer ? undefined : join(root, weights),
    weightsProblem,
    notices,
  };
}

async function modelRoot(folder: string, notices: string[]): Promise<string> {
  const names = await namesIn(folder);
  if (names.includes('modules.json')) {
    const modules = Object.values(
      parseJsonObject(wrapped(await readFile(join(folder, 'modules.json'))), join(folder, 'modules.json'))[
        'modules'
      ] ?? [],
    ) as { readonly path?: unknown; readonly type?: unknown }[];
    const transformer = modules.find(({ type }) => typeof type === 'string' && type.endsWith('Transformer'));
    const path = typeof transformer?.path === 'string' ? transformer.path : '';
    if (/^[\w.-]*$/.test(path) && path !== '..') {
      notices.push(...(await poolingNotice(folder, modules)));
      if (path !== '') notices.push(`The network is in ${path}, as sentence-transformers lays it out.`);
      return join(folder, path);
    }
  }
  if (names.includes('config.json') || !names.includes('snapshots')) return folder;
  // the cache of huggingface_hub: refs/main has the snapshot's name
  const snapshots = await namesIn(join(folder, 'snapshots'));
  const main = await readFile(join(folder, 'refs', 'main'), 'utf8').then(
    (text) => text.trim(),
    () => undefined,
  );
  const snapshot =
    snapshots.find((name) => name === main) ?? (snapshots.length === 1 ? snapshots[0] : undefined);
  if (snapshot === undefined) return folder;
  notices.push(`The network is in snapshots/${snapshot}, as the cache of the Hugging Face hub lays it out.`);
  return modelRoot(join(folder, 'snapshots', snapshot), notices);
}

/** Wraps a JSON list in an object. */
function wrapped(bytes: Uint8Array): Uint8Array {
  const text = new TextDecoder().decode(bytes).replace(/^\ufeff/, '');
  return new TextEncoder().encode(text.trimStart().startsWith('[') ? `{"modules":${text}}` : text);
}

async function poolingNotice(
  folder: string,
  modules: readonly { readonly path?: unknown; readonly type?: unknown }[],
): Promise<string[]> {
  const others = modules
    .filter(({ type }) => typeof type === 'string' && !/(Transformer|Pooling)$/.test(type))
    .map(({ type }) => String(type).split('.').at(-1));
  const pooling = modules.find(({ type }) => typeof type === 'string' && type.endsWith('Pooling'));
  const path =
    typeof pooling?.path === 'string' && /^[\w.-]+$/.test(pooling.path)
      ? join(folder, pooling.path, 'config.json')
      : undefined;
  const config =
    path === undefined
      ? {}
      : await readFile(path).then(
          (bytes) => parseJsonObject(bytes, path),
          () => ({}) as Record<string, unknown>,
        );
  const said =
    config['pooling_mode'] ??
    Object.entries(config)
      .find(([key, value]) => key.startsWith('pooling_mode_') && value === true)?.[0]
      .slice('pooling_mode_'.length);
  const asks =
    typeof said === 'string' && !/^mean/.test(said)
      ? [
          `As a sentence-transformers model it pools by ${said}; Overture pools as the setting "pooling" says, by default by the mean.`,
        ]
      : [];
  return [
    ...asks,
    ...(others.length > 0 ? [`Its modules ${others.join(', ')} after the network are not used.`] : []),
  ];
}

function weightsIn(names: readonly string[], notices: string[]): string | undefined {
  const preferred = ['model.safetensors', shardIndexFile].find((name) => names.includes(name));
  if (preferred !== undefined) return preferred;
  if (names.includes('adapter_config.json') && !names.includes('config.json')) return undefined;
  const tensorFiles = names
    .filter((name) => name.endsWith('.safetensors') && !name.startsWith('adapter_'))
    .sort();
  const index = names.find((name) => name.endsWith('.safetensors.index.json'));
  if (index !== undefined) return index;
  const shards = tensorFiles.filter((name) => shardName.test(name));
  const [first] = shards.length > 0 ? shards : tensorFiles.length === 1 ? tensorFiles : [];
  if (first !== undefined)
    notices.push(
      shards.length > 0
        ? `There is no ${shardIndexFile}; the shards are found by their numbers.`
        : `There is no model.safetensors; ${first} is used.`,
    );
  return first;
}

/** Describes weights in other formats and how to convert them, most helpful first. */
async function instead(names: readonly string[], folder: string): Promise<string> {
  const some = (pattern: RegExp): string | undefined => names.find((name) => pattern.test(name));
  const save = `Convert it once, in Python: AutoModel.from_pretrained("${folder}").save_pretrained("${folder}", safe_serialization=True).`;
  const bin = some(/^pytorch_model.*\.bin(\.index\.json)?$/) ?? some(/\.(bin|pt|pth)$/);
  const other = some(/^tf_model\.h5$|\.msgpack$|\.ckpt(\.|$)/);
  const gguf = names.filter((name) => name.endsWith('.gguf')).sort();
  const checkpoints = names
    .filter((name) => /^checkpoint-\d+$/.test(name))
    .sort((a, b) => Number(a.slice(11)) - Number(b.slice(11)));
  if (some(/^adapter_config\.json$/) !== undefined && !names.includes('config.json'))
    return 'The folder holds an adapter, not a model: merge it into its base model (merge_and_unload in PEFT) and save the result.';
  if (some(/^consolidated\.\d+\.pth$/) !== undefined)
    return "The folder holds the weights in the layout of Llama's authors: use the folder in the layout of transformers.";
  if (bin !== undefined)
    return `The weights are only in ${bin}, a pickle file, which Overture does not read because it can run code. ${save}`;
  if (other !== undefined)
    return `The weights are only in ${other}, which is not a PyTorch format: save the model from PyTorch with safe serialization.`;
  if (gguf.length > 0)
    return `The folder holds ${gguf.length === 1 ? 'a GGUF file' : `${gguf.length} GGUF files`}: name the file itself, ${join(folder, gguf[0]!)}.`;
  if (some(/\.onnx$/) !== undefined || names.includes('onnx'))
    return 'The folder holds only an ONNX graph, which cannot be trained further. Use the folder that the graph was exported from.';
  if (checkpoints.length > 0)
    return `The folder holds checkpoints of a training: name one of them, such as ${join(folder, checkpoints.at(-1)!)}.`;
  const inside = names.includes('config.json') ? [] : await foldersWithConfig(folder, names);
  if (inside.length > 0) return `The model is in a folder inside it: name ${join(folder, inside[0]!)}.`;
  return 'There is no model.safetensors. Save the model with safe serialization.';
}

async function foldersWithConfig(folder: string, names: readonly string[]): Promise<string[]> {
  const found = await Promise.all(
    names
      .slice(0, 50)
      .map(async (name) => ((await namesIn(join(folder, name))).includes('config.json') ? [name] : [])),
  );
  return found.flat();
}

async function isLfsPointer(path: string): Promise<boolean> {
  const { size } = await stat(path);
  return size < 1024 && (await readFile(path, 'utf8')).startsWith('version https://git-lfs');
}

async function namesIn(folder: string): Promise<string[]> {
  return readdir(folder).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT' || error.code === 'ENOTDIR') return [];
    throw error;
  });
}
