import { z } from 'zod';
import { setting } from './setting.ts';

/** Every loss over classes, and whether it supports label smoothing. */
export const losses = {
  crossEntropy: { smooths: true },
  focal: { smooths: false },
  binaryCrossEntropy: { smooths: false },
} as const satisfies Readonly<Record<string, { readonly smooths: boolean }>>;
/** Name of a loss. */
export type LossName = keyof typeof losses;

/** Names of the optimizers. */
export const optimizerNames = ['adamW', 'sgd', 'lion'] as const;
/** Name of an optimizer. */
export type OptimizerName = (typeof optimizerNames)[number];

/** Names of the learning-rate schedules after the warmup. */
export const scheduleNames = ['linear', 'cosine', 'constant'] as const;
/** Name of a learning-rate schedule. */
export type ScheduleName = (typeof scheduleNames)[number];

/** Metrics that can select the best epoch. */
export const selectionMetrics = ['macroF1', 'auc', 'averagePrecision', 'validLoss'] as const;
/** A metric that can select the best epoch. */
export type SelectionMetric = (typeof selectionMetrics)[number];

/** The seed of a random draw: a non-negative integer, 0 by default. */
export const seed = setting(z.int().min(0).default(0), {
  description: 'Seed of all random numbers. Equal inputs with equal seeds produce equal bits.',
  whenToChange: 'To see how much a result varies by chance: train with several seeds.',
});

/** Maximum number of tokens of an example or prompt; without a default. */
export const maxLength = z.int().min(8).max(32_768);

const share = z.number().min(0).lt(1);

/** Settings of adapters on linear layers. */
export const loraSettings = z.strictObject({
  rank: setting(z.int().min(1).max(256).default(8), {
    description: 'Rank of the two matrices of an adapter.',
    whenToChange: 'Raise it if adapters underfit; the adapters grow with it.',
  }),
  alpha: setting(z.number().gt(0).default(16), {
    description: 'Adapter outputs are scaled by alpha / rank.',
    whenToChange: 'Usually twice the rank.',
  }),
  targets: setting(
    z.union([z.literal('all-linear'), z.array(z.string().min(1)).min(1)]).default('all-linear'),
    {
      description: 'Names of the linear layers that get adapters, matched at their end, or all of them.',
      whenToChange: 'To follow a published recipe, such as `["q_proj", "v_proj"]`.',
      source: 'PEFT, `target_modules`',
    },
  ),
  dropout: setting(share.default(0), {
    description: 'Dropout probability of an adapter’s input.',
    whenToChange: 'Raise it if adapters overfit.',
  }),
});

