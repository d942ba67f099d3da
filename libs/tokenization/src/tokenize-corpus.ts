import { setImmediate as nextTurnOfLoop } from 'node:timers/promises';
import { AppError } from '@overture/core';
import {
  examplesOf,
  parseConversationLine,
  splitNames,
  weakLabelsText,
  type LabelRule,
} from '@overture/dialogue';
import { exampleEncoder, type EncodeOptions } from './encode-example.ts';
import { GrowingInt32 } from './growing-int32.ts';
import { templateVersion } from './render-example.ts';
import type { TokenSet } from './token-set.ts';
import type { Tokenizer } from './tokenizer.ts';

/** Options of `tokenizeCorpus`. */
export interface TokenizeOptions extends EncodeOptions {
  readonly rule: LabelRule;
  /** The corpus's name, for messages. */
  readonly where?: string;
  readonly signal?: AbortSignal;
  readonly onProgress?: (progress: TokenizeProgress) => void;
}

/** Counts of what has been tokenized so far. */
export interface TokenizeProgress {
  readonly conversations: number;
  readonly examples: number;
  readonly tokens: number;
}

/** A tokenized corpus. */
export interface TokenizedCorpus {
  readonly tokens: TokenSet;
  /** Number of examples that were truncated. */
  readonly truncated: number;
}

/** Number of tokens after which the event loop runs (about 50 ms), so that heartbeats continue. */
const tokensPerTurn = 20_000;

/**
 * Encodes the examples of an ingested corpus as token ids. Reads one conversation at a time.
 * @param lines JSON Lines of conversations, each with its split
 * @throws AppError `CORPUS_…` for a line that is not from an ingested corpus; `CORPUS_NO_EXAMPLES`
 */
export async function tokenizeCorpus(
  lines: AsyncIterable<string>,
  tokenizer: Tokenizer,
  options: TokenizeOptions,
): Promise<TokenizedCorpus> {
  const { rule, where = 'the corpus', signal, onProgress } = options;
  const encode = exampleEncoder(tokenizer, options);
  const [ids, offsets, turns] = [new GrowingInt32(), new GrowingInt32(), new GrowingInt32()];
  const [labels, splits, exampleIds]: [number[], number[], string[]] = [[], [], []];
  let [conversations, truncated, pauseAt] = [0, 0, tokensPerTurn];
  const labelSources: Record<string, number> = {};
  offsets.push([0]);
  for await (const line of lines) {
    signal?.throwIfAborted();
    const conversation = parseConversationLine(line, { file: where, line: ++conversations });
    for (const example of examplesOf(conversation, rule)) {
      const encoded = encode(example);
      ids.push(encoded.ids);
      offsets.push([ids.length]);
      turns.push([example.systemTurn]);
      labels.push(example.label);
      if (example.labelSource !== undefined)
        labelSources[example.labelSource] = (labelSources[example.labelSource] ?? 0) + 1;
      splits.push(splitIndex(conversation.split, where, conversations));
      exampleIds.push(example.id);
      if (encoded.truncated) truncated++;
    }
    if (ids.length < pauseAt) continue;
    pauseAt = ids.length + tokensPerTurn;
    onProgress?.({ conversations, examples: labels.length, tokens: ids.length });
    await nextTurnOfLoop();
  }
  if (labels.length === 0) {
    throw new AppError(
      'CORPUS_NO_EXAMPLES',
      `${where} must have a labeled system turn with a user turn before it. None of its ${conversations} conversations has one: label the system's turns, or choose another protocol.`,
      {
        details: { where, conversations },
      },
    );
  }
  onProgress?.({ conversations, examples: labels.length, tokens: ids.length });
  const weakLabels = weakLabelsText(labelSources, labels.length);
  return {
    truncated,
    tokens: {
      ids: ids.toArray(),
      offsets: offsets.toArray(),
      labels: Uint8Array.from(labels),
      splits: Uint8Array.from(splits),
      splitNames,
      turns: turns.toArray(),
      exampleIds,
      vocabSize: tokenizer.vocabSize,
      padId: tokenizer.padId,
      maxLength: options.maxLength,
      templateVersion,
      ...(weakLabels !== undefined && { weakLabels }),
    },
  };
}

function splitIndex(split: (typeof splitNames)[number] | undefined, where: string, line: number): number {
  if (split !== undefined) return splitNames.indexOf(split);
  throw new AppError(
    'CORPUS_SPLIT_MISSING',
    `${where}:${line} must name a split (train, valid or test), as an ingested corpus does. It names none: ingest the corpus first.`,
    {
      details: { where, line, key: 'split' },
    },
  );
}
