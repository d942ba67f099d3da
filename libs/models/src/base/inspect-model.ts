import { stat } from 'node:fs/promises';
import { basename, resolve } from 'node:path';
import { AppError, toAppError, type JsonValue } from '@overture/core';
import { elementCount } from '@overture/tensors';
import type { Network } from '../network.ts';
import { causalLanguageModel, sequenceClassifier } from '../model.ts';
import { assertFits } from '../model-weights.ts';
import { matchTensors, type DroppedTensor, type TensorMatch } from '../weights/match-tensors.ts';
import { openWeights, type WeightSource } from '../weights/weight-source.ts';
import { baseModelFiles, type BaseModel } from './base-model.ts';
import { readFolder } from './read-folder.ts';
import { readGguf } from './read-gguf.ts';
import type { PadToken } from './pad-token.ts';

/** What a model folder or a GGUF file is: everything that can be known without reading its weights. */
export interface ModelInspection {
  readonly path: string;
  readonly name: string;
  readonly kind: 'folder' | 'gguf';
  /** Absent where no config describes one. */
  readonly network?: Network;
  readonly weights?: InspectedWeights;
  readonly tokenizer?: InspectedTokenizer;
  /** Why it cannot be asked as a language model; empty: it can; undefined: its family cannot. */
  readonly languageModelProblems?: readonly string[];
  /** What is unusual, and what is done about it; sentences. */
  readonly notices: readonly string[];
  /** Why it cannot be used. */
  readonly problems: readonly AppError[];
  /** The files as the product reads them: paths, or contents where a file had to be completed. */
  readonly sources: ModelSources;
}

export interface InspectedWeights extends Pick<TensorMatch, 'dropped' | 'tied' | 'renamed' | 'prefix'> {
  /** What to open. */
  readonly path: string;
  readonly files: readonly string[];
  readonly format: WeightSource['format'];
  /** Of all files together. */
  readonly bytes: number;
  /** Element types of the tensors that are used: `F32`, `BF16`, `Q4_K`. */
  readonly encodings: readonly string[];
  /** Elements of the network, without any head. */
  readonly parameters: number;
  /** Parameters that the files lack; a head that is to be trained is none of them. */
  readonly problems: readonly string[];
}

export interface InspectedTokenizer {
  /** Files that it was read from, or made of. */
  readonly files: readonly string[];
  /** One more than the highest id. */
  readonly vocabSize: number;
  readonly pad?: PadToken;
}

/** A file by its path, or what it would contain. */
export type ModelFileSource = { readonly path: string } | { readonly content: string };

export interface ModelSources {
  readonly config?: ModelFileSource;
  readonly tokenizer?: ModelFileSource;
  readonly chat: Readonly<Partial<Record<keyof BaseModel['chat'], ModelFileSource>>>;
}

/** What was read of a folder or a GGUF file before its weights are looked at. */
export interface ReadModel extends Pick<ModelInspection, 'network' | 'tokenizer' | 'notices' | 'problems' | 'sources'> {
  /** What to open. */
  readonly weightsPath?: string;
}

/**
 * Explains a model folder or a GGUF file. Everything that opens a model goes through this, so that what is said here is what happens.
 * What is wrong with the files is reported, not thrown.
 * @throws AppError `BASE_MODEL_FOLDER_INVALID` if there is nothing at the path
 */
export async function inspectModel(path: string, options: { readonly name?: string } = {}): Promise<ModelInspection> {
  const at = resolve(path);
  const kind = await kindOf(at);
  if (kind === undefined)
    throw new AppError(
      'BASE_MODEL_FOLDER_INVALID',
      `The base model ${JSON.stringify(path.slice(0, 200))} must be a folder with ${neededFiles}, or a GGUF file. There is nothing at this path: check it.`,
      { details: { path: path.slice(0, 200) } },
    );
  const name = options.name ?? modelName(at, kind);
  try {
    return await inspectFiles({ path: at, kind, name });
  } catch (error) {
    const { code, path: file = at } = error as NodeJS.ErrnoException;
    if (error instanceof AppError || code === undefined) throw error;
    const problem = new AppError(
      'BASE_MODEL_UNREADABLE',
      `${file} cannot be read (${code}). Give this user the right to read it, or name a folder with readable files.`,
      { details: { path: file, code }, cause: error },
    );
    return { path: at, kind, name, sources: { chat: {} }, notices: [], problems: [problem] };
  }
}

