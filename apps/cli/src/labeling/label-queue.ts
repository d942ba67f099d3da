import { tfidfLogisticRegression } from '@overture/baselines';
import { AppError, counterRandom, shuffled } from '@overture/core';
import { labelingRules, type Example, type LabelableTurn, type LabelingRuleName } from '@overture/dialogue';

/** How a turn was chosen: at random, or because a model is unsure about it. */
export type Draw = 'random' | 'uncertain';

/** What a person said of a turn; null: nothing, it was skipped. */
export interface Answer {
  /** Id of the turn, as of its example. */
  readonly id: string;
  readonly initiative: boolean | null;
  readonly draw: Draw;
}

/** Every so many turns one is drawn at random, so that agreement with the rule is measured without a bias. */
const randomEvery = 4;
const refitEvery = 10;
/** So many answers of each class, and the model learns from people instead of the rule. */
const enoughOfAClass = 5;

/**
 * Which turn to ask about next. Three of four are those about which a model (TF-IDF and logistic regression on the conversation and the turn) is
 * least sure; it learns from the answers, and before there are some of both classes from the rule's guesses.
 */
export class LabelQueue {
  readonly #turns: readonly LabelableTurn[];
  readonly #rule: LabelingRuleName;
  readonly #answers: Answer[] = [];
  readonly #open: Map<string, LabelableTurn>;
  #uncertain: LabelableTurn[] = [];
  #fittedAt = -1;

  constructor(turns: readonly LabelableTurn[], rule: LabelingRuleName) {
    this.#turns = turns;
    this.#rule = rule;
    this.#open = new Map(shuffled(turns, counterRandom(0, 'label-queue')).map((turn) => [turn.id, turn]));
  }

  get answers(): readonly Answer[] {
    return this.#answers;
  }

  get total(): number {
    return this.#turns.length;
  }

  /** The next turn, undefined when all have an answer. */
  next(): { readonly turn: LabelableTurn; readonly draw: Draw } | undefined {
    const [first] = this.#open.values();
    if (first === undefined) return undefined;
    if (this.#answers.length % randomEvery === 0) return { turn: first, draw: 'random' };
    if (this.#fittedAt < 0 || this.#answers.length - this.#fittedAt >= refitEvery) this.#refit();
    const turn = this.#uncertain.find(({ id }) => this.#open.has(id));
    return turn === undefined ? { turn: first, draw: 'random' } : { turn, draw: 'uncertain' };
  }

  answer(answer: Answer): void {
    this.#open.delete(answer.id);
    this.#answers.push(answer);
  }

  /** Takes the last answer back; its turn is asked again next. */
  undo(): { readonly turn: LabelableTurn; readonly draw: Draw } | undefined {
    const last = this.#answers.pop();
    const turn = this.#turns.find(({ id }) => id === last?.id);
    if (last === undefined || turn === undefined) return undefined;
    this.#open.set(turn.id, turn);
    return { turn, draw: last.draw };
  }

  ruleSays({ turn }: LabelableTurn): boolean {
    return labelingRules[this.#rule].takesInitiative(turn.text);
  }

  /** On how many of the labeled turns that were drawn at random the rule says the same. */
  agreement(): { readonly agreed: number; readonly of: number } {
    const byId = new Map(this.#turns.map((turn) => [turn.id, turn]));
    const drawn = this.#answers.filter(({ draw, initiative }) => draw === 'random' && initiative !== null);
    return {
      agreed: drawn.filter(({ id, initiative }) => this.ruleSays(byId.get(id) as LabelableTurn) === initiative).length,
      of: drawn.length,
    };
  }

  #refit(): void {
    this.#fittedAt = this.#answers.length;
    const said = new Map(this.#answers.flatMap(({ id, initiative }) => (initiative === null ? [] : [[id, initiative] as const])));
    const yes = [...said.values()].filter(Boolean).length;
    const byPeople = Math.min(yes, said.size - yes) >= enoughOfAClass;
    const learned = this.#turns.flatMap((turn) => {
      const label = byPeople ? said.get(turn.id) : this.ruleSays(turn);
      return label === undefined ? [] : [asExample(turn, label ? 1 : 0)];
    });
    const open = [...this.#open.values()];
    try {
      const probabilities = tfidfLogisticRegression({ name: 'labelQueue', title: 'TF-IDF', classWeight: 'balanced' }).fit(learned)(
        open.map((turn) => asExample(turn, 0)),
      );
      const doubt = new Map(open.map((turn, i) => [turn, Math.abs((probabilities[i] as number) - 0.5)]));
      this.#uncertain = open.sort((a, b) => (doubt.get(a) as number) - (doubt.get(b) as number));
    } catch (error) {
      // Too few words or one class only: there is nothing to be unsure about yet.
      if (!(error instanceof AppError) || !error.code.startsWith('BASELINE_')) throw error;
      this.#uncertain = [];
    }
  }
}

/** The turn itself is part of what the model reads: it helps to label, and predicts nothing. */
function asExample({ turn, ...input }: LabelableTurn, label: 0 | 1): Example {
  return { ...input, history: [...input.history, turn], label, tags: [] };
}
