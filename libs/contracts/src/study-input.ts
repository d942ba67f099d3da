import { reuseRule } from '@overture/dag';
import { z } from 'zod';
import { artifact } from './artifact-ref.ts';
import { CrossValidateInput } from './cross-validate-input.ts';
import { runControl } from './run-control.ts';
import { armNames, armTable, type ArmName } from './study/arm-table.ts';
import { textRule } from './text-rule.ts';
import { answersTrainingInput, corpusInput, evaluationInput, trainingInput } from './train-input.ts';

const seeds = z.array(z.int().min(0)).min(1).max(20);
const base = z.string().min(1).max(200);

/** Settings with other defaults than those of the schema; what is given wins. */
function withDefaults<Schema extends z.ZodType>(schema: Schema, defaults: object) {
  return z.preprocess((given) => (typeof given === 'object' && given !== null ? { ...defaults, ...given } : given), schema).prefault({});
}

/**
 * Tokens of a conversation, its opening and its end, that a model which is fine-tuned or asked reads. On MSDialog 48 and 80 give the same answers
 * (docs/results/initiative-study.md), and a study trains dozens of models.
 */
const textLength = 128;

/** The models of folds are not served, and need no graph in int8. */
const encoderTraining = { maxLength: textLength, int8LargestDrop: null };
/** How a language model of a hundred million parameters is fine-tuned on two cores. */
const languageModelTraining = { ...encoderTraining, batchSize: 8, learningRate: 1e-4, pooling: 'last', lora: {}, frozenWeights: 'int8' };

/** How much is done when nothing is said: `smoke` shows in minutes, on a corpus at hand and without downloads, that every arm runs; `full` answers the question. */
export const studyPresets = {
  smoke: { corpus: 'sample', encoder: 'tiny', languageModel: 'tiny', folds: 2, seeds: [0], languageModelSeeds: [0] },
  full: { corpus: undefined, encoder: 'minilm', languageModel: 'smollm2', folds: 5, seeds: [0, 1], languageModelSeeds: [0] },
} as const;

/** The one argument of `initiativeStudy`: plain JSON, everything optional, unknown keys refused. */
export const InitiativeStudyInput = z.strictObject({
  /** What is left out of this input is as the preset has it. */
  preset: z.enum(Object.keys(studyPresets) as [keyof typeof studyPresets]).default('smoke'),
  corpus: corpusInput.prefault({}),
  /** Base models by name or folder; `tiny` ones are made of each fold's own training conversations. */
  encoder: base.optional(),
  languageModel: base.optional(),
  /** Which arms take part; default: all. */
  arms: z.array(z.enum(armNames)).min(1).optional(),
  folds: CrossValidateInput.shape.folds.unwrap().optional(),
  innerFolds: CrossValidateInput.shape.innerFolds,
  foldSeed: CrossValidateInput.shape.foldSeed,
  /** Of the arms that fine-tune an encoder. */
  seeds: seeds.optional(),
  /** Of the arms that fine-tune a language model, or choose demonstrations for it. */
  languageModelSeeds: seeds.optional(),
  splits: CrossValidateInput.shape.splits,
  /** Of the encoder's arms, whatever an arm says itself. */
  training: withDefaults(trainingInput, encoderTraining),
  /** Of the arms with a head on the language model. */
  languageModelTraining: withDefaults(trainingInput, languageModelTraining),
  /** Of the arm that learns to write its answer. */
  answersTraining: withDefaults(answersTrainingInput, { batchSize: languageModelTraining.batchSize, frozenWeights: languageModelTraining.frozenWeights }),
  prompting: z
    .strictObject({
      /** Demonstrations of the arms that have them. */
      shots: z.int().min(1).max(64).default(4),
      /** Tokens of one conversation. */
      maxLength: z.int().min(16).max(4096).default(textLength),
      precision: z.enum(['float32', 'int8']).default('float32'),
    })
    .prefault({}),
  /**
   * Reports of earlier studies on the same corpus and folds, from which arms are taken as they are: folders on the worker's machine, as `overture study`
   * leaves them. What they learnt with is theirs, whatever this input says.
   */
  known: z.array(z.strictObject({ report: z.string().min(1).max(4096), arms: z.array(z.enum(armNames)).min(1) })).default([]),
  /** Tokens of a turn that the frozen encoder reads. */
  turnLength: z.int().min(8).max(512).default(128),
  /** What the arms may take, in minutes of the worker; the most expensive ones are dropped first, and the report says which. Default: no limit. */
  budgetMinutes: z.number().gt(0).optional(),
  evaluation: evaluationInput.pick({ bootstrapSamples: true }).prefault({}),
  /** How many parts of one arm may be under way at a time; trainings share the workers of the training queue. */
  atMost: CrossValidateInput.shape.atMost,
  reuse: reuseRule.prefault({}),
  ...runControl,
}).superRefine(({ training, languageModelTraining: head, answersTraining, arms, known }, context) => {
  for (const [key, { seed }] of Object.entries({ training, languageModelTraining: head, answersTraining })) {
    if (seed !== 0) context.addIssue({ code: 'custom', path: [key, 'seed'], message: 'must be left out, since seeds and languageModelSeeds have one for each repetition', input: seed });
  }
  const taken = known.flatMap((each, place) => each.arms.map((name) => ({ name, place })));
  for (const { name, place } of taken) {
    const { method } = armTable.find((arm) => arm.name === name)!;
    const why = method.kind === 'floor' || method.kind === 'ensemble' ? 'which is computed from the others in a moment' : taken.filter((other) => other.name === name).length > 1 ? 'which is taken twice' : arms !== undefined && !arms.includes(name) ? 'which is not among arms' : undefined;
    if (why !== undefined) context.addIssue({ code: 'custom', path: ['known', place, 'arms'], message: `must not have ${name}, ${why}`, input: name });
  }
  for (const { name, method } of armTable) {
    if (arms === undefined || method.kind !== 'ensemble' || !arms.includes(name)) continue;
    const missing = method.of.filter((member) => !arms.includes(member));
    if (missing.length > 0) context.addIssue({ code: 'custom', path: ['arms'], message: `must have ${missing.join(' and ')} too, of which ${name} is made`, input: arms });
  }
});
export type InitiativeStudyInput = z.output<typeof InitiativeStudyInput>;

