import { reuseRule } from '@overture/dag';
import { z } from 'zod';
import { runControl } from '@overture/protocol';
import { splitName, labelingOptions } from './labeling-options.ts';

/** The source of the dialogues, their format, and how to split them if the corpus defines no splits. */
export const corpusInput = z.strictObject({
  /**
   * A file, a folder, or the name of a corpus that the worker has. Default: the worker's choice, which the
   * result reports.
   */
  uri: z.string().min(1).optional(),
  format: z.enum(['auto', 'msdialog-json', 'msdialog-tsv', 'clariq', 'jsonl']).default('auto'),
  ...labelingOptions,
  /** Fractions of conversations for validation and test, used if the corpus defines no splits. */
  split: z
    .strictObject({
      valid: z.number().gt(0).lt(0.5).default(0.1),
      test: z.number().min(0).lt(0.5).default(0.1),
      seed: seed(),
    })
    .prefault({}),
});

/** Everything that determines the trained weights, besides the tokens and the base model. */
export const trainingInput = z
  .strictObject({
    /** Small corpora overfit after one epoch. */
    epochs: z.int().min(1).max(100).default(1),
    learningRate: z.number().gt(0).max(1).default(2e-5),
    /**
     * Initialization of the classification head: from a linear probe on the unmodified base model, or the
     * base model's own head (random if it has none).
     */
    headStart: z.enum(['linearProbe', 'asGiven']).default('linearProbe'),
    /** Layer-wise learning-rate decay factor (1 = none). */
    layerDecay: z.number().gt(0).max(1).default(1),
    /**
     * Number of layers above the embeddings that are frozen, with the embeddings. Their outputs are computed
     * once if memory allows. 0 trains everything.
     */
    freezeLayers: z.int().min(0).max(1000).default(0),
    batchSize: z.int().min(1).max(1024).default(16),
    /** Maximum tokens per example. Longer ones keep the opening question and the latest turns. */
    maxLength: z.int().min(16).max(512).default(256),
    /**
     * Class weights in the loss: from the training split's counts (`balanced`, or by the effective number of
     * samples), none, or explicit values.
     */
    classWeights: z
      .union([
        z.enum(['balanced', 'effectiveNumber', 'none']),
        z.strictObject({ beta: z.number().gt(0).lt(1) }),
        z.strictObject({ initiative: z.number().gt(0), noInitiative: z.number().gt(0) }),
      ])
      .default('balanced'),
    loss: z.enum(['crossEntropy', 'focal', 'binaryCrossEntropy']).default('crossEntropy'),
    /** Label smoothing: the share of a label spread over both classes. Only for the cross-entropy loss. */
    labelSmoothing: z.number().min(0).lt(1).default(0),
    /** Focal-loss gamma. */
    focalGamma: z.number().min(1).max(10).default(2),
    seed: seed(),
    optimizer: z.enum(['adamW', 'sgd', 'lion']).default('adamW'),
    /** Momentum of the optimizer sgd. */
    momentum: z.number().min(0).lt(1).default(0.9),
    weightDecay: z.number().min(0).max(1).default(0.01),
    /** Share of all steps in which the learning rate warms up. */
    warmupRatio: z.number().min(0).lt(1).default(0.1),
    /** Learning-rate schedule after the warmup: linear decay, cosine decay or constant. */
    schedule: z.enum(['linear', 'cosine', 'constant']).default('linear'),
    /**
     * Dropout probability for hidden states and attention probabilities, where the base model's architecture
     * uses dropout. 0 = none.
     */
    dropout: z.number().min(0).lt(1).default(0),
    maxGradNorm: z.number().gt(0).default(1),
    /**
     * Decay of an exponential moving average of the weights, which is used for validation and export. 0 =
     * none.
     */
    ema: z.number().min(0).lt(1).default(0),
    /** The metric on the validation split that selects the best epoch. */
    selectionMetric: z.enum(['macroF1', 'auc', 'averagePrecision', 'validLoss']).default('macroF1'),
    /** Early stopping: the number of epochs without improvement after which training stops. 0 = never. */
    patience: z.int().min(0).max(100).default(0),
    /** Pooling of token vectors for the head: their mean, the first, or the last (for causal models). */
    pooling: z.enum(['mean', 'cls', 'last']).default('mean'),
    /** Low-rank adapters (LoRA) on linear layers instead of training all weights. */
    lora: z
      .strictObject({
        rank: z.int().min(1).max(256).default(8),
        /** The adapters are scaled by alpha / rank. */
        alpha: z.number().gt(0).default(16),
        /** Names of linear layers, or all of them. */
        targets: z.union([z.literal('all-linear'), z.array(z.string().min(1)).min(1)]).default('all-linear'),
        /** Dropout probability of an adapter's input. */
        dropout: z.number().min(0).lt(1).default(0),
      })
      .nullable()
      .default(null),
    /**
     * Precision of the frozen weights in training steps with adapters. int8 is faster and not exact;
     * validation and export use float32 in both cases.
     */
    frozenWeights: z.enum(['float32', 'int8']).default('float32'),
    /**
     * Whether to batch examples of similar length. Batches are not padded in either case, and random batches
     * mix early and late turns.
     */
    lengthGrouped: z.boolean().default(false),
    /**
     * Maximum loss in macro-F1 on the validation split with which an int8 graph is added to the bundle. 0
     * allows no loss; null adds no int8 graph.
     */
    int8LargestDrop: z.number().min(0).max(1).nullable().default(0.01),
  })
  .superRefine(({ loss, labelSmoothing, frozenWeights, lora }, context) => {
    if (labelSmoothing !== 0 && loss !== 'crossEntropy')
      context.addIssue({
        code: 'custom',
        path: ['labelSmoothing'],
        message: `must be 0 with the loss ${loss}, which knows no smoothing`,
        input: labelSmoothing,
      });
    if (frozenWeights === 'int8' && lora === null)
      context.addIssue({
        code: 'custom',
        path: ['frozenWeights'],
        message: 'must be "float32" without lora: only adapters can be trained on int8 weights',
        input: frozenWeights,
      });
  });
