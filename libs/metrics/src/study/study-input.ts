import type { EnsembleMember } from '../ensemble.ts';

/** The kind of predictor of an arm. */
export type ArmFamily = 'floor' | 'frozen' | 'encoder' | 'prompt' | 'text' | 'head' | 'sequence' | 'ensemble';

/** One example that every arm predicts, with the fold in which it is evaluated. */
export interface StudyExample {
  readonly id: string;
  readonly conversation: string;
  readonly label: 0 | 1;
  /** 0-based. */
  readonly fold: number;
}

/** The predictions of one training of an arm (all its folds), in the order of the examples. */
export interface StudyTraining extends EnsembleMember {
  readonly seed: number;
  /** Number of examples whose answer could not be read. */
  readonly unparsable?: number;
}

/** One arm: a predictor that is fitted separately for every fold and seed. */
export interface StudyArm {
  readonly name: string;
  /** The displayed title. */
  readonly title: string;
  readonly family: ArmFamily;
  /** Whether the arm makes decisions without probabilities. */
  readonly hard: boolean;
  readonly trainings: readonly StudyTraining[];
}

/** A question that was chosen before the numbers were seen. */
export interface PlannedContrast {
  readonly name: string;
  readonly question: string;
  /** An arm's name, or `best`: the arm with the best macro-F1, excluding baselines. */
  readonly better: string;
  readonly than: string;
}

/** A way to divide the examples. An example may be in several parts, or in none. */
export interface Slicing {
  /** The property that divides them, such as "system turn". */
  readonly by: string;
  /** Parts in display order. */
  readonly names: readonly string[];
  /** The parts of each example. */
  readonly partsOf: readonly (readonly string[])[];
}

/** The cost of an arm over all its folds and seeds. */
export interface ArmCost {
  readonly arm: string;
  /** Elapsed time of all stages, summed. */
  readonly seconds?: number;
  readonly cpuSeconds?: number;
  readonly peakBytes?: number;
  /** Real tokens processed by the model. */
  readonly tokens?: number;
}

/** The origin of one fold of one training: digests by what they identify. */
export interface StudyPart {
  readonly arm: string;
  readonly fold: number;
  readonly seed: number;
  readonly sources: Readonly<Record<string, string>>;
}

/** The input of a study report. */
export interface StudyInput {
  /** The displayed name. */
  readonly corpus: string;
  readonly protocol: string;
  readonly tagSet: string;
  readonly examples: readonly StudyExample[];
  readonly arms: readonly StudyArm[];
  readonly contrasts: readonly PlannedContrast[];
  /** Planned arms that were not run; contrasts with them remain unanswered. */
  readonly dropped?: readonly { readonly arm: string; readonly reason: string }[];
  readonly slicings?: readonly Slicing[];
  readonly costs?: readonly ArmCost[];
  readonly parts?: readonly StudyPart[];
  readonly provenance?: Readonly<Record<string, string>>;
}
