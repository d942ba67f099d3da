import { reuseRule } from '@overture/dag';
import { z } from 'zod';
import { runControl } from './run-control.ts';
import { splitName, textRule } from './text-rule.ts';

/** Where dialogues come from, how they are read, and how they are divided when they do not say so themselves. */
export const corpusInput = z.strictObject({
  /** A file, a folder, or a corpus that the worker knows by name. Default: the worker's choice, reported in the result. */
  uri: z.string().min(1).optional(),
  format: z.enum(['auto', 'msdialog-json', 'msdialog-tsv', 'clariq', 'jsonl']).default('auto'),
  ...textRule,
  /** Fractions of conversations set aside, used when the corpus names no splits. */
  split: z.strictObject({ valid: z.number().gt(0).lt(0.5).default(0.1), test: z.number().min(0).lt(0.5).default(0.1), seed: seed() }).prefault({}),
});

/** What decides the trained weights, beside the tokens and the base model. */
export const trainingInput = z.strictObject({
  /** Small corpora of dialogues are fitted by heart from the second epoch on. */
  epochs: z.int().min(1).max(100).default(1),
  learningRate: z.number().gt(0).max(1).default(2e-5),
  /** How the classification head begins: from a linear probe on the base model as it comes, or as the base model has it (the seed's random numbers where it has none). */
  headStart: z.enum(['linearProbe', 'asGiven']).default('linearProbe'),
  /** What every layer's learning rate is of the one above it. */
  layerDecay: z.number().gt(0).max(1).default(1),
  /** The embeddings and this many layers above them stay as they come, and cost nothing after one pass where memory allows it. 0: everything is trained. */
  freezeLayers: z.int().min(0).max(1000).default(0),
  batchSize: z.int().min(1).max(1024).default(16),
  /** Tokens per example; longer ones keep the opening question and the latest turns. */
  maxLength: z.int().min(16).max(512).default(256),
  /** Weights of the two classes in the loss: from the training split's counts (balanced, or by the effective number of samples), none, or given. */
  classWeights: z
    .union([
      z.enum(['balanced', 'effectiveNumber', 'none']),
      z.strictObject({ beta: z.number().gt(0).lt(1) }),
      z.strictObject({ initiative: z.number().gt(0), noInitiative: z.number().gt(0) }),
    ])
    .default('balanced'),
  loss: z.enum(['crossEntropy', 'focal', 'binaryCrossEntropy']).default('crossEntropy'),
  /** The share of a label that is spread over both classes; for the cross-entropy. */
  labelSmoothing: z.number().min(0).lt(1).default(0),
  /** How much less the focal loss minds what is already right. */
  focalGamma: z.number().min(1).max(10).default(2),
  seed: seed(),
  optimizer: z.enum(['adamW', 'sgd', 'lion']).default('adamW'),
  /** Of the optimizer sgd. */
  momentum: z.number().min(0).lt(1).default(0.9),
  weightDecay: z.number().min(0).max(1).default(0.01),
  /** Share of all steps during which the learning rate rises. */
  warmupRatio: z.number().min(0).lt(1).default(0.1),
  /** How the learning rate goes on after it has risen: down in a line or along a cosine, or as it is. */
  schedule: z.enum(['linear', 'cosine', 'constant']).default('linear'),
  /** The share of hidden states and attention probabilities that a training step sets to zero, where the base model's family does. 0: none. */
  dropout: z.number().min(0).lt(1).default(0),
  maxGradNorm: z.number().gt(0).default(1),
  /** Decay of an exponential moving average of the weights, which is then what is validated and exported. 0: none. */
  ema: z.number().min(0).lt(1).default(0),
  /** What makes an epoch the best one, on the validation split. */
  selectionMetric: z.enum(['macroF1', 'auc', 'averagePrecision', 'validLoss']).default('macroF1'),
  /** Training stops after this many epochs without a better one; 0: never. */
  patience: z.int().min(0).max(100).default(0),
  /** What of a text the head sees: the mean of its tokens, the first, or the last (for networks that read from left to right). */
  pooling: z.enum(['mean', 'cls', 'last']).default('mean'),
  /** Low-rank adapters on linear layers instead of changing every weight. */
  lora: z
    .strictObject({
      rank: z.int().min(1).max(256).default(8),
      /** The adapters' share is alpha / rank. */
      alpha: z.number().gt(0).default(16),
      /** Names of layers, or all of them. */
      targets: z.union([z.literal('all-linear'), z.array(z.string().min(1)).min(1)]).default('all-linear'),
      /** The share of an adapter's input that a training step sets to zero. */
      dropout: z.number().min(0).lt(1).default(0),
    })
    .nullable()
    .default(null),
  /** How training steps compute with what adapters leave frozen: int8 is faster and not exact; validation and export have float32 either way. */
  frozenWeights: z.enum(['float32', 'int8']).default('float32'),
  /** Whether batches are made of examples of similar length. Nothing is padded either way, and random batches mix early and late turns. */
  lengthGrouped: z.boolean().default(false),
  /** The bundle gets its graph in int8 too, if that one's macro-F1 on the validation split is at most this much lower; 0 asks for no loss at all, null for no graph in int8. */
  int8LargestDrop: z.number().min(0).max(1).nullable().default(0.01),
}).superRefine(({ loss, labelSmoothing, frozenWeights, lora }, context) => {
  if (labelSmoothing !== 0 && loss !== 'crossEntropy') context.addIssue({ code: 'custom', path: ['labelSmoothing'], message: `must be 0 with the loss ${loss}, which knows no smoothing`, input: labelSmoothing });
  if (frozenWeights === 'int8' && lora === null) context.addIssue({ code: 'custom', path: ['frozenWeights'], message: 'must be "float32" without lora: only adapters can be trained on int8 weights', input: frozenWeights });
});
export type TrainingInput = z.output<typeof trainingInput>;

