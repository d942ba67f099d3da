import { trainingSettings } from '@overture/training-settings';
import { defineStage } from '@overture/dag';
import { z } from 'zod';
import { artifact } from '@overture/protocol';
import { labelingOptions } from '../labeling-options.ts';
import { trainingControl } from '../training-action.ts';

/** Fine-tunes the base model with a classification head and exports a self-contained bundle. */
export const fineTune = defineStage({
  name: 'fineTune',
  version: 5,
  summary: 'Fine-tune the model with its classification head',
  queue: 'train',
  // The heartbeat timeout detects a lost worker; the next attempt resumes from the last checkpoint.
  timeouts: { startToClose: 24 * 60 * 60, heartbeat: 30 },
  retry: { maximumAttempts: 6 },
  // Its kernels affect the last bits of every step.
  environment: ['onnxruntime'],
  control: trainingControl,
  input: z.strictObject({
    tokens: artifact('tokens'),
    weights: artifact('weights'),
    tokenizer: artifact('tokenizer'),
    config: artifact('model-config'),
    base: z.string(),
    ...labelingOptions,
    training: trainingSettings,
  }),
  output: z.object({
    bundle: artifact('bundle'),
    log: artifact('training-log'),
    summary: z.object({
      steps: z.int(),
      bestEpoch: z.int(),
      threshold: z.number(),
      temperature: z.number(),
      validMacroF1: z.number().nullable(),
    }),
  }),
});
