import { readFile } from 'node:fs/promises';
import { AppError } from '@overture/core';
import { parseJsonObject, type RawConfig } from '../config-reader.ts';
import { baseModelFiles, chatFiles } from './base-model.ts';
import type { FolderLayout } from './folder-layout.ts';
import type { InspectedTokenizer, ModelFileSource } from './model-inspection.ts';
import {
  choosePadToken,
  tokenIds,
  vocabularySize,
  withPadToken,
  type PadToken,
  type TokenFiles,
  type TokenizerJson,
} from './pad-token.ts';
import { robertaTokenizer, wordPieceTokenizer } from './slow-tokenizer.ts';

/** A folder's parsed files about its tokenizer, as far as they exist. */
export interface TokenizerFolder extends Omit<TokenFiles, 'tokenizer'> {
  readonly layout: FolderLayout;
  /** The network's family, if known. */
  readonly family?: string;
  /** added_tokens.json: ids by token. */
  readonly addedTokens?: RawConfig;
  /** Number of embedding rows. */
  readonly rows?: number;
}

/** A tokenizer that was read, with the source of its tokenizer.json. */
export interface ReadTokenizer extends InspectedTokenizer {
  readonly source: ModelFileSource;
  readonly notices: readonly string[];
}

/**
 * Reads a folder's tokenizer: `tokenizer.json`, completed with added tokens and padding from other files.
 * Without that file, it is converted from `vocab.txt`, or from `vocab.json` and `merges.txt`, for families
 * whose conversion is known.
 * @returns undefined if there is no tokenizer
 * @throws AppError `TOKENIZER_INVALID`
 */
export async function readTokenizer(folder: TokenizerFolder): Promise<ReadTokenizer | undefined> {
  const found = await definitionIn(folder);
  if (found === undefined) return undefined;
  const { notices } = found;
  const tokenizer = withoutUnembedded(withAddedTokens(found.tokenizer, folder, notices), folder, notices);
  const pad = choosePadToken({ ...folder, tokenizer }, folder.rows);
  const completed = (pad && withPadToken(tokenizer, pad)) ?? tokenizer;
  const others = [
    [chatFiles.config, folder.tokenizerConfig],
    ['special_tokens_map.json', folder.specialTokensMap],
    ['added_tokens.json', folder.addedTokens],
  ] as const;
  return {
    files: [...found.files, ...others.flatMap(([name, content]) => (content === undefined ? [] : [name]))],
    vocabSize: vocabularySize(completed),
    pad,
    source:
      completed === found.tokenizer && found.path !== undefined
        ? { path: found.path }
        : { content: JSON.stringify(completed) },
    notices: [...notices, ...(pad === undefined ? [] : padNotice(pad, folder))],
  };
}

interface Definition {
  readonly tokenizer: TokenizerJson;
  readonly files: readonly string[];
  /** Path of the file if it can be used unchanged. */
  readonly path?: string;
  readonly notices: string[];
}

async function definitionIn({
  layout: { files },
  family,
  tokenizerConfig,
}: TokenizerFolder): Promise<Definition | undefined> {
  const path = files.get(baseModelFiles.tokenizer);
  if (path !== undefined) {
    const bytes = await readFile(path);
    const tokenizer = parseDefinition(bytes, path);
    return {
      tokenizer,
      files: [baseModelFiles.tokenizer],
      path: bytes[0] === 0xef ? undefined : path,
      notices: [],
    };
  }
  const text = async (name: string): Promise<string> =>
    new TextDecoder().decode(await readFile(files.get(name)!));
  if ((family === 'bert' || family === 'distilbert') && files.has('vocab.txt')) {
    return {
      tokenizer: wordPieceTokenizer(await text('vocab.txt'), tokenizerConfig) as never,
      files: ['vocab.txt'],
      notices: ['There is no tokenizer.json; it is made of vocab.txt.'],
    };
  }
  if (family === 'roberta' && files.has('vocab.json') && files.has('merges.txt')) {
    const vocabulary = parseJsonObject(
      await readFile(files.get('vocab.json')!),
      files.get('vocab.json')!,
    ) as Record<string, number>;
    return {
      tokenizer: robertaTokenizer(vocabulary, await text('merges.txt'), tokenizerConfig) as never,
      files: ['vocab.json', 'merges.txt'],
      notices: ['There is no tokenizer.json; it is made of vocab.json and merges.txt.'],
    };
  }
  return undefined;
}

