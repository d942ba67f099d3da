import type { Voice } from '../ensemble.ts';

/** What kind of predictor an arm is. */
export type ArmFamily = 'floor' | 'frozen' | 'encoder' | 'prompt' | 'text' | 'head' | 'sequence' | 'ensemble';

/** One example that every arm predicts, in the fold that it is evaluated in. */
export interface StudyExample {
  readonly id: string;
  readonly conversation: string;
  readonly label: 0 | 1;
  /** 0-based. */
  readonly fold: number;
}

/** What one training of an arm (all its folds) said about the examples, in their order. */
export interface StudyTraining extends Voice {
  readonly seed: number;
  /** Examples whose answer could not be read. */
  readonly unparsable?: number;
}

/** One arm: a predictor that was fitted anew for every fold, once for each seed. */
export interface StudyArm {
  readonly name: string;
  /** For people. */
  readonly title: string;
  readonly family: ArmFamily;
  /** Decides and gives no probabilities. */
  readonly hard: boolean;
  readonly trainings: readonly StudyTraining[];
}

/** A question that was asked before the numbers were seen. */
export interface PlannedContrast {
  readonly name: string;
  readonly question: string;
  /** An arm's name, or `best`: the arm with the best macro-F1, floors left out. */
  readonly better: string;
  readonly than: string;
}

/** A way of dividing the examples; an example may be in several parts, or in none. */
export interface Slicing {
  /** What they are divided by, such as "system turn". */
  readonly by: string;
  /** Parts in the order in which they are shown. */
  readonly names: readonly string[];
  /** For each example, the parts that it belongs to. */
  readonly partsOf: readonly (readonly string[])[];
}

/** What an arm took over all its folds and seeds. */
export interface ArmCost {
  readonly arm: string;
  /** From beginning to end of each stage, one after the other. */
  readonly seconds?: number;
  readonly cpuSeconds?: number;
  readonly peakBytes?: number;
  /** Real tokens that went through the model. */
  readonly tokens?: number;
}

/** Where one fold of one training comes from: digests by what they are of. */
export interface StudyPart {
  readonly arm: string;
  readonly fold: number;
  readonly seed: number;
  readonly sources: Readonly<Record<string, string>>;
}

/** What a report on a study is made of. */
export interface StudyInput {
  /** A name for people. */
  readonly corpus: string;
  readonly protocol: string;
  readonly tagSet: string;
  readonly examples: readonly StudyExample[];
  readonly arms: readonly StudyArm[];
  readonly contrasts: readonly PlannedContrast[];
  /** Arms that were planned and not run; contrasts with them stay unanswered. */
  readonly dropped?: readonly { readonly arm: string; readonly reason: string }[];
  readonly slicings?: readonly Slicing[];
  readonly costs?: readonly ArmCost[];
  readonly parts?: readonly StudyPart[];
  readonly provenance?: Readonly<Record<string, string>>;
}