const { epochs, layerDecay, freezeLayers, batchSize, optimizer, momentum, weightDecay, warmupRatio, schedule, dropout, maxGradNorm, ema, patience, lora, frozenWeights, lengthGrouped } = trainingInput.shape;

/** What decides how a language model learns to write answers: as `trainingInput`, less what is about a classification head. */
export const answersTrainingInput = z.strictObject({
  epochs, layerDecay, freezeLayers, batchSize, optimizer, momentum, weightDecay, warmupRatio, schedule, dropout, maxGradNorm, ema, patience, frozenWeights, lengthGrouped,
  /** Adapters start from nothing, and want a higher rate than pretrained weights. */
  learningRate: z.number().gt(0).max(1).default(2e-4),
  lora: lora.unwrap().unwrap().prefault({}),
  seed: seed(),
});
export type AnswersTrainingInput = z.output<typeof answersTrainingInput>;

/** What a report is computed on. */
export const evaluationInput = z.strictObject({
  split: splitName.default('valid'),
  /** Resamples behind the 95 % intervals. */
  bootstrapSamples: z.int().min(100).max(100_000).default(2000),
});

/** The one argument of `trainInitiativeModel`: plain JSON, everything optional, unknown keys refused. */
export const TrainInput = z.strictObject({
  /** The model's name in the registry. */
  name: z.string().regex(/^[a-z0-9][a-z0-9._-]{0,99}$/, 'must be 1 to 100 lower-case letters, digits, dots, dashes or underscores').default('initiative'),
  corpus: corpusInput.prefault({}),
  /** A base model by name; `tiny` is made from scratch out of the corpus. */
  base: z.string().min(1).max(200).default('minilm'),
  training: trainingInput.prefault({}),
  evaluation: evaluationInput.prefault({}),
  /** What of earlier runs may be used again; by default everything whose cache key is known. */
  reuse: reuseRule.prefault({}),
  ...runControl,
});
export type TrainInput = z.output<typeof TrainInput>;

function seed(): z.ZodDefault<z.ZodInt> {
  return z.int().min(0).default(0);
}