/** The input with everything that its preset decides. */
export function studySettings({ preset, ...given }: InitiativeStudyInput) {
  const { corpus, ...defaults } = studyPresets[preset];
  const { encoder = defaults.encoder, languageModel = defaults.languageModel, folds = defaults.folds, seeds: trained = defaults.seeds, languageModelSeeds = defaults.languageModelSeeds, arms } = given;
  return {
    ...given, encoder, languageModel, folds, languageModelSeeds, seeds: trained,
    corpus: { ...given.corpus, uri: given.corpus.uri ?? corpus },
    arms: armTable.filter(({ name }) => arms === undefined || (arms as readonly ArmName[]).includes(name)),
  };
}

const pretrained = z.strictObject({ weights: artifact('weights'), tokenizer: artifact('tokenizer'), config: artifact('model-config'), name: z.string() });
const tokenized = z.strictObject({ ...pretrained.shape, tokens: artifact('tokens') });
const chatting = z.strictObject({ ...pretrained.shape, chat: artifact('chat-format').optional() });

/** How an arm comes to its predictions of one fold; a base model that is left out is made of the fold's training conversations. */
export const trialMethod = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('turns'), features: z.enum(['text', 'history']), turns: artifact('turn-vectors').optional(), turnLength: z.int() }),
  z.strictObject({ kind: z.literal('classifier'), base: z.enum(['encoder', 'languageModel']), pretrained: tokenized.optional(), training: trainingInput }),
  z.strictObject({ kind: z.literal('prompt'), model: chatting.optional(), shots: z.int(), read: z.enum(['scores', 'text']), maxLength: z.int(), precision: z.enum(['float32', 'int8']) }),
  z.strictObject({ kind: z.literal('answers'), model: chatting.optional(), training: answersTrainingInput, maxLength: z.int(), precision: z.enum(['float32', 'int8']) }),
]);
export type TrialMethod = z.output<typeof trialMethod>;

/** One arm in one fold under one seed. */
export const StudyTrialInput = z.strictObject({
  arm: z.enum(armNames),
  corpus: artifact('corpus'),
  folds: artifact('folds'),
  fold: z.int().min(0),
  seed: z.int().min(0),
  method: trialMethod,
  ...textRule,
  reuse: reuseRule.prefault({}),
});

/** The floors of one fold. */
export const StudyFloorsInput = z.strictObject({ corpus: artifact('corpus'), folds: artifact('folds'), fold: z.int().min(0), ...textRule, reuse: reuseRule.prefault({}) });