function parseDefinition(bytes: Uint8Array, path: string): TokenizerJson {
  const refuse = (problem: string, cause?: unknown): AppError =>
    new AppError(
      'TOKENIZER_INVALID',
      `${path} must be a tokenizer.json of the Hugging Face format: ${problem}. Fetch the file of the base model again.`,
      { details: { where: path }, cause },
    );
  let value: unknown;
  try {
    // the decoder removes a byte order mark
    value = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  } catch (cause) {
    throw refuse((cause as Error).message, cause);
  }
  const { model } = (value ?? {}) as { readonly model?: { readonly vocab?: unknown } };
  if (typeof model?.vocab !== 'object' || model.vocab === null) throw refuse('it has no model.vocab');
  return value as TokenizerJson;
}

/**
 * Adds the tokens that are only in tokenizer_config.json or added_tokens.json, as transformers does when it
 * opens the folder.
 */
function withAddedTokens(
  tokenizer: TokenizerJson,
  { tokenizerConfig, addedTokens }: TokenizerFolder,
  notices: string[],
): TokenizerJson {
  const known = new Set((tokenizer.added_tokens ?? []).map(({ content }) => content));
  const vocabulary = tokenIds(tokenizer);
  const decoder = Object.entries(
    (tokenizerConfig?.['added_tokens_decoder'] as Record<string, unknown> | undefined) ?? {},
  );
  const listed = [
    ...decoder.map(
      ([id, token]) =>
        ({ ...(token as object), id: Number(id) }) as Record<string, unknown> & { readonly id: number },
    ),
    ...Object.entries(addedTokens ?? {}).map(([content, id]) => ({ id: Number(id), content })),
  ];
  const added: Record<string, unknown>[] = [];
  for (const token of listed) {
    const { content, id } = token as { readonly content?: unknown; readonly id: number };
    if (
      typeof content !== 'string' ||
      known.has(content) ||
      !Number.isSafeInteger(id) ||
      (vocabulary.get(content) ?? id) !== id
    )
      continue;
    known.add(content);
    added.push({
      single_word: false,
      lstrip: false,
      rstrip: false,
      normalized: false,
      special: false,
      ...token,
    });
  }
  if (added.length === 0) return tokenizer;
  notices.push(
    `${added.length} added tokens that tokenizer.json lacks are taken from other files, such as ${JSON.stringify(added[0]!['content'])}.`,
  );
  return {
    ...tokenizer,
    added_tokens: [...(tokenizer.added_tokens ?? []), ...(added as never[])].sort((a, b) => a.id - b.id),
  };
}

/**
 * Removes special tokens without an embedding row, such as a padding token added later: they cannot be looked
 * up.
 */
function withoutUnembedded(
  tokenizer: TokenizerJson,
  { rows = Infinity }: TokenizerFolder,
  notices: string[],
): TokenizerJson {
  const beyond = (tokenizer.added_tokens ?? []).filter(({ id }) => id >= rows);
  const framing = JSON.stringify(tokenizer['post_processor'] ?? null);
  const left = {
    ...tokenizer,
    added_tokens: tokenizer.added_tokens?.filter(({ id }) => id < rows),
    padding: null,
  };
  const isHarmless = beyond.every(
    ({ special, content }) => special === true && !framing.includes(JSON.stringify(content)),
  );
  if (beyond.length === 0 || !isHarmless || vocabularySize(left) > rows) return tokenizer;
  notices.push(
    `${beyond.length} special ${beyond.length === 1 ? 'token has' : 'tokens have'} no embedding and ${beyond.length === 1 ? 'is' : 'are'} left out: ${beyond
      .map(({ content }) => JSON.stringify(content))
      .slice(0, 5)
      .join(', ')}.`,
  );
  return left;
}

function padNotice({ token, from }: PadToken, { tokenizerConfig }: TokenizerFolder): string[] {
  return tokenizerConfig?.['pad_token'] === undefined && !/pad/i.test(token)
    ? [`No padding token is named; batches are padded with ${JSON.stringify(token)} (${from}).`]
    : [];
}
