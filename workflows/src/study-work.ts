import type {
  ArmName,
  InitiativeStudyInput,
  networkPass,
  StudyArm,
  studySettings,
} from '@overture/contracts';
import type { z } from 'zod';

type Settings = ReturnType<typeof studySettings>;
type Pass = z.input<typeof networkPass>;

/** The work of an arm, for cost estimates. */
export function workOf(arm: StudyArm, study: Settings): { arm: ArmName; parts: number; passes: Pass[] } {
  const trained = arm.method.kind !== 'floor' && arm.method.kind !== 'ensemble' && !isKnown(arm, study);
  return {
    arm: arm.name as ArmName,
    parts: trained ? seedsOf(arm, study).length * study.folds : 0,
    passes: trained ? passesOf(arm, study) : [],
  };
}

/** Whether an arm is taken from an earlier study. */
export function isKnown({ name }: StudyArm, { known }: Pick<Settings, 'known'>): boolean {
  return known.some(({ arms }) => (arms as readonly string[]).includes(name));
}

/** The seeds of an arm's trainings. A method without randomness has one. */
export function seedsOf(
  { name, method }: StudyArm,
  { seeds, languageModelSeeds }: Settings,
): readonly number[] {
  switch (method.kind) {
    case 'classifier':
      return method.base === 'encoder' ? seeds : languageModelSeeds;
    case 'prompt':
      return method.demonstrations ? languageModelSeeds : languageModelSeeds.slice(0, 1);
    case 'answers':
      return languageModelSeeds;
    case 'floor':
      return name === 'random' ? [0, 1, 2, 3, 4] : [0]; // a single draw would be noisy
    case 'turns':
    case 'ensemble':
      return [0];
  }
}

/** The passes through networks of an arm, for each fold and seed. */
function passesOf({ method }: StudyArm, study: Settings): Pass[] {
  switch (method.kind) {
    case 'turns':
      return [
        {
          network: 'encoder',
          over: 'turns',
          maxLength: study.turnLength,
          operations: 2,
          times: 1,
          precision: 'float32',
        },
      ];
    case 'classifier': {
      const network = method.base;
      const {
        epochs,
        maxLength,
        lora,
        frozenWeights,
        freezeLayers: from,
        headStart,
        pooling,
        int8LargestDrop,
      } = { ...(network === 'encoder' ? study.training : study.languageModelTraining), ...method.training };
      const forward = { network, maxLength, operations: 2, precision: 'float32' } as const;
      return [
        // Outputs of frozen layers are computed once for all trainings. So is the input of the head's
        // initialization if it is a single token; means are computed once per fold.
        ...(from > 0
          ? [{ ...forward, over: 'examples', to: from, times: 1 / headsOn(network, study).length } as const]
          : []),
        ...(headStart !== 'linearProbe'
          ? []
          : pooling === 'mean'
            ? [{ ...forward, over: 'train', from, times: 1 / trainingsOn(network, study) } as const]
            : [{ ...forward, over: 'examples', from, times: 1 / headsOn(network, study).length } as const]),
        {
          network,
          maxLength,
          over: 'train',
          from,
          operations: lora === null ? 6 : 4,
          times: epochs,
          precision: lora === null ? 'float32' : frozenWeights,
        },
        { ...forward, over: 'valid', from, times: epochs },
        // to compare int8 with float32
        ...(int8LargestDrop === null ? [] : [{ ...forward, over: 'valid', times: 2 } as const]),
        { ...forward, over: 'test', times: 1 },
      ];
    }
    case 'prompt':
      return asked(study, method.read);
    case 'answers': {
      const { epochs, frozenWeights, dropout, lora, freezeLayers: from } = study.answersTraining;
      const promptTokens =
        dropout === 0 && lora.dropout === 0 && from === 0
          ? closingTokens + beginningTokens / sequencesPerRun
          : closingTokens + beginningTokens;
      const { maxLength } = study.prompting;
      return [
        ...(from > 0
          ? [
              {
                network: 'languageModel',
                over: 'examples',
                to: from,
                maxLength,
                promptTokens,
                operations: 2,
                times: 1,
                precision: 'float32',
              } as const,
            ]
          : []),
        {
          network: 'languageModel',
          over: 'train',
          from,
          maxLength,
          promptTokens,
          operations: 4,
          times: epochs,
          precision: frozenWeights,
        },
        {
          network: 'languageModel',
          over: 'valid',
          from,
          maxLength,
          promptTokens,
          operations: 2,
          times: epochs,
          precision: 'float32',
        },
        ...asked(study, 'text'),
      ];
    }
    case 'floor':
    case 'ensemble':
      return [];
  }
}

/** The arms that train a head on a network. */
function headsOn(network: Pass['network'], study: Settings): readonly StudyArm[] {
  return study.arms.filter(
    (arm) => arm.method.kind === 'classifier' && arm.method.base === network && !isKnown(arm, study),
  );
}

/** The number of trainings of these arms per fold. */
function trainingsOn(network: Pass['network'], study: Settings): number {
  return headsOn(network, study).reduce((sum, arm) => sum + seedsOf(arm, study).length, 0);
}

/**
 * The prompt tokens before and after a conversation. The prefix is computed once for all prompts; in
 * training, once per group of `sequencesPerRun` sequences (SmolLM2 on MSDialog).
 */
const beginningTokens = 76;
const closingTokens = 45;
const sequencesPerRun = 4;
/**
 * The cost of generating an answer in JSON, in prompt tokens: ten steps, each of which takes about as long as
 * four prompt tokens.
 */
const answerSteps = 10 * 4;

function asked(
  { prompting: { maxLength, precision } }: Pick<InitiativeStudyInput, 'prompting'>,
  read: 'scores' | 'text',
): Pass[] {
  const pass = {
    network: 'languageModel',
    maxLength,
    operations: 2,
    times: 1,
    precision,
    promptTokens: closingTokens,
  } as const;
  // Thresholds for scores come from the inner validation split.
  return read === 'text'
    ? [{ ...pass, over: 'test', promptTokens: closingTokens + answerSteps }]
    : [
        { ...pass, over: 'test' },
        { ...pass, over: 'valid' },
      ];
}