const settings = {
  epochs: setting(z.int().min(1).max(100).default(1), {
    description: 'Number of passes over the training split.',
    whenToChange:
      'Small corpora overfit after one epoch. Raise it with adapters, or together with `patience`.',
  }),
  learningRate: setting(z.number().gt(0).max(1).default(2e-5), {
    description: 'Peak learning rate of the schedule.',
    whenToChange: 'Lower it if the loss diverges. Adapters need about ten times as much.',
  }),
  headStart: setting(z.enum(['linearProbe', 'asGiven']).default('linearProbe'), {
    description:
      'Initialization of the classification head: from a linear probe on the unmodified base model, or the base model’s own head (random if it has none).',
    whenToChange: 'Use `asGiven` to continue the training of a classifier.',
    source: 'Kumar et al. 2022, arXiv:2202.10054',
  }),
  layerDecay: setting(z.number().gt(0).max(1).default(1), {
    description: 'Layer-wise learning-rate decay factor (1 = none).',
    whenToChange: 'Try 0.9 on small corpora, so that lower layers change less.',
    source: 'Howard & Ruder 2018, arXiv:1801.06146',
  }),
  freezeLayers: setting(z.int().min(0).max(1000).default(0), {
    description:
      'Number of layers above the embeddings that are frozen, with the embeddings. Their outputs are computed once if memory allows. 0 trains everything.',
    whenToChange: 'To train faster, or when the corpus is small.',
  }),
  batchSize: setting(z.int().min(1).max(1024).default(16), {
    description: 'Examples per optimizer step.',
    whenToChange: 'Lower it if memory does not suffice.',
  }),
  maxLength: setting(maxLength.default(256), {
    description:
      'Maximum tokens per example. Longer ones keep the opening question and the latest turns. At most the base model’s positions.',
    whenToChange: 'Lower it to train faster. `overture corpus inspect` shows how many examples are cut.',
  }),
  classWeights: setting(
    z
      .union([
        z.enum(['balanced', 'effectiveNumber', 'none']),
        z.strictObject({ beta: z.number().gt(0).lt(1) }),
        z.strictObject({ initiative: z.number().gt(0), noInitiative: z.number().gt(0) }),
      ])
      .default('balanced'),
    {
      description:
        'Class weights in the loss: from the training split’s counts (`balanced`, or by the effective number of samples), none, or explicit values.',
      whenToChange: 'Use `none` when probabilities matter more than the recall of the rare class.',
      source: 'scikit-learn, `class_weight="balanced"`; Cui et al. 2019, arXiv:1901.05555',
    },
  ),
  loss: setting(z.enum(Object.keys(losses) as [LossName, ...LossName[]]).default('crossEntropy'), {
    description: 'Training loss.',
    whenToChange: 'Use `focal` when many examples are easy and few are hard.',
    source: 'focal: Lin et al. 2017, arXiv:1708.02002',
  }),
  labelSmoothing: setting(share.default(0), {
    description: 'Share of a label’s probability that is spread over all classes. Only for `crossEntropy`.',
    whenToChange: 'Try 0.1 when labels are noisy.',
    source: 'Szegedy et al. 2016, arXiv:1512.00567',
  }),
  focalGamma: setting(z.number().min(1).max(10).default(2), {
    description: 'Focal-loss gamma. Below 1 its slope would be infinite at probability 1.',
    whenToChange: 'Raise it to concentrate on hard examples. Used by the loss `focal` only.',
    source: 'Lin et al. 2017, arXiv:1708.02002',
  }),
  seed,
  optimizer: setting(z.enum(optimizerNames).default('adamW'), {
    description: 'Optimizer.',
    whenToChange: 'To compare. `lion` needs a learning rate about a third to a tenth as large.',
    source: 'Loshchilov & Hutter 2019, arXiv:1711.05101; lion: Chen et al. 2023, arXiv:2302.06675',
  }),
  momentum: setting(share.default(0.9), {
    description: 'Momentum. Used by the optimizer `sgd` only.',
    whenToChange: 'Rarely.',
  }),
  weightDecay: setting(z.number().min(0).max(1).default(0.01), {
    description: 'Decoupled weight decay. Biases and norms are not decayed.',
    whenToChange: 'Raise it if the model overfits.',
    source: 'Loshchilov & Hutter 2019, arXiv:1711.05101',
  }),
  warmupRatio: setting(share.default(0.1), {
    description: 'Share of all steps in which the learning rate warms up.',
    whenToChange: 'Raise it if the loss jumps in the first steps.',
  }),
  schedule: setting(z.enum(scheduleNames).default('linear'), {
    description: 'Learning-rate schedule after the warmup: linear decay, cosine decay or constant.',
    whenToChange: 'Use `constant` when a training is to be continued.',
  }),
  dropout: setting(share.default(0), {
    description:
      'Dropout probability for hidden states and attention probabilities, where the architecture uses dropout. 0 = none.',
    whenToChange: 'Try 0.1 if the model overfits; a step then takes longer.',
    source: 'Srivastava et al. 2014',
  }),
  maxGradNorm: setting(z.number().gt(0).default(1), {
    description: 'Maximum norm of the gradient; a longer one is scaled down.',
    whenToChange: 'Rarely.',
  }),
  ema: setting(share.default(0), {
    description:
      'Decay of an exponential moving average of the weights, which is used for validation and export. 0 = none; 0.99 averages about 100 steps.',
    whenToChange: 'When validation scores vary much from step to step.',
  }),
  selectionMetric: setting(z.enum(selectionMetrics).default('macroF1'), {
    description: 'The metric on the validation split that selects the best epoch.',
    whenToChange: 'Use `auc` or `averagePrecision` when the threshold is chosen later.',
  }),
  patience: setting(z.int().min(0).max(100).default(0), {
    description:
      'Early stopping: the number of epochs without improvement after which training stops. 0 = never.',
    whenToChange: 'With many epochs.',
  }),
  pooling: setting(z.enum(['mean', 'cls', 'last']).default('mean'), {
    description:
      'Pooling of token vectors for the head: their mean, the first, or the last (for causal models).',
    whenToChange: 'Use the one with which the base model was trained.',
  }),
  lora: setting(loraSettings.nullable().default(null), {
    description:
      'Low-rank adapters on linear layers instead of training all weights; null trains all weights.',
    whenToChange: 'For models that do not fit into memory otherwise.',
    source: 'Hu et al. 2021, arXiv:2106.09685',
  }),
  frozenWeights: setting(z.enum(['float32', 'int8']).default('float32'), {
    description:
      'Precision of the frozen weights in training steps with adapters. int8 is faster and not exact; validation and export use float32 in both cases.',
    whenToChange: 'To train adapters faster. Needs `lora`.',
  }),
  lengthGrouped: setting(z.boolean().default(false), {
    description:
      'Whether to batch examples of similar length. Batches are not padded in either case, and random batches mix early and late turns.',
    whenToChange: 'Rarely.',
  }),
} as const;