async function inspectFiles({ path: at, kind, name }: Pick<ModelInspection, 'path' | 'kind' | 'name'>): Promise<ModelInspection> {
  const read = kind === 'folder' ? await readFolder(at) : await readGguf(at);
  const { network, tokenizer, weightsPath, sources } = read;
  const problems = [...read.problems];
  const notices = [...read.notices];
  const found = { path: at, kind, name, network, tokenizer, sources } as const;
  if (tokenizer !== undefined && network !== undefined) problems.push(...tokenizerProblems(tokenizer, network, at));
  if (weightsPath === undefined || network === undefined) return { ...found, notices, problems };
  try {
    await using source = await openWeights(weightsPath);
    const weights = await inspectWeights(source, weightsPath, network);
    const languageModelProblems =
      network.head.causal === undefined
        ? undefined
        : matchTensors({ ...source, exact: source.format === 'gguf' }, causalLanguageModel(network)).problems;
    try {
      assertFits(weights, { where: weightsPath });
    } catch (error) {
      problems.push(toAppError(error));
    }
    return { ...found, weights, languageModelProblems, notices: [...notices, ...weightNotices(weights)], problems };
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    return { ...found, notices, problems: [...problems, error] };
  }
}

/** One error for everything that is wrong. */
export function inspectionError({ problems: [first, ...others], path }: ModelInspection): AppError | undefined {
  if (first === undefined || others.length === 0) return first;
  const messages = [first, ...others].map(({ message }) => message);
  return new AppError('BASE_MODEL_FOLDER_INVALID', `The base model ${path} cannot be used: ${messages.join(' ')}`, {
    details: { path, problems: messages as JsonValue },
  });
}

async function inspectWeights(source: WeightSource, path: string, network: Network): Promise<InspectedWeights> {
  const { files, format, entries } = source;
  const match = matchTensors({ ...source, exact: format === 'gguf' }, sequenceClassifier(network, { classes: 2 }));
  const sizes = await Promise.all(files.map(async (file) => (await stat(file)).size));
  return {
    path,
    files,
    format,
    bytes: sizes.reduce((sum, size) => sum + size, 0),
    encodings: [...new Set(Array.from(match.sources.values(), (name) => entries.get(name)!.encoding))].sort(),
    parameters: network.parameters.reduce((sum, { shape }) => sum + elementCount(shape), 0),
    dropped: match.dropped,
    tied: match.tied,
    renamed: match.renamed,
    prefix: match.prefix,
    problems: match.problems,
  };
}

/** Sentences about what a user would not expect; that a pooler or a language-modeling head is not used is no news. */
function weightNotices({ dropped, tied, renamed }: InspectedWeights): string[] {
  return [
    ...unusedTensors(dropped.filter(({ expected }) => !expected)).map((unused) => `Not used: ${unused}.`),
    ...tied.map(({ name, of }) => `${name} is read from ${of}, whose values it shares.`),
    ...(renamed > 0
      ? [`${renamed} tensors have legacy or wrapped names, such as LayerNorm.gamma; they are read under today's names.`]
      : []),
  ];
}

/** Each kind of unused tensor with its names and shapes: `the pooler (pooler.dense.weight [8, 8])`. */
export function unusedTensors(dropped: readonly DroppedTensor[]): string[] {
  const kinds = new Map<string, string[]>();
  for (const { name, shape, what } of dropped) kinds.set(what, [...(kinds.get(what) ?? []), `${name} [${shape.join(', ')}]`]);
  return Array.from(
    kinds,
    ([what, names]) => `${what} (${names.slice(0, 3).join(', ')}${names.length > 3 ? ` and ${names.length - 3} more` : ''})`,
  );
}

function tokenizerProblems({ vocabSize, pad }: InspectedTokenizer, { size }: Network, where: string): AppError[] {
  const problems: AppError[] = [];
  if (vocabSize > size.vocabSize) {
    problems.push(
      new AppError(
        'TOKENIZER_UNFIT',
        `The tokenizer in ${where} has ${vocabSize} tokens, and the network has embeddings for ${size.vocabSize}: they belong to different models. Use the tokenizer saved with the weights.`,
        { details: { where, tokens: vocabSize, embeddings: size.vocabSize } },
      ),
    );
  }
  if (pad === undefined) {
    problems.push(
      new AppError(
        'TOKENIZER_NO_PADDING',
        `The tokenizer in ${where} names no padding token, and no token that ends a text. Add a tokenizer_config.json with "pad_token".`,
        { details: { where } },
      ),
    );
  }
  return problems;
}

function modelName(path: string, kind: ModelInspection['kind']): string {
  const name = basename(path, kind === 'gguf' ? '.gguf' : '');
  return name.startsWith('models--') ? name.split('--').at(-1)! : name;
}

async function kindOf(path: string): Promise<ModelInspection['kind'] | undefined> {
  const found = await stat(path).catch(() => undefined);
  return found && (found.isDirectory() ? 'folder' : 'gguf');
}

/** The names that a folder must have at least. */
const neededFiles = Object.values(baseModelFiles).join(', ');
