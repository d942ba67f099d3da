import { counterRandom } from '@overture/core';
import type { Example, TagSet } from '@overture/dialogue';
import { takesInitiative } from '@overture/dialogue';
import { evaluateScores } from '@overture/metrics';
import { fitLogisticRegression, type LogisticRegression } from '../learning/logistic-regression.ts';
import { denseRows } from '../text/sparse-matrix.ts';
import { historyFeatures, textFeatures, type ActModel, type TurnView, type ViewedExample } from './turn-features.ts';

export type TurnFeatures = 'text' | 'history';

/** An example to learn from. */
export type LabelledView = Example & ViewedExample;

export interface TurnModelOptions {
  readonly features: TurnFeatures;
  /** Says which turns of a history took the initiative. */
  readonly tagSet: TagSet;
  /** Deals conversations to the inner folds. */
  readonly seed: number;
  /** Called before each fit, which blocks the thread for a second or so with thousands of examples, and awaited. */
  readonly onFit?: (done: number, total: number) => Promise<void>;
}

/** What `fitTurnModel` chose and learnt. */
export interface TurnModel {
  /** Inverse strength of the penalty, by the AUC on inner folds of the training examples. */
  readonly inversePenalty: number;
  /** P(initiative) of each. */
  predict(examples: readonly ViewedExample[]): Float64Array;
}

/** Vectors have length 1, so that a few strengths serve every encoder. */
const inversePenalties = [0.03, 0.1, 0.3, 1];
const innerFolds = 4;
const actPenalty = 1;

/**
 * Logistic regression with balanced weights on what an encoder says about single turns. With `history`, a first model learns from the system's
 * turns of the training conversations which of them ask; training examples see what it says about conversations that it did not learn from, as
 * the examples to come do.
 * @throws AppError `BASELINE_ONE_CLASS`
 */
export async function fitTurnModel(train: readonly LabelledView[], { features, tagSet, seed, onFit }: TurnModelOptions): Promise<TurnModel> {
  const foldOf = (conversation: string): number => counterRandom(seed, 'turn model', conversation).below(0, innerFolds);
  const inner = train.map(({ conversationId }) => foldOf(conversationId));
  const actsWithout = features === 'history' ? innerActs(train, inner, tagSet) : undefined;
  const rowsOf = (examples: readonly ViewedExample[], acts: (i: number) => ActModel): number[][] =>
    examples.map((example, i) => (features === 'text' ? textFeatures(example) : historyFeatures(example, acts(i))));
  const rows = rowsOf(train, (i) => actsWithout!(inner[i]!));
  const labels = train.map(({ label }) => label);
  const fit = (chosen: readonly number[], inversePenalty: number): LogisticRegression => fitLogisticRegression(matrix(chosen.map((i) => rows[i]!)), chosen.map((i) => labels[i]!), { inversePenalty, classWeight: 'balanced' });

  let fits = 0;
  const beforeFit = async (): Promise<void> => onFit?.(fits++, inversePenalties.length * innerFolds + 1);
  const scoreOf = async (inversePenalty: number): Promise<number> => {
    const probabilities = new Float64Array(train.length);
    for (let fold = 0; fold < innerFolds; fold++) {
      const held = indices(inner, (each) => each === fold);
      if (held.length === 0) continue;
      await beforeFit();
      const said = fit(indices(inner, (each) => each !== fold), inversePenalty).predict(matrix(held.map((i) => rows[i]!)));
      held.forEach((i, k) => (probabilities[i] = said[k]!));
    }
    return evaluateScores({ labels, probabilities }, { bootstrap: false }).auc!; // both classes are there, or the fit has refused
  };
  const scores: { value: number; auc: number }[] = [];
  for (const value of inversePenalties) scores.push({ value, auc: await scoreOf(value) });
  const inversePenalty = scores.reduce((best, each) => (each.auc > best.auc ? each : best)).value;
  await beforeFit();
  const model = fit(labels.map((_, i) => i), inversePenalty);
  const acts = actsWithout?.(undefined);
  return { inversePenalty, predict: (examples) => model.predict(matrix(rowsOf(examples, () => acts!))) };
}

/** Models of which system turns ask: one without each inner fold, and one (`undefined`) of all. */
function innerActs(train: readonly LabelledView[], inner: readonly number[], tagSet: TagSet): (without: number | undefined) => ActModel {
  // The turns of a conversation's examples are the same objects.
  const turns = new Map<object, { readonly view: TurnView; readonly label: number; readonly fold: number }>();
  train.forEach(({ history, views }, i) => history.forEach((turn, k) => {
    if (turn.role === 'system' && turn.labelled) turns.set(turn, { view: views[k]!, label: Number(takesInitiative(turn, tagSet)), fold: inner[i]! });
  }));
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
  if (new Set(labels).size < 2) return () => labels[0] ?? 0.5; // a small corpus may have no system turn that asks
  const model = fitLogisticRegression(matrix(turns.map(({ view }) => view.vector)), labels, { inversePenalty: actPenalty, classWeight: 'balanced' });
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
