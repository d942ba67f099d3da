import type { ExampleInput } from '@overture/dialogue';

/** A turn as represented for models of single turns. */
export interface TurnView {
  /** float32 [width], with Euclidean length 1. */
  readonly vector: Float32Array;
  readonly words: number;
  /** Whether it contains a question mark. */
  readonly questions: boolean;
}

/** An example with a view of every turn in its history, in order. */
export interface ViewedExample extends Pick<ExampleInput, 'history' | 'systemTurn'> {
  readonly views: readonly TurnView[];
}

/** The probability that a turn takes the initiative, given the turn itself. Called only for system turns. */
export type ActModel = (turn: TurnView) => number;

/** The ordinal of the system turn to predict, as three numbers of order 1. */
function position({ systemTurn }: ViewedExample): number[] {
  return [Number(systemTurn === 0), Math.log1p(systemTurn), Math.min(systemTurn, 5) / 5];
}

/** Opening turn, last turn and the ordinal of the turn to predict: [2 · width + 3]. */
export function textFeatures(example: ViewedExample): number[] {
  return [
    ...viewOf(example, openingOf(example)).vector,
    ...viewOf(example, example.history.length - 1).vector,
    ...position(example),
  ];
}

/**
 * The text features with the course of the conversation: the system's last turn, whether it and earlier ones
 * asked, how long ago the last question was, and how much was said: [3 · width + 12].
 */
export function historyFeatures(example: ViewedExample, acts: ActModel): number[] {
  const own = example.history.flatMap(({ role }, i) => (role === 'system' ? [viewOf(example, i)] : []));
  const asked = own.map(acts);
  const last = viewOf(example, example.history.length - 1);
  const sinceAsked = asked.toReversed().findIndex((p) => p > 0.5) + 1; // 0: never
  const [width, words] = [last.vector.length, example.views.reduce((sum, view) => sum + view.words, 0)];
  return [
    ...textFeatures(example),
    ...(own.at(-1)?.vector ?? new Float32Array(width)),
    Number(own.length === 0),
    asked.at(-1) ?? neutral,
    mean(asked) ?? neutral,
    Math.max(...(asked.length > 0 ? asked : [neutral])),
    sinceAsked / 3,
    logWords(last.words),
    logWords(viewOf(example, openingOf(example)).words),
    logWords(words),
    Number(last.questions),
  ];
}

/** The value for an act before there is one: about the prior. */
const neutral = 0.4;

function openingOf({ history }: ViewedExample): number {
  return history.findIndex(({ role }) => role === 'user'); // every example has one
}

function viewOf({ views }: ViewedExample, i: number): TurnView {
  return views[i]!;
}

function logWords(words: number): number {
  return Math.log1p(words) / 3;
}

function mean(values: readonly number[]): number | undefined {
  return values.length === 0 ? undefined : values.reduce((sum, value) => sum + value, 0) / values.length;
}
