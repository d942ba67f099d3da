import { counterRandom } from '@overture/core';
import type { Example, TagSet } from '@overture/dialogue';
import { takesInitiative } from '@overture/dialogue';
import { evaluateScores } from '@overture/metrics';
import { fitLogisticRegression, type LogisticRegression } from '../learning/logistic-regression.ts';
import { denseRows } from '../text/sparse-matrix.ts';
import {
  historyFeatures,
  textFeatures,
  type ActModel,
  type TurnView,
  type ViewedExample,
} from './turn-features.ts';

/**
 * Which features a turn model uses: the opening and last turn only, or also the course of the conversation.
 */
export type TurnFeatures = 'text' | 'history';

/** An example to train on. */
export type LabeledView = Example & ViewedExample;

/** Options of `fitTurnModel`. */
export interface TurnModelOptions {
  readonly features: TurnFeatures;
  /** Determines which turns of a history took the initiative. */
  readonly tagSet: TagSet;
  /** The seed for the inner folds. */
  readonly seed: number;
  /**
   * Called and awaited before each fit. With thousands of examples, a fit blocks the thread for about a
   * second.
   */
  readonly onFit?: (done: number, total: number) => Promise<void>;
}

/** A fitted turn model. */
export interface TurnModel {
  /** Inverse strength of the penalty, chosen by AUC on inner folds of the training examples. */
  readonly inversePenalty: number;
  /** P(initiative) of each example. */
  predict(examples: readonly ViewedExample[]): Float64Array;
}

/** Vectors have length 1, so a few values suit every encoder. */
const inversePenalties = [0.03, 0.1, 0.3, 1];
const innerFolds = 4;
const actPenalty = 1;

/**
 * Logistic regression with balanced class weights on an encoder's turn vectors. With `history`, a first model
 * learns which system turns ask. For training examples, its predictions come from models that were not fitted
 * on the same conversation, as for new examples.
 * @throws AppError `BASELINE_ONE_CLASS`
 */
export async function fitTurnModel(
  train: readonly LabeledView[],
  { features, tagSet, seed, onFit }: TurnModelOptions,
): Promise<TurnModel> {
  const foldOf = (conversation: string): number =>
    counterRandom(seed, 'turn model', conversation).below(0, innerFolds);
  const inner = train.map(({ conversationId }) => foldOf(conversationId));
  const actsWithout = features === 'history' ? innerActs(train, inner, tagSet) : undefined;
  const rowsOf = (examples: readonly ViewedExample[], acts: (i: number) => ActModel): number[][] =>
    examples.map((example, i) =>
      features === 'text' ? textFeatures(example) : historyFeatures(example, acts(i)),
    );
  const rows = rowsOf(train, (i) => actsWithout!(inner[i]!));
  const labels = train.map(({ label }) => label);
  const fit = (chosen: readonly number[], inversePenalty: number): LogisticRegression =>
    fitLogisticRegression(
      matrix(chosen.map((i) => rows[i]!)),
      chosen.map((i) => labels[i]!),
      { inversePenalty, classWeight: 'balanced' },
    );

  let fits = 0;
  const beforeFit = async (): Promise<void> => onFit?.(fits++, inversePenalties.length * innerFolds + 1);
  const scoreOf = async (inversePenalty: number): Promise<number> => {
    const probabilities = new Float64Array(train.length);
    for (let fold = 0; fold < innerFolds; fold++) {
      const held = indices(inner, (each) => each === fold);
      if (held.length === 0) continue;
      await beforeFit();
      const said = fit(
        indices(inner, (each) => each !== fold),
        inversePenalty,
      ).predict(matrix(held.map((i) => rows[i]!)));
      held.forEach((i, k) => (probabilities[i] = said[k]!));
    }
    // Both classes occur, otherwise the fit has thrown.
    return evaluateScores({ labels, probabilities }, { bootstrap: false }).auc!;
  };
  const scores: { value: number; auc: number }[] = [];
  for (const value of inversePenalties) scores.push({ value, auc: await scoreOf(value) });
  const inversePenalty = scores.reduce((best, each) => (each.auc > best.auc ? each : best)).value;
  await beforeFit();
  const model = fit(
    labels.map((_, i) => i),
    inversePenalty,
  );
  const acts = actsWithout?.(undefined);
  return { inversePenalty, predict: (examples) => model.predict(matrix(rowsOf(examples, () => acts!))) };
}

/**
 * Models of which system turns ask: one fitted without each inner fold, and one (`undefined`) fitted on all.
 */
function innerActs(
  train: readonly LabeledView[],
  inner: readonly number[],
  tagSet: TagSet,
): (without: number | undefined) => ActModel {
  // The examples of a conversation share the same turn objects.
  const turns = new Map<object, { readonly view: TurnView; readonly label: number; readonly fold: number }>();
  train.forEach(({ history, views }, i) =>
    history.forEach((turn, k) => {
      if (turn.role === 'system' && turn.labeled)
        turns.set(turn, { view: views[k]!, label: Number(takesInitiative(turn, tagSet)), fold: inner[i]! });
    }),
  );
  const known = new Map<number | undefined, ActModel>();
  return (without) => {
    const found = known.get(without);
    if (found !== undefined) return found;
    const acts = fitActs([...turns.values()].filter(({ fold }) => fold !== without));
    known.set(without, acts);
    return acts;
  };
}

function fitActs(turns: readonly { readonly view: TurnView; readonly label: number }[]): ActModel {
  const labels = turns.map(({ label }) => label);
  if (new Set(labels).size < 2) return () => labels[0] ?? 0.5; // in a small corpus, no system turn may ask
  const model = fitLogisticRegression(matrix(turns.map(({ view }) => view.vector)), labels, {
    inversePenalty: actPenalty,
    classWeight: 'balanced',
  });
  const said = new WeakMap<TurnView, number>();
  return (turn) => {
    const p = said.get(turn) ?? model.predict(matrix([turn.vector]))[0]!;
    said.set(turn, p);
    return p;
  };
}

function matrix(rows: readonly ArrayLike<number>[]) {
  const width = rows[0]?.length ?? 0;
  const values = new Float64Array(rows.length * width);
  rows.forEach((row, i) => values.set(Array.from(row), i * width));
  return denseRows(values, width);
}

function indices<T>(items: readonly T[], holds: (item: T) => boolean): number[] {
  return items.flatMap((item, i) => (holds(item) ? [i] : []));
}
