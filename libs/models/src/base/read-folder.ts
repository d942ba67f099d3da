import { readFile } from 'node:fs/promises';
import { AppError } from '@overture/core';
import { parseJsonObject, type RawConfig } from '../config-reader.ts';
import { familyOfTensors, namesFamily, parseNetwork } from '../families.ts';
import type { Network } from '../network.ts';
import { openWeights } from '../weights/weight-source.ts';
import { baseModelFiles, chatFiles } from './base-model.ts';
import { folderLayout, type FolderLayout } from './folder-layout.ts';
import type { ModelFileSource, ModelSources, ReadModel } from './model-inspection.ts';
import type { PadToken } from './pad-token.ts';
import { readTokenizer } from './read-tokenizer.ts';

/** Reads everything in a model folder except the weights. Problems are returned, not thrown. */
export async function readFolder(folder: string): Promise<ReadModel> {
  const layout = await folderLayout(folder);
  const problems: AppError[] = [];
  const notices = [...layout.notices];
  const collect = async <T>(read: () => Promise<T> | T): Promise<T | undefined> => {
    try {
      return await read();
    } catch (error) {
      if (!(error instanceof AppError)) throw error;
      problems.push(error);
      return undefined;
    }
  };
  const json = async (name: string): Promise<RawConfig | undefined> => {
    const path = layout.files.get(name);
    return path === undefined ? undefined : collect(async () => parseJsonObject(await readFile(path), path));
  };
  const optionalJson = async (name: string): Promise<RawConfig | undefined> => {
    const before = problems.length;
    const found = await json(name);
    notices.push(...problems.splice(before).map(({ message }) => `${name} is left out: ${message}`));
    return found;
  };
  const [generationConfig, tokenizerConfig, specialTokensMap, addedTokens] = [
    await optionalJson('generation_config.json'),
    await json(chatFiles.config),
    await optionalJson('special_tokens_map.json'),
    await optionalJson('added_tokens.json'),
  ];
  const configPath = layout.files.get(baseModelFiles.config);
  const given =
    configPath === undefined
      ? undefined
      : await collect(async () => parseJsonObject(await readFile(configPath), configPath));
  const raw = given && withFamily(given, await collect(() => familyOfWeights(layout, given)), notices);
  const network = raw && (await collect(() => parseNetwork(raw, configPath)));
  const tokenizer = await collect(() =>
    readTokenizer({
      layout,
      family: network?.family,
      config: raw,
      generationConfig,
      tokenizerConfig,
      specialTokensMap,
      addedTokens,
      rows: network?.size.vocabSize,
    }),
  );
  notices.push(...(tokenizer?.notices ?? []));
  const missing = [
    ...(configPath === undefined ? [baseModelFiles.config] : []),
    ...(tokenizer === undefined && problems.length === 0 ? [baseModelFiles.tokenizer] : []),
  ];
  problems.unshift(...absences(folder, layout, { missing, tokenizerAdvice: tokenizerAdvice(layout) }));
  return {
    network,
    tokenizer: tokenizer && { files: tokenizer.files, vocabSize: tokenizer.vocabSize, pad: tokenizer.pad },
    weightsPath: layout.weights,
    sources: {
      config: given && (await configSource(configPath!, { raw: given, network, generationConfig })),
      tokenizer: tokenizer?.source,
      chat:
        (await collect(() =>
          chatSources(layout, { tokenizerConfig, specialTokensMap, pad: tokenizer?.pad }),
        )) ?? {},
    },
    notices,
    problems,
  };
}

/** Determines the family from the tensor names if the config does not name one. */
async function familyOfWeights({ weights }: FolderLayout, config: RawConfig): Promise<string | undefined> {
  if (weights === undefined || namesFamily(config)) return undefined;
  await using source = await openWeights(weights);
  return familyOfTensors(source.entries.keys(), config);
}

function withFamily(config: RawConfig, family: string | undefined, notices: string[]): RawConfig {
  if (family === undefined) return config;
  notices.push(
    `config.json names no family; the model is taken for a ${family} by the names of its tensors.`,
  );
  return { ...config, model_type: family };
}