/**
 * Settings that are valid on their own but contradict each other: the key, and what it must be. One list for
 * every place where settings are given.
 */
export function contradictions({
  loss,
  labelSmoothing,
  frozenWeights,
  lora,
}: {
  readonly loss: LossName;
  readonly labelSmoothing: number;
  readonly frozenWeights: 'float32' | 'int8';
  readonly lora: object | null;
}): { readonly key: 'labelSmoothing' | 'frozenWeights'; readonly message: string }[] {
  return [
    ...(labelSmoothing !== 0 && !losses[loss].smooths
      ? [
          {
            key: 'labelSmoothing' as const,
            message: `must be 0 with the loss ${loss}, which has no label smoothing`,
          },
        ]
      : []),
    ...(frozenWeights === 'int8' && lora === null
      ? [
          {
            key: 'frozenWeights' as const,
            message: 'must be "float32" without lora: only adapters can be trained on int8 weights',
          },
        ]
      : []),
  ];
}

const refuseContradictions = (
  value: Parameters<typeof contradictions>[0],
  context: z.core.$RefinementCtx<unknown>,
): void => {
  for (const { key, message } of contradictions(value))
    context.addIssue({ code: 'custom', path: [key], message, input: value[key] });
};

/** Everything that determines the trained weights of a classifier, besides the tokens and the base model. */
export const trainingSettings = z
  .strictObject({
    ...settings,
    int8LargestDrop: setting(z.number().min(0).max(1).nullable().default(0.01), {
      description:
        'Maximum loss in macro-F1 on the validation split with which an int8 graph is added to the bundle. 0 allows no loss; null adds no int8 graph.',
      whenToChange: 'Use null if the model is never served in int8.',
    }),
  })
  .superRefine(refuseContradictions);
/** The parsed training settings. */
export type TrainingSettings = z.output<typeof trainingSettings>;

const {
  headStart: _head,
  maxLength: _length,
  classWeights: _weights,
  loss: _loss,
  labelSmoothing: _smoothing,
  focalGamma: _gamma,
  selectionMetric: _metric,
  pooling: _pooling,
  ...anyTask
} = settings;

/**
 * The training settings of a language model that generates answers: those of a classifier without the ones
 * that concern its head and its loss. Adapters are always used.
 */
export const answersTrainingSettings = z.strictObject({
  ...anyTask,
  learningRate: setting(z.number().gt(0).max(1).default(2e-4), {
    description: 'Peak learning rate of the schedule.',
    whenToChange: 'Adapters start at zero and need a higher learning rate than pretrained weights.',
  }),
  lora: setting(loraSettings.prefault({}), {
    description: 'Low-rank adapters on linear layers.',
    whenToChange: 'Adapters are always used. Their keys are those of a classifier.',
    source: 'Hu et al. 2021, arXiv:2106.09685',
  }),
});
/** The parsed training settings of a language model that generates answers. */
export type AnswersTrainingSettings = z.output<typeof answersTrainingSettings>;

/** The settings of one training in the library: those that determine the weights, and how it is computed. */
export const fineTuneSettings = z
  .strictObject({
    ...settings,
    checkpointEverySteps: setting(z.int().min(1).default(50), {
      description: 'Steps between two checkpoints. Does not change the result.',
      whenToChange: 'Lower it if a step takes minutes.',
    }),
    threads: setting(z.int().min(1).default(2), {
      description: 'Threads of the numeric runtime.',
      whenToChange: 'The number of processor cores that the training may use.',
    }),
  })
  .superRefine(refuseContradictions);
/** The parsed settings of one training in the library. */
export type FineTuneSettings = z.output<typeof fineTuneSettings>;