/** The parsed training settings. */
export type TrainingInput = z.output<typeof trainingInput>;

const {
  epochs,
  layerDecay,
  freezeLayers,
  batchSize,
  optimizer,
  momentum,
  weightDecay,
  warmupRatio,
  schedule,
  dropout,
  maxGradNorm,
  ema,
  patience,
  lora,
  frozenWeights,
  lengthGrouped,
} = trainingInput.shape;

/**
 * The training settings of a language model that generates answers: `trainingInput` without the settings of a
 * classification head.
 */
export const answersTrainingInput = z.strictObject({
  epochs,
  layerDecay,
  freezeLayers,
  batchSize,
  optimizer,
  momentum,
  weightDecay,
  warmupRatio,
  schedule,
  dropout,
  maxGradNorm,
  ema,
  patience,
  frozenWeights,
  lengthGrouped,
  /** Adapters start at zero and need a higher learning rate than pretrained weights. */
  learningRate: z.number().gt(0).max(1).default(2e-4),
  lora: lora.unwrap().unwrap().prefault({}),
  seed: seed(),
});
/** The parsed training settings of a language model that generates answers. */
export type AnswersTrainingInput = z.output<typeof answersTrainingInput>;

/** The settings of the report. */
export const evaluationInput = z.strictObject({
  split: splitName.default('valid'),
  /** Number of bootstrap samples for the 95 % intervals. */
  bootstrapSamples: z.int().min(100).max(100_000).default(2000),
});

/** The argument of `trainInitiativeModel`: plain JSON, everything optional, unknown keys rejected. */
export const TrainInput = z.strictObject({
  /** The model's name in the registry. */
  name: z
    .string()
    .regex(
      /^[a-z0-9][a-z0-9._-]{0,99}$/,
      'must be 1 to 100 lower-case letters, digits, dots, dashes or underscores',
    )
    .default('initiative'),
  corpus: corpusInput.prefault({}),
  /** A base model by name. `tiny` is built from scratch from the corpus. */
  base: z.string().min(1).max(200).default('minilm'),
  training: trainingInput.prefault({}),
  evaluation: evaluationInput.prefault({}),
  /** Which earlier outputs may be reused. Default: all with the same cache key. */
  reuse: reuseRule.prefault({}),
  ...runControl,
});
/** The parsed input of `trainInitiativeModel`. */
export type TrainInput = z.output<typeof TrainInput>;

function seed(): z.ZodDefault<z.ZodInt> {
  return z.int().min(0).default(0);
}
