import { defineStage } from '@overture/dag';
import { z } from 'zod';
import { artifact } from '@overture/protocol';
import { baseUse } from '../base-use.ts';

const baseModel = z.object({
  weights: artifact('weights'),
  tokenizer: artifact('tokenizer'),
  config: artifact('model-config'),
  name: z.string(),
});

/** A language model. `chat` contains its tokenizer_config.json and chat_template.jinja, if it has them. */
const chattingModel = z.object({ ...baseModel.shape, chat: artifact('chat-format').optional() });

/** Fetches a pretrained model by name from any available source and verifies its bytes. */
export const fetchBase = defineStage({
  name: 'fetchBase',
  version: 3,
  summary: 'Find the base model and verify its bytes',
  queue: 'light',
  timeouts: { startToClose: 30 * 60, heartbeat: 60 },
  input: z.strictObject({
    name: z.string().min(1),
    /** How the run uses the model. A model that does not support these uses is rejected. */
    uses: z.array(baseUse).optional(),
  }),
  output: chattingModel,
});

/** Creates a small model from scratch: a tokenizer trained on the corpus and random weights. */
export const createTinyBase = defineStage({
  name: 'createTinyBase',
  version: 2,
  summary: 'Make a tiny base model out of the corpus',
  queue: 'light',
  timeouts: { startToClose: 10 * 60, heartbeat: 60 },
  input: z.strictObject({ corpus: artifact('corpus'), seed: z.int().min(0) }),
  output: baseModel,
});

/**
 * Creates a small Llama chat model from scratch: a tokenizer trained on the corpus's training split and
 * random weights.
 */
export const createTinyLanguageModel = defineStage({
  name: 'createTinyLanguageModel',
  version: 1,
  summary: 'Make a tiny language model out of the corpus',
  queue: 'light',
  timeouts: { startToClose: 10 * 60, heartbeat: 60 },
  input: z.strictObject({ corpus: artifact('corpus'), seed: z.int().min(0) }),
  output: chattingModel,
});
