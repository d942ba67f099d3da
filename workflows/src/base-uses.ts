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

/** A base model that a run will fetch, with its uses. */
export interface NeededBase {
  /** The input key of the model's name. */
  readonly key: 'base' | 'encoder' | 'languageModel';
  readonly name: string;
  readonly uses: readonly BaseUse[];
}

/**
 * Returns the base models that a workflow fetches, with their uses. `tiny` models are excluded, because they
 * are built to fit.
 */
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

/**
 * The uses of a sweep's base model: with the fixed settings, and with each varied setting at its maximum or
 * listed values.
 */
export function sweepUses({ training, space }: Pick<SweepInput, 'training' | 'space'>): BaseUse[] {
  const varied = (['maxLength', 'freezeLayers', 'lora'] as const).flatMap((name) => {
    const range = space[name];
    const values = range === undefined ? [] : 'values' in range ? range.values : [range.max];
    return values.map((value) =>
      classifierUse({ ...training, [name]: value }, `space.${name} (${JSON.stringify(value)})`),
    );
  });
  return [
    ...(space.maxLength === undefined
      ? [classifierUse(training)]
      : [classifierUse({ ...training, maxLength: 1 })]),
    ...varied,
  ];
}

/** The uses of a study's two base models. Arms taken from an earlier study use neither. */
export function studyUses(study: ReturnType<typeof studySettings>): {
  readonly encoder: BaseUse[];
  readonly languageModel: BaseUse[];
} {
  const methods = study.arms
    .filter((arm) => !isKnown(arm, study))
    .map(({ method }): StudyArm['method'] => method);
  const has = (kind: StudyArm['method']['kind'], base?: 'encoder' | 'languageModel'): boolean =>
    methods.some(
      (method) => method.kind === kind && (base === undefined || ('base' in method && method.base === base)),
    );
  const asks = has('prompt') || has('answers');
  return {
    encoder: [
      ...(has('turns') ? [{ key: 'turnLength', task: 'encoder' as const, maxLength: study.turnLength }] : []),
      ...(has('classifier', 'encoder') ? [classifierUse(study.training)] : []),
    ],
    languageModel: [
      ...(has('classifier', 'languageModel')
        ? [classifierUse(study.languageModelTraining, 'languageModelTraining')]
        : []),
      ...(has('answers') ? [answersUse(study.answersTraining, 'answersTraining')] : []),
      ...(asks
        ? [{ key: 'prompting', task: 'languageModel' as const, maxLength: study.prompting.maxLength }]
        : []),
    ],
  };
}
