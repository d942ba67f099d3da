import { stat } from 'node:fs/promises';
import { basename, resolve } from 'node:path';
import { AppError, toAppError, type JsonValue } from '@overture/core';
import { elementCount } from '@overture/tensors';
import type { Network } from '../network.ts';
import { causalLanguageModel, sequenceClassifier } from '../model.ts';
import { assertFits } from '../model-weights.ts';
import { matchTensors, type DroppedTensor } from '../weights/match-tensors.ts';
import { openWeights, type WeightSource } from '../weights/weight-source.ts';
import { baseModelFiles } from './base-model.ts';
import { readFolder } from './read-folder.ts';
import { readGguf } from './read-gguf.ts';
import type { ModelInspection, InspectedWeights, InspectedTokenizer } from './model-inspection.ts';

/**
 * Inspects a model folder or GGUF file. Everything that opens a model uses this inspection, so its report
 * matches what happens then. Problems with the files are returned, not thrown.
 * @throws AppError `BASE_MODEL_FOLDER_INVALID` if nothing exists at the path
 */
export async function inspectModel(
  path: string,
  options: { readonly name?: string } = {},
): Promise<ModelInspection> {
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

async function inspectFiles({
  path: at,
  kind,
  name,
}: Pick<ModelInspection, 'path' | 'kind' | 'name'>): Promise<ModelInspection> {
  const read = kind === 'folder' ? await readFolder(at) : await readGguf(at);
  const { network, tokenizer, weightsPath, sources } = read;
  const problems = [...read.problems];
  const notices = [...read.notices];
  const found = { path: at, kind, name, network, tokenizer, sources } as const;
  if (tokenizer !== undefined && network !== undefined)
    problems.push(...tokenizerProblems(tokenizer, network, at));
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
    return {
      ...found,
      weights,
      languageModelProblems,
      notices: [...notices, ...weightNotices(weights)],
      problems,
    };
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    return { ...found, notices, problems: [...problems, error] };
  }
}

/** Combines all problems into one error; undefined if there are none. */
export function inspectionError({
  problems: [first, ...others],
  path,
}: ModelInspection): AppError | undefined {
  if (first === undefined || others.length === 0) return first;
  const messages = [first, ...others].map(({ message }) => message);
  return new AppError(
    'BASE_MODEL_FOLDER_INVALID',
    `The base model ${path} cannot be used: ${messages.join(' ')}`,
    {
      details: { path, problems: messages as JsonValue },
    },
  );
}

async function inspectWeights(
  source: WeightSource,
  path: string,
  network: Network,
): Promise<InspectedWeights> {
  const { files, format, entries } = source;
  const match = matchTensors(
    { ...source, exact: format === 'gguf' },
    sequenceClassifier(network, { classes: 2 }),
  );
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

/**
 * Sentences about anything unexpected. Unused poolers and language-modeling heads are normal and not
 * reported.
 */
function weightNotices({ dropped, tied, renamed }: InspectedWeights): string[] {
  return [
    ...unusedTensors(dropped.filter(({ expected }) => !expected)).map((unused) => `Not used: ${unused}.`),
    ...tied.map(({ name, of }) => `${name} is read from ${of}, whose values it shares.`),
    ...(renamed > 0
      ? [
          `${renamed} tensors have legacy or wrapped names, such as LayerNorm.gamma; they are read under today's names.`,
        ]
      : []),
  ];
}

/** Describes each kind of unused tensor with names and shapes: `the pooler (pooler.dense.weight [8, 8])`. */
export function unusedTensors(dropped: readonly DroppedTensor[]): string[] {
  const kinds = new Map<string, string[]>();
  for (const { name, shape, what } of dropped)
    kinds.set(what, [...(kinds.get(what) ?? []), `${name} [${shape.join(', ')}]`]);
  return Array.from(
    kinds,
    ([what, names]) =>
      `${what} (${names.slice(0, 3).join(', ')}${names.length > 3 ? ` and ${names.length - 3} more` : ''})`,
  );
}

function tokenizerProblems(
  { vocabSize, pad }: InspectedTokenizer,
  { size }: Network,
  where: string,
): AppError[] {
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

/** The files that a folder must have. */
const neededFiles = Object.values(baseModelFiles).join(', ');
