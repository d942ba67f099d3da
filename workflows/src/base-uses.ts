import {
  answersUse,
  classifierUse,
  CrossValidateInput,
  InitiativeStudyInput,
  studySettings,
  SweepInput,
  TrainInput,
  type BaseUse,
  type StudyArm,
} from '@overture/contracts';
import { isKnown } from './study-work.ts';

/** A base model that a run will fetch, and what it does with it. */
export interface NeededBase {
  /** Key of the input that names it. */
  readonly key: 'base' | 'encoder' | 'languageModel';
  readonly name: string;
  readonly uses: readonly BaseUse[];
}

/** The base models that a workflow fetches, with what it does with each; tiny ones are made to fit. */
export function neededBases(workflow: string, input: unknown): NeededBase[] {
  return basesOf(workflow, input).filter(({ name, uses }) => name !== 'tiny' && uses.length > 0);
}

function basesOf(workflow: string, input: unknown): NeededBase[] {
  switch (workflow) {
    case 'trainInitiativeModel': {
      const { base, training } = TrainInput.parse(input);
      return [{ key: 'base', name: base, uses: [classifierUse(training)] }];
    }
    case 'crossValidate': {
      const { base, training } = CrossValidateInput.parse(input);
      return [{ key: 'base', name: base, uses: [classifierUse(training)] }];
    }
    case 'sweep': {
      const parsed = SweepInput.parse(input);
      return [{ key: 'base', name: parsed.base, uses: sweepUses(parsed) }];
    }
    case 'initiativeStudy': {
      const study = studySettings(InitiativeStudyInput.parse(input));
      const uses = studyUses(study);
      return [
        { key: 'encoder', name: study.encoder, uses: uses.encoder },
        { key: 'languageModel', name: study.languageModel, uses: uses.languageModel },
      ];
    }
    default:
      return [];
  }
}

/** The fixed settings of a sweep, and every setting that it varies at its largest. */
export function sweepUses({ training, space }: Pick<SweepInput, 'training' | 'space'>): BaseUse[] {
  const varied = (['maxLength', 'freezeLayers', 'lora'] as const).flatMap((name) => {
    const range = space[name];
    const values = range === undefined ? [] : 'values' in range ? range.values : [range.max];
    return values.map((value) => classifierUse({ ...training, [name]: value }, `space.${name} (${JSON.stringify(value)})`));
  });
  return [...(space.maxLength === undefined ? [classifierUse(training)] : [classifierUse({ ...training, maxLength: 1 })]), ...varied];
}

/** What the arms of a study do with its two base models; arms that are taken from an earlier study do nothing. */
export function studyUses(study: ReturnType<typeof studySettings>): { readonly encoder: BaseUse[]; readonly languageModel: BaseUse[] } {
  const methods = study.arms.filter((arm) => !isKnown(arm, study)).map(({ method }): StudyArm['method'] => method);
  const has = (kind: StudyArm['method']['kind'], base?: 'encoder' | 'languageModel'): boolean =>
    methods.some((method) => method.kind === kind && (base === undefined || ('base' in method && method.base === base)));
  const asks = has('prompt') || has('answers');
  return {
    encoder: [
      ...(has('turns') ? [{ key: 'turnLength', task: 'encoder' as const, maxLength: study.turnLength }] : []),
      ...(has('classifier', 'encoder') ? [classifierUse(study.training)] : []),
    ],
    languageModel: [
      ...(has('classifier', 'languageModel') ? [classifierUse(study.languageModelTraining, 'languageModelTraining')] : []),
      ...(has('answers') ? [answersUse(study.answersTraining, 'answersTraining')] : []),
      ...(asks ? [{ key: 'prompting', task: 'languageModel' as const, maxLength: study.prompting.maxLength }] : []),
    ],
  };
}
