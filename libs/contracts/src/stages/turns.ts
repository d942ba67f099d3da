import { maxLength } from '@overture/training-settings';
import { defineStage } from '@overture/dag';
import { z } from 'zod';
import { artifact } from '@overture/protocol';
import { labelingOptions } from '../labeling-options.ts';

/** Embeds every single turn with the unmodified encoder. Computed once for all folds. */
export const embedTurns = defineStage({
  name: 'embedTurns',
  version: 2,
  summary: 'Embed every turn with the encoder as it comes',
  queue: 'train',
  timeouts: { startToClose: 4 * 60 * 60, heartbeat: 60 },
  environment: ['onnxruntime'],
  input: z.strictObject({
    corpus: artifact('corpus'),
    weights: artifact('weights'),
    tokenizer: artifact('tokenizer'),
    config: artifact('model-config'),
    protocol: labelingOptions.protocol,
    /** Maximum tokens per turn; longer turns are cut at the end. */
    maxLength,
  }),
  output: z.object({ turns: artifact('turn-vectors'), count: z.int() }),
});

/** Fits logistic regression on the turn vectors of a fold's training conversations and predicts the fold. */
export const predictFromTurns = defineStage({
  name: 'predictFromTurns',
  version: 3,
  summary: 'Fit logistic regression on turn vectors and predict the fold',
  queue: 'light',
  timeouts: { startToClose: 60 * 60, heartbeat: 10 * 60 },
  input: z.strictObject({
    turns: artifact('turn-vectors'),
    corpus: artifact('corpus'),
    ...labelingOptions,
    /**
     * `text`: the opening turn, the last turn and the position. `history`: also which earlier system turns
     * took the initiative, as predicted by a model of the training conversations.
     */
    features: z.enum(['text', 'history']),
    fold: z.int().min(0),
    seed: z.int().min(0),
  }),
  output: z.object({ predictions: artifact('predictions'), examples: z.int() }),
});
