import type { ArmName, InitiativeStudyInput, networkPass, StudyArm, studySettings } from '@overture/contracts';
import type { z } from 'zod';

type Settings = ReturnType<typeof studySettings>;
type Pass = z.input<typeof networkPass>;

/** What an arm takes, for estimates. */
export function workOf(arm: StudyArm, study: Settings): { arm: ArmName; parts: number; passes: Pass[] } {
  const trained = arm.method.kind !== 'floor' && arm.method.kind !== 'ensemble' && !isKnown(arm, study);
  return { arm: arm.name as ArmName, parts: trained ? seedsOf(arm, study).length * study.folds : 0, passes: trained ? passesOf(arm, study) : [] };
}

/** Whether an arm is taken from an earlier study. */
export function isKnown({ name }: StudyArm, { known }: Pick<Settings, 'known'>): boolean {
  return known.some(({ arms }) => (arms as readonly string[]).includes(name));
}

/** Under which seeds an arm is trained; what draws nothing at random has one. */
export function seedsOf({ name, method }: StudyArm, { seeds, languageModelSeeds }: Settings): readonly number[] {
  switch (method.kind) {
    case 'classifier':
      return method.base === 'encoder' ? seeds : languageModelSeeds;
    case 'prompt':
      return method.demonstrations ? languageModelSeeds : languageModelSeeds.slice(0, 1);
    case 'answers':
      return languageModelSeeds;
    case 'floor':
      return name === 'random' ? [0, 1, 2, 3, 4] : [0]; // one draw of it is chance itself
    case 'turns':
    case 'ensemble':
      return [0];
  }
}

/** What an arm asks of networks in each fold and under each seed. */
function passesOf({ method }: StudyArm, study: Settings): Pass[] {
  switch (method.kind) {
    case 'turns':
      return [{ network: 'encoder', over: 'turns', maxLength: study.turnLength, operations: 2, times: 1, precision: 'float32' }];
    case 'classifier': {
      const network = method.base;
      const { epochs, maxLength, lora, frozenWeights, freezeLayers: from, headStart, pooling, int8LargestDrop } = { ...(network === 'encoder' ? study.training : study.languageModelTraining), ...method.training };
      const forward = { network, maxLength, operations: 2, precision: 'float32' } as const;
      return [
        // what frozen layers give is computed once for all trainings, and what a head starts from where it is one token's; means once for a fold
        ...(from > 0 ? [{ ...forward, over: 'examples', to: from, times: 1 / headsOn(network, study).length } as const] : []),
        ...(headStart !== 'linearProbe' ? [] : pooling === 'mean' ? [{ ...forward, over: 'train', from, times: 1 / trainingsOn(network, study) } as const] : [{ ...forward, over: 'examples', from, times: 1 / headsOn(network, study).length } as const]),
        { network, maxLength, over: 'train', from, operations: lora === null ? 6 : 4, times: epochs, precision: lora === null ? 'float32' : frozenWeights },
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
      const promptTokens = dropout === 0 && lora.dropout === 0 && from === 0 ? closingTokens + beginningTokens / sequencesPerRun : closingTokens + beginningTokens;
      const { maxLength } = study.prompting;
      return [
        ...(from > 0 ? [{ network: 'languageModel', over: 'examples', to: from, maxLength, promptTokens, operations: 2, times: 1, precision: 'float32' } as const] : []),
        { network: 'languageModel', over: 'train', from, maxLength, promptTokens, operations: 4, times: epochs, precision: frozenWeights },
        { network: 'languageModel', over: 'valid', from, maxLength, promptTokens, operations: 2, times: epochs, precision: 'float32' },
        ...asked(study, 'text'),
      ];
    }
    case 'floor':
    case 'ensemble':
      return [];
  }
}

/** The arms that put a head on a network. */
function headsOn(network: Pass['network'], study: Settings): readonly StudyArm[] {
  return study.arms.filter((arm) => arm.method.kind === 'classifier' && arm.method.base === network && !isKnown(arm, study));
}

/** How many trainings of a fold they are. */
function trainingsOn(network: Pass['network'], study: Settings): number {
  return headsOn(network, study).reduce((sum, arm) => sum + seedsOf(arm, study).length, 0);
}

/** What stands around a conversation. The beginning is read once for all prompts, and in training once for every run of some (SmolLM2 on MSDialog). */
const beginningTokens = 76;
const closingTokens = 45;
const sequencesPerRun = 4;
/** Of an answer in JSON; each is a step by itself, which takes about as long as four of a prompt's tokens. */
const answerSteps = 10 * 4;

function asked({ prompting: { maxLength, precision } }: Pick<InitiativeStudyInput, 'prompting'>, read: 'scores' | 'text'): Pass[] {
  const pass = { network: 'languageModel', maxLength, operations: 2, times: 1, precision, promptTokens: closingTokens } as const;
  // thresholds for scores come from the inner validation
  return read === 'text' ? [{ ...pass, over: 'test', promptTokens: closingTokens + answerSteps }] : [{ ...pass, over: 'test' }, { ...pass, over: 'valid' }];
}
