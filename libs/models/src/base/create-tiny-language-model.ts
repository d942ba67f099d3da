import { AppError } from '@overture/core';
import { encodeSafetensors } from '@overture/tensors';
import { byteLevelTokenizerJson } from '../byte-level-tokenizer.ts';
import { preTokenizers } from '../gguf/pre-tokenizers.ts';
import { llamaConfigJson, type LlamaConfig } from '../llama-config.ts';
import { llamaNetwork } from '../llama-network.ts';
import { causalLanguageModel } from '../model.ts';
import { baseModelFiles, chatFiles, type BaseModel } from './base-model.ts';
import { countByteWords, trainBytePieces } from './byte-pieces/train-byte-pieces.ts';
import type { TinyBaseOptions } from './create-tiny-base.ts';
import { openModel } from './open-model.ts';
import { randomWeights } from './random-weights.ts';
import { writeModelFolder } from './write-model-folder.ts';

/** Its name in results. */
export const tinyLanguageModelName = 'tiny-llama';

const specialTokens = ['<|endoftext|>', '<|im_start|>', '<|im_end|>'] as const;

/** ChatML, as in SmolLM2 and Qwen. */
const chatTemplate =
  "{% for message in messages %}{{'<|im_start|>' + message['role'] + '\\n' + message['content'] + '<|im_end|>' + '\\n'}}{% endfor %}{% if add_generation_prompt %}{{ '<|im_start|>assistant\\n' }}{% endif %}";

/** Defaults: `vocabularySize` 1000, `hiddenSize` 32, `maxPositions` 8192. */
export type TinyLanguageModelOptions = TinyBaseOptions;

/**
 * Creates a small Llama for chat without a pretrained model: a byte-level tokenizer trained on the texts, and
 * random weights. Both depend only on the texts, the options, and the seed. For tests and trial runs; its
 * answers are meaningless.
 * @throws AppError `TINY_BASE_NO_TEXT`, `VOCABULARY_TOO_SMALL`
 */
export async function createTinyLanguageModel({
  texts,
  to,
  seed,
  vocabularySize = 1000,
  layers = 2,
  hiddenSize = 32,
  heads = 4,
  maxPositions = 8192,
  signal,
}: TinyLanguageModelOptions): Promise<BaseModel> {
  const counts = new Map<string, number>();
  for await (const text of texts) {
    signal?.throwIfAborted();
    countByteWords(text, counts);
  }
  if (counts.size === 0)
    throw new AppError(
      'TINY_BASE_NO_TEXT',
      'A tiny language model must be made from at least one word of text. Got none instead: check the corpus.',
    );
  const { tokens, merges } = trainBytePieces(counts, { size: vocabularySize, specialTokens });
  const [padTokenId, bosTokenId, eosTokenId] = specialTokens.map((_, id) => id) as [number, number, number];
  const config: LlamaConfig = {
    vocabSize: tokens.length,
    hiddenSize,
    layers,
    heads,
    keyValueHeads: heads / 2,
    headWidth: hiddenSize / heads,
    intermediateSize: 2 * hiddenSize,
    maxPositions,
    rmsNormEpsilon: 1e-5,
    ropeBase: 10_000,
    tiedEmbeddings: true,
    padTokenId,
    bosTokenId,
    eosTokenId,
  };
  const model = causalLanguageModel(llamaNetwork(config));
  // The deviation of 0.02 that large networks use would make the logits of such a narrow network nearly
  // equal.
  const weights = randomWeights(
    model.parameters.flatMap(({ parts }) => parts),
    { seed, deviation: hiddenSize ** -0.5 },
  );
  await writeModelFolder(to, {
    [baseModelFiles.config]: JSON.stringify(
      { architectures: ['LlamaForCausalLM'], ...llamaConfigJson(config) },
      null,
      2,
    ),
    [baseModelFiles.tokenizer]: JSON.stringify(
      byteLevelTokenizerJson({
        ...preTokenizers['gpt-2'],
        tokens,
        merges,
        added: specialTokens.map((_, id) => ({ id, special: true })),
        paddingId: padTokenId,
      }),
      null,
      1,
    ),
    [baseModelFiles.weights]: encodeSafetensors(weights, { format: 'pt' }),
    [chatFiles.config]: JSON.stringify(
      {
        pad_token: specialTokens[padTokenId],
        bos_token: specialTokens[bosTokenId],
        eos_token: specialTokens[eosTokenId],
        chat_template: chatTemplate,
      },
      null,
      2,
    ),
  });
  return { ...(await openModel(to, { name: tinyLanguageModelName })), source: 'made from the corpus' };
}
