import type { ArtifactStore } from '@overture/artifacts';
import { createTinyBase, createTinyLanguageModel, fetchBase } from '@overture/contracts';
import type { ArtifactRef } from '@overture/protocol';
import { sha256File } from '@overture/downloads';
import {
  createTinyBase as makeTinyBase,
  createTinyLanguageModel as makeTinyLanguageModel,
  openWeights,
  parseNetwork,
  resolveBaseModel,
  weightChunks,
  type BaseModel,
} from '@overture/models';
import { loadTokenizer } from '@overture/tokenization';
import { createReadStream } from 'node:fs';
import { copyFile, mkdir, readFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import type { z } from 'zod';
import type { ComputeContext } from '../compute/compute-messages.ts';
import { inChild } from '../compute/in-child.ts';
import { checkTrainable, type TrainableBase } from '../check-trainable.ts';
import { corpusConversations } from '../corpus-artifact.ts';
import { implement } from '../implement.ts';

/** Resolves a pretrained model by name from any source that this machine can reach. */
export const fetchBaseStage = implement(
  fetchBase,
  async ({ name, uses = [] }, { artifacts, settings, signal, workDir, heartbeat, logger }) => {
    const base = await resolveBaseModel(name, {
      ...settings.baseModels,
      signal,
      onProgress: (progress) =>
        heartbeat({ message: `fetching ${name}`, done: progress.received, total: progress.total }),
      onFailure: (failure) =>
        logger.warn({ base: name, ...failure }, 'A source does not have the base model.'),
    });
    for (const notice of base.notices ?? []) logger.warn({ base: name }, notice);
    checkTrainable({ name, ...(await readBase(base)) }, uses);
    return storedWithChat(artifacts, base, workDir);
  },
  {
    // A local model is named by its folder, whose files may change. A name in the model table identifies
    // fixed bytes.
    async fingerprint({ name }, { settings, signal }) {
      if (!isFolder(name)) return null;
      const { digests, chat } = await resolveBaseModel(name, { ...settings.baseModels, signal });
      const chatDigests = await Promise.all(
        Object.entries(chat).map(async ([role, path]) => [`chat.${role}`, await sha256File(path)] as const),
      );
      return { ...digests, ...Object.fromEntries(chatDigests) };
    },
  },
);

/** Creates a small model from the corpus: a tokenizer and random weights. */
export async function makeTinyEncoder(
  { corpus, seed }: z.output<typeof createTinyBase.input>,
  { artifacts, workDir, signal }: ComputeContext,
): Promise<z.output<typeof createTinyBase.output>> {
  const base = await makeTinyBase({
    texts: texts(artifacts, corpus),
    to: join(workDir, 'tiny'),
    seed,
    signal,
    ...tinyShape,
  });
  return stored(artifacts, base);
}

/** `makeTinyEncoder` in a child process. */
export const createTinyBaseStage = implement(
  createTinyBase,
  inChild(import.meta.url, makeTinyEncoder, { stage: createTinyBase.name }),
);

/** Creates a small Llama with a chat format from the corpus. */
export async function makeTinyChatModel(
  { corpus, seed }: z.output<typeof createTinyLanguageModel.input>,
  { artifacts, workDir, signal }: ComputeContext,
): Promise<z.output<typeof createTinyLanguageModel.output>> {
  const base = await makeTinyLanguageModel({
    texts: texts(artifacts, corpus),
    to: join(workDir, 'tiny'),
    seed,
    signal,
  });
  return storedWithChat(artifacts, base, workDir);
}

/** `makeTinyChatModel` in a child process. */
export const createTinyLanguageModelStage = implement(
  createTinyLanguageModel,
  inChild(import.meta.url, makeTinyChatModel, { stage: createTinyLanguageModel.name }),
);

/**
 * One layer with one head and half the usual feed-forward width. Two layers with four heads reach the same
 * macro-F1 and AUC within 0.003 on 1,000 invented conversations, where the linear probe learns most of it.
 * They take 2.7 times the processor time.
 */
const tinyShape = { layers: 1, heads: 1, intermediateSize: 128 } as const;

function isFolder(name: string): boolean {
  return /[/\\]/.test(name);
}

/** Reads the network, after opening its tokenizer exactly as later stages do. */
async function readBase({
  files,
  languageModelProblems,
}: BaseModel): Promise<Pick<TrainableBase, 'network' | 'languageModelProblems'>> {
  loadTokenizer(await readFile(files.tokenizer), { where: files.tokenizer });
  return { network: parseNetwork(await readFile(files.config, 'utf8'), files.config), languageModelProblems };
}

/** Sharded weights are stored as one file, because later stages read one file. */
async function storedWeights(artifacts: ArtifactStore, path: string): Promise<ArtifactRef<'weights'>> {
  await using source = await openWeights(path);
  // awaited here: the files are closed on return
  return await artifacts.put(
    'weights',
    source.files.length === 1 ? createReadStream(source.files[0]!) : weightChunks(source),
  );
}

async function stored(
  artifacts: ArtifactStore,
  { name, files }: BaseModel,
): Promise<{
  weights: ArtifactRef<'weights'>;
  tokenizer: ArtifactRef<'tokenizer'>;
  config: ArtifactRef<'model-config'>;
  name: string;
}> {
  return {
    weights: await storedWeights(artifacts, files.weights),
    tokenizer: await artifacts.put('tokenizer', createReadStream(files.tokenizer)),
    config: await artifacts.put('model-config', createReadStream(files.config)),
    name,
  };
}

/** Stores the base model, and its chat format as a folder if the model has one. */
async function storedWithChat(
  artifacts: ArtifactStore,
  base: BaseModel,
  workDir: string,
): Promise<Awaited<ReturnType<typeof stored>> & { chat?: ArtifactRef<'chat-format'> }> {
  const paths = Object.values(base.chat);
  if (paths.length === 0) return stored(artifacts, base);
  const folder = join(workDir, 'chat');
  await mkdir(folder);
  for (const path of paths) await copyFile(path, join(folder, basename(path)));
  return { ...(await stored(artifacts, base)), chat: await artifacts.putTree('chat-format', folder) };
}

/** The texts of the training split only. */
async function* texts(artifacts: ArtifactStore, corpus: ArtifactRef<'corpus'>): AsyncGenerator<string> {
  for await (const { split, utterances } of corpusConversations(artifacts, corpus)) {
    if (split === 'train') for (const { text } of utterances) yield text;
  }
}
