import { defineStage } from '@overture/dag';
import { z } from 'zod';
import { artifact } from '../artifact-ref.ts';
import { baseUse } from '../base-use.ts';

const baseModel = z.object({ weights: artifact('weights'), tokenizer: artifact('tokenizer'), config: artifact('model-config'), name: z.string() });

/** `chat`: tokenizer_config.json and chat_template.jinja, those of them that the model has. */
const chattingModel = z.object({ ...baseModel.shape, chat: artifact('chat-format').optional() });

/** Finds a pretrained model by name, wherever this machine can reach it, and verifies its bytes. */
export const fetchBase = defineStage({
  name: 'fetchBase',
  version: 3,
  summary: 'Find the base model and verify its bytes',
  queue: 'light',
  timeouts: { startToClose: 30 * 60, heartbeat: 60 },
  input: z.strictObject({
    name: z.string().min(1),
    /** What the run does with it: a model that does not allow this is refused here. */
    uses: z.array(baseUse).optional(),
  }),
  output: chattingModel,
});

/** Makes a small model from nothing: a tokenizer trained on the corpus and random weights. */
export const createTinyBase = defineStage({
  name: 'createTinyBase',
  version: 2,
  summary: 'Make a tiny base model out of the corpus',
  queue: 'light',
  timeouts: { startToClose: 10 * 60, heartbeat: 60 },
  input: z.strictObject({ corpus: artifact('corpus'), seed: z.int().min(0) }),
  output: baseModel,
});

/** Makes a small Llama that is asked in chats from nothing: a tokenizer trained on the corpus's training split and random weights. */
export const createTinyLanguageModel = defineStage({
  name: 'createTinyLanguageModel',
  version: 1,
  summary: 'Make a tiny language model out of the corpus',
  queue: 'light',
  timeouts: { startToClose: 10 * 60, heartbeat: 60 },
  input: z.strictObject({ corpus: artifact('corpus'), seed: z.int().min(0) }),
  output: chattingModel,
});
