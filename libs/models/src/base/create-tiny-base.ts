import { AppError } from '@overture/core';
import { encodeSafetensors } from '@overture/tensors';
import { bertConfigJson } from '../bert-config.ts';
import type { BertConfig } from '../bert-dimensions.ts';
import { bertModel } from '../bert-classifier.ts';
import { baseModelFiles, type BaseModel } from './base-model.ts';
import { openModel } from './open-model.ts';
import { tinyBaseName } from './pinned-models.ts';
import { randomWeights } from './random-weights.ts';
import { splitWords } from './word-pieces/split-words.ts';
import { specialTokens, tokenizerJson } from './word-pieces/tokenizer-json.ts';
import { trainWordPieces } from './word-pieces/train-word-pieces.ts';
import { writeModelFolder } from './write-model-folder.ts';

/** Options of `createTinyBase`. */
export interface TinyBaseOptions {
  /** The corpus; read once and never held in memory as a whole. */
  readonly texts: Iterable<string> | AsyncIterable<string>;
  /** Output folder; replaced if it exists. */
  readonly to: string;
  readonly seed: number;
  /** Number of pieces, including special tokens. Default 2000. A small corpus can produce fewer. */
  readonly vocabularySize?: number;
  /** Default 2. */
  readonly layers?: number;
  /** Default 64. */
  readonly hiddenSize?: number;
  /** Default 4. */
  readonly heads?: number;
  /** Width of the feed-forward layers. Default: 4 times `hiddenSize`. */
  readonly intermediateSize?: number;
  /** Maximum input length in tokens. Default 512. */
  readonly maxPositions?: number;
  readonly signal?: AbortSignal;
}

const deviation = 0.02; // initializer_range of BERT

/**
 * Creates a small BERT without a pretrained model: a WordPiece tokenizer trained on the texts, and random
 * weights. Both depend only on the texts, the options, and the seed. For tests and offline machines; the
 * model learns only in fine-tuning.
 * @throws AppError `TINY_BASE_NO_TEXT`, `VOCABULARY_TOO_SMALL`
 */
export async function createTinyBase(options: TinyBaseOptions): Promise<BaseModel> {
  const counts = await countWords(options);
  if (counts.size === 0)
    throw new AppError(
      'TINY_BASE_NO_TEXT',
      'A tiny base model must be made from at least one word of text. Got none instead: check the corpus.',
    );
  const pieces = trainWordPieces(counts, { vocabularySize: options.vocabularySize ?? 2000, specialTokens });
  const config = shapeOf(pieces.length, options);
  const parts = bertModel(config).network.parameters.flatMap((block) => block.parts);
  // the names that `BertModel` saves
  const weights = [...randomWeights(parts, { seed: options.seed, deviation })].map(
    ([name, tensor]) => [name.slice('bert.'.length), tensor] as const,
  );
  await writeModelFolder(options.to, {
    [baseModelFiles.config]: JSON.stringify(
      { architectures: ['BertModel'], ...bertConfigJson(config) },
      null,
      2,
    ),
    [baseModelFiles.tokenizer]: JSON.stringify(tokenizerJson(pieces), null, 1),
    [baseModelFiles.weights]: encodeSafetensors(new Map(weights), { format: 'pt' }),
  });
  return { ...(await openModel(options.to, { name: tinyBaseName })), source: 'made from the corpus' };
}

async function countWords({ texts, signal }: TinyBaseOptions): Promise<Map<string, number>> {
  const counts = new Map<string, number>();
  for await (const text of texts) {
    signal?.throwIfAborted();
    for (const word of splitWords(text)) counts.set(word, (counts.get(word) ?? 0) + 1);
  }
  return counts;
}

function shapeOf(
  vocabSize: number,
  {
    layers = 2,
    hiddenSize = 64,
    heads = 4,
    intermediateSize = 4 * hiddenSize,
    maxPositions = 512,
  }: TinyBaseOptions,
): BertConfig {
  const proportions = {
    intermediateSize,
    typeVocabSize: 2,
    layerNormEpsilon: 1e-12,
    padTokenId: specialTokens.indexOf('[PAD]'),
  };
  return { modelType: 'bert', vocabSize, hiddenSize, layers, heads, maxPositions, ...proportions };
}