function absences(
  folder: string,
  { weights, weightsProblem, files }: FolderLayout,
  { missing, tokenizerAdvice }: { readonly missing: readonly string[]; readonly tokenizerAdvice?: string },
): AppError[] {
  const lacks = [...missing, ...(weights === undefined ? [baseModelFiles.weights] : [])];
  if (lacks.length === 0) return [];
  // the message about the weights already explains everything
  const isOtherKind = weights === undefined && !files.has(baseModelFiles.config);
  const advice = [
    ...(weights === undefined ? [weightsProblem!] : []),
    ...(lacks.includes(baseModelFiles.tokenizer) && !isOtherKind
      ? [tokenizerAdvice ?? 'Save the model with its fast tokenizer.']
      : []),
  ];
  const message =
    `The folder ${folder} must hold ${Object.values(baseModelFiles).join(', ')}. Missing: ${lacks.join(', ')}. ${advice.join(' ')}`.trim();
  return [new AppError('BASE_MODEL_FOLDER_INVALID', message, { details: { folder, missing: lacks } })];
}

function tokenizerAdvice({ files }: FolderLayout): string | undefined {
  const slow = ['tokenizer.model', 'spiece.model', 'sentencepiece.bpe.model', 'vocab.txt', 'vocab.json'].find(
    (name) => files.has(name),
  );
  return (
    slow &&
    `The tokenizer is only in ${slow}: save it once as tokenizer.json, in Python: AutoTokenizer.from_pretrained(folder, use_fast=True).save_pretrained(folder).`
  );
}

/**
 * The config unchanged, or completed where a reader would otherwise fail: byte order mark, family,
 * end-of-text tokens.
 */
async function configSource(
  path: string,
  {
    raw,
    network,
    generationConfig,
  }: { readonly raw: RawConfig; readonly network?: Network; readonly generationConfig?: RawConfig },
): Promise<ModelFileSource> {
  const ends = generationConfig?.['eos_token_id'] ?? raw['eos_token_id'];
  const complete = {
    ...raw,
    ...(network && raw['model_type'] === undefined ? { model_type: network.family } : {}),
    ...(network?.head.causal === undefined || ends === undefined ? {} : { eos_token_id: ends }),
  };
  const isPlain = !(await readFile(path, 'utf8')).startsWith('\ufeff');
  return isPlain && JSON.stringify(complete) === JSON.stringify(raw)
    ? { path }
    : { content: `${JSON.stringify(complete, undefined, 2)}\n` };
}

/** The chat format: tokenizer_config.json and the template, completed from other files. */
async function chatSources(
  { files }: FolderLayout,
  {
    tokenizerConfig,
    specialTokensMap,
    pad,
  }: { readonly tokenizerConfig?: RawConfig; readonly specialTokensMap?: RawConfig; readonly pad?: PadToken },
): Promise<ModelSources['chat']> {
  const [config, template, oldTemplate] = [
    files.get(chatFiles.config),
    files.get(chatFiles.template),
    files.get('chat_template.json'),
  ];
  const tokens = Object.fromEntries(
    ['bos_token', 'eos_token', 'unk_token', 'pad_token'].flatMap((name) =>
      specialTokensMap?.[name] === undefined ? [] : [[name, specialTokensMap[name]]],
    ),
  );
  const complete = tokenizerConfig && {
    ...tokens,
    ...tokenizerConfig,
    ...(tokenizerConfig['pad_token'] === undefined || pad === undefined ? {} : { pad_token: pad.token }),
  };
  const isPlain =
    config !== undefined &&
    tokenContents(complete) === tokenContents(tokenizerConfig) &&
    !(await readFile(config, 'utf8')).startsWith('\ufeff');
  const fromOld =
    oldTemplate === undefined
      ? undefined
      : parseJsonObject(await readFile(oldTemplate), oldTemplate)['chat_template'];
  return {
    ...(complete === undefined
      ? {}
      : { config: isPlain ? { path: config } : { content: `${JSON.stringify(complete, undefined, 2)}\n` } }),
    ...(template !== undefined
      ? { template: { path: template } }
      : typeof fromOld === 'string'
        ? { template: { content: fromOld } }
        : {}),
  };
}

/** For comparison: a token as a string equals a token as an object with that content. */
function tokenContents(config: RawConfig | undefined): string {
  return JSON.stringify(
    Object.entries(config ?? {})
      .map(([key, value]) => [
        key,
        typeof value === 'object' && value !== null && 'content' in value ? value.content : value,
      ])
      .sort(),
  );
}
