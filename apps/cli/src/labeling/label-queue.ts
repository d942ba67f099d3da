import { tfidfLogisticRegression } from '@overture/baselines';
import { AppError, counterRandom, shuffled } from '@overture/core';
import { labelingRules, type Example, type LabelableTurn, type LabelingRuleName } from '@overture/dialogue';

/** How a turn was chosen: at random, or because the model is uncertain about it. */
export type Draw = 'random' | 'uncertain';

/** A person's answer about a turn; null if it was skipped. */
export interface Answer {
  /** The turn's id, as in its example. */
  readonly id: string;
  readonly initiative: boolean | null;
  readonly draw: Draw;
}

/** One of this many turns is drawn at random, for an unbiased estimate of the agreement with the rule. */
const randomEvery = 4;
const refitEvery = 10;
/** Once each class has this many answers, the model is trained on them instead of on the rule's labels. */
const enoughOfAClass = 5;

/**
 * Chooses the next turn to ask about. Three of four are the turns about which a model (TF-IDF and logistic
 * regression on the conversation and the turn) is least certain. The model is trained on the answers, or on
 * the rule's labels until both classes have enough answers.
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

  /** The next turn; undefined when every turn has an answer. */
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

  /** Removes the last answer. Its turn is asked again next. */
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

  /** Agreement with the rule, among labeled turns that were drawn at random. */
  agreement(): { readonly agreed: number; readonly of: number } {
    const byId = new Map(this.#turns.map((turn) => [turn.id, turn]));
    const drawn = this.#answers.filter(({ draw, initiative }) => draw === 'random' && initiative !== null);
    return {
      agreed: drawn.filter(
        ({ id, initiative }) => this.ruleSays(byId.get(id) as LabelableTurn) === initiative,
      ).length,
      of: drawn.length,
    };
  }

  #refit(): void {
    this.#fittedAt = this.#answers.length;
    const said = new Map(
      this.#answers.flatMap(({ id, initiative }) => (initiative === null ? [] : [[id, initiative] as const])),
    );
    const yes = [...said.values()].filter(Boolean).length;
    const byPeople = Math.min(yes, said.size - yes) >= enoughOfAClass;
    const learned = this.#turns.flatMap((turn) => {
      const label = byPeople ? said.get(turn.id) : this.ruleSays(turn);
      return label === undefined ? [] : [asExample(turn, label ? 1 : 0)];
    });
    const open = [...this.#open.values()];
    try {
      const probabilities = tfidfLogisticRegression({
        name: 'labelQueue',
        title: 'TF-IDF',
        classWeight: 'balanced',
      }).fit(learned)(open.map((turn) => asExample(turn, 0)));
      const doubt = new Map(open.map((turn, i) => [turn, Math.abs((probabilities[i] as number) - 0.5)]));
      this.#uncertain = open.sort((a, b) => (doubt.get(a) as number) - (doubt.get(b) as number));
    } catch (error) {
      // Too few words or only one class: no turn is uncertain yet.
      if (!(error instanceof AppError) || !error.code.startsWith('BASELINE_')) throw error;
      this.#uncertain = [];
    }
  }
}

/** The model also reads the turn itself. This helps to label; the example is not used for prediction. */
function asExample({ turn, ...input }: LabelableTurn, label: 0 | 1): Example {
  return { ...input, history: [...input.history, turn], label, tags: [] };
}
