import type { ArmName, InitiativeStudyInput, networkPass, StudyArm, studySettings } from '@overture/contracts';
import type { z } from 'zod';

type Settings = ReturnType<typeof studySettings>;
type Pass = z.input<typeof networkPass>;

/** What an arm takes, for estimates. */
export function workOf(arm: StudyArm, study: Settings): { arm: ArmName; parts: number; passes: Pass[] } {
  const trained = arm.method.kind !== 'floor' && arm.method.kind !== 'ensemble';
  return { arm: arm.name as ArmName, parts: trained ? seedsOf(arm, study).length * study.folds : 0, passes: passesOf(arm, study) };
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
      const { epochs, maxLength, lora, frozenWeights, headStart, int8LargestDrop } = { ...(network === 'encoder' ? study.training : study.languageModelTraining), ...method.training };
      const forward = { network, maxLength, operations: 2, precision: 'float32' } as const;
      return [
        // what the head starts from is the same for all trainings of a fold, which share it
        ...(headStart === 'linearProbe' ? [{ ...forward, over: 'train', times: 1 / trainingsOn(network, study) } as const] : []),
        { network, maxLength, over: 'train', operations: lora === null ? 6 : 4, times: epochs, precision: lora === null ? 'float32' : frozenWeights },
        // after every epoch, and twice to compare int8 with float32
        { ...forward, over: 'valid', times: epochs + (int8LargestDrop === null ? 0 : 2) },
        { ...forward, over: 'test', times: 1 },
      ];
    }
    case 'prompt':
      return asked(study, method.read);
    case 'answers': {
      const { epochs, frozenWeights, dropout, lora, freezeLayers } = study.answersTraining;
      const promptTokens = dropout === 0 && lora.dropout === 0 && freezeLayers === 0 ? closingTokens + beginningTokens / sequencesPerRun : closingTokens + beginningTokens;
      const { maxLength } = study.prompting;
      return [
        { network: 'languageModel', over: 'train', maxLength, promptTokens, operations: 4, times: epochs, precision: frozenWeights },
        { network: 'languageModel', over: 'valid', maxLength, promptTokens, operations: 2, times: epochs, precision: 'float32' },
        ...asked(study, 'text'),
      ];
    }
    case 'floor':
    case 'ensemble':
      return [];
  }
}

/** How many trainings of a fold put a head on a network. */
function trainingsOn(network: Pass['network'], study: Settings): number {
  const arms = study.arms.filter(({ method }) => method.kind === 'classifier' && method.base === network);
  return arms.reduce((sum, arm) => sum + seedsOf(arm, study).length, 0);
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
