import { answersTrainingSettings, trainingSettings, maxLength } from '@overture/training-settings';
import { reuseRule } from '@overture/dag';
import { z } from 'zod';
import { artifact } from '@overture/protocol';
import { CrossValidateInput } from './cross-validate-input.ts';
import { runControl } from '@overture/protocol';
import { armNames, armTable, type ArmName } from './study/arm-table.ts';
import { labelingOptions } from './labeling-options.ts';
import { corpusInput, evaluationInput } from './train-input.ts';

const seeds = z.array(z.int().min(0)).min(1).max(20);
const base = z.string().min(1).max(200);

/** Replaces the defaults of a schema; settings in the input take precedence. */
function withDefaults<Schema extends z.ZodType>(schema: Schema, defaults: object) {
  return z
    .preprocess(
      (given) => (typeof given === 'object' && given !== null ? { ...defaults, ...given } : given),
      schema,
    )
    .prefault({});
}

/**
 * Maximum tokens per conversation (opening and end) for models that are fine-tuned or prompted. On MSDialog,
 * 48 and 80 give the same results (docs/results/initiative-study.md), and a study trains dozens of models.
 */
const textLength = 128;

/** The models of folds are not served, so they need no int8 graph. */
const encoderTraining = { maxLength: textLength, int8LargestDrop: null };
/** Settings to fine-tune a language model with a hundred million parameters on two cores. */
const languageModelTraining = {
  ...encoderTraining,
  batchSize: 8,
  learningRate: 1e-4,
  pooling: 'last',
  lora: {},
  frozenWeights: 'int8',
};

/**
 * The presets. `smoke` checks in minutes that every arm runs, on the sample corpus and without downloads;
 * `full` is the actual study.
 */
export const studyPresets = {
  smoke: {
    corpus: 'sample',
    encoder: 'tiny',
    languageModel: 'tiny',
    folds: 2,
    seeds: [0],
    languageModelSeeds: [0],
  },
  full: {
    corpus: undefined,
    encoder: 'minilm',
    languageModel: 'smollm2',
    folds: 5,
    seeds: [0, 1],
    languageModelSeeds: [0],
  },
} as const;

/** The argument of `initiativeStudy`: plain JSON, everything optional, unknown keys rejected. */
export const InitiativeStudyInput = z
  .strictObject({
    /** The preset, which provides the settings that are left out. */
    preset: z.enum(Object.keys(studyPresets) as [keyof typeof studyPresets]).default('smoke'),
    corpus: corpusInput.prefault({}),
    /** Base models by name or folder. `tiny` models are built from each fold's training conversations. */
    encoder: base.optional(),
    languageModel: base.optional(),
    /** The arms that take part. Default: all. */
    arms: z.array(z.enum(armNames)).min(1).optional(),
    folds: CrossValidateInput.shape.folds.unwrap().optional(),
    innerFolds: CrossValidateInput.shape.innerFolds,
    foldSeed: CrossValidateInput.shape.foldSeed,
    /** Seeds of the arms that fine-tune an encoder. */
    seeds: seeds.optional(),
    /** Seeds of the arms that fine-tune a language model or choose demonstrations for it. */
    languageModelSeeds: seeds.optional(),
    splits: CrossValidateInput.shape.splits,
    /** Training settings of the encoder's arms. Settings of an arm itself take precedence. */
    training: withDefaults(trainingSettings, encoderTraining),
    /** Training settings of the arms with a head on the language model. */
    languageModelTraining: withDefaults(trainingSettings, languageModelTraining),
    /** Training settings of the arm that generates its answer. */
    answersTraining: withDefaults(answersTrainingSettings, {
      batchSize: languageModelTraining.batchSize,
      frozenWeights: languageModelTraining.frozenWeights,
    }),
    prompting: z
      .strictObject({
        /** Number of demonstrations in the arms that have them. */
        shots: z.int().min(1).max(64).default(4),
        /** Maximum tokens per conversation. */
        maxLength: maxLength.default(textLength),
        precision: z.enum(['float32', 'int8']).default('float32'),
      })
      .prefault({}),
    /**
     * Reports of earlier studies on the same corpus and folds, from which arms are taken unchanged: folders
     * on the worker's machine, as written by `overture study`. These arms keep their own training settings,
     * regardless of this input.
     */
    known: z
      .array(z.strictObject({ report: z.string().min(1).max(4096), arms: z.array(z.enum(armNames)).min(1) }))
      .default([]),
    /** Maximum tokens per turn for the frozen encoder. */
    turnLength: z.int().min(8).max(512).default(128),
    /**
     * Budget for all arms, in minutes of the worker. The most expensive arms are dropped first and listed in
     * the report. Default: no limit.
     */
    budgetMinutes: z.number().gt(0).optional(),
    evaluation: evaluationInput.pick({ bootstrapSamples: true }).prefault({}),
    /**
     * Maximum number of parts of one arm that run at the same time. Trainings share the workers of the
     * training queue.
     */
    atMost: CrossValidateInput.shape.atMost,
    reuse: reuseRule.prefault({}),
    ...runControl,
  })
  .superRefine(({ training, languageModelTraining: head, answersTraining, arms, known }, context) => {
    for (const [key, { seed }] of Object.entries({
      training,
      languageModelTraining: head,
      answersTraining,
    })) {
      if (seed !== 0)
        context.addIssue({
          code: 'custom',
          path: [key, 'seed'],
          message: 'must be left out, since seeds and languageModelSeeds have one for each repetition',
          input: seed,
        });
    }
    const taken = known.flatMap((each, place) => each.arms.map((name) => ({ name, place })));
    for (const { name, place } of taken) {
      const { method } = armTable.find((arm) => arm.name === name)!;
      const why =
        method.kind === 'floor' || method.kind === 'ensemble'
          ? 'which is computed from the others in a moment'
          : taken.filter((other) => other.name === name).length > 1
            ? 'which is taken twice'
            : arms !== undefined && !arms.includes(name)
              ? 'which is not among arms'
              : undefined;
      if (why !== undefined)
        context.addIssue({
          code: 'custom',
          path: ['known', place, 'arms'],
          message: `must not have ${name}, ${why}`,
          input: name,
        });
    }
    for (const { name, method } of armTable) {
      if (arms === undefined || method.kind !== 'ensemble' || !arms.includes(name)) continue;
      const missing = method.of.filter((member) => !arms.includes(member));
      if (missing.length > 0)
        context.addIssue({
          code: 'custom',
          path: ['arms'],
          message: `must have ${missing.join(' and ')} too, of which ${name} is made`,
          input: arms,
        });
    }
  });
/** The parsed input of `initiativeStudy`. */
export type InitiativeStudyInput = z.output<typeof InitiativeStudyInput>;

/** Returns the input with the preset's settings filled in and the arms as table entries. */
export function studySettings({ preset, ...given }: InitiativeStudyInput) {
  const { corpus, ...defaults } = studyPresets[preset];
  const {
    encoder = defaults.encoder,
    languageModel = defaults.languageModel,
    folds = defaults.folds,
    seeds: trained = defaults.seeds,
    languageModelSeeds = defaults.languageModelSeeds,
    arms,
  } = given;
  return {
    ...given,
    encoder,
    languageModel,
    folds,
    languageModelSeeds,
    seeds: trained,
    corpus: { ...given.corpus, uri: given.corpus.uri ?? corpus },
    arms: armTable.filter(({ name }) => arms === undefined || (arms as readonly ArmName[]).includes(name)),
  };
}

const pretrained = z.strictObject({
  weights: artifact('weights'),
  tokenizer: artifact('tokenizer'),
  config: artifact('model-config'),
  name: z.string(),
});
const tokenized = z.strictObject({ ...pretrained.shape, tokens: artifact('tokens') });
const chatting = z.strictObject({ ...pretrained.shape, chat: artifact('chat-format').optional() });

/**
 * How an arm predicts one fold. If a base model is left out, a tiny one is built from the fold's training
 * conversations.
 */
export const trialMethod = z.discriminatedUnion('kind', [
  z.strictObject({
    kind: z.literal('turns'),
    features: z.enum(['text', 'history']),
    turns: artifact('turn-vectors').optional(),
    turnLength: z.int(),
  }),
  z.strictObject({
    kind: z.literal('classifier'),
    base: z.enum(['encoder', 'languageModel']),
    pretrained: tokenized.optional(),
    training: trainingSettings,
  }),
  z.strictObject({
    kind: z.literal('prompt'),
    model: chatting.optional(),
    shots: z.int(),
    read: z.enum(['scores', 'text']),
    maxLength: z.int(),
    precision: z.enum(['float32', 'int8']),
  }),
  z.strictObject({
    kind: z.literal('answers'),
    model: chatting.optional(),
    training: answersTrainingSettings,
    maxLength: z.int(),
    precision: z.enum(['float32', 'int8']),
  }),
]);
/** A parsed `trialMethod`. */
export type TrialMethod = z.output<typeof trialMethod>;

/** The input of one trial: one arm in one fold with one seed. */
export const StudyTrialInput = z.strictObject({
  arm: z.enum(armNames),
  corpus: artifact('corpus'),
  folds: artifact('folds'),
  fold: z.int().min(0),
  seed: z.int().min(0),
  method: trialMethod,
  ...labelingOptions,
  reuse: reuseRule.prefault({}),
});

/** The input for the baselines of one fold. */
export const StudyBaselinesInput = z.strictObject({
  corpus: artifact('corpus'),
  folds: artifact('folds'),
  fold: z.int().min(0),
  ...labelingOptions,
  reuse: reuseRule.prefault({}),
});
