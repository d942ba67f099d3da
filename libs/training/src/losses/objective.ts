import { div, type Value } from '@overture/graph';
import { chooseTokens } from '@overture/models';
import { elementCount, float32, type Tensor } from '@overture/tensors';
import { chosenOf, type Sequences } from '../sequences.ts';
import { answerTargets, answerTokenLoss } from './answer-tokens.ts';
import { crossEntropy } from './cross-entropy.ts';
import { classOf, type Label, type Loss } from './loss.ts';

/** Sequences and what each of them is. */
export interface LabelledBatch extends Sequences {
  /** The class of each sequence, or its flags where several labels may hold at once; for answers, the place in the sequence where each begins. */
  readonly labels: readonly Label[];
}

/** Some sequences of a batch, by their places in it. */
export function partOf(batch: LabelledBatch, places: readonly number[]): LabelledBatch {
  return { ...chosenOf(batch, places), labels: places.map((i) => batch.labels[i]) };
}

/** What training minimises over a batch, as a graph over a packed run's logits and as what that graph is fed. */
export interface Objective {
  /**
   * Records the loss, float32 [], with the input `targets`.
   * @param sequences that a run has room for
   */
  loss(logits: Value, sequences: number, normaliser: Value): Value;
  /** What a run is fed beside its tokens. Sequences fewer than it has room for: the rest count nothing. */
  feeds(batch: LabelledBatch, sequences: number): Record<string, Tensor>;
  /** What the loss of the whole batch is divided by. */
  normaliser(batch: LabelledBatch): number;
}

const targetsInput = 'targets';

/** Classes, or several labels at once, by a loss over them. @param classWeights one per class; those of a graph alone do not matter */
export function classification(loss: Loss = crossEntropy(), classWeights: readonly number[] = []): Objective {
  return {
    loss: (logits, sequences, normaliser) => div(loss.sum(logits, logits.builder.input(targetsInput, 'float32', [sequences, ...loss.targetShape(logits.shape[1] as number)])), normaliser),
    feeds({ labels }, sequences) {
      const shape = loss.targetShape(classWeights.length);
      const targets = float32([sequences, ...shape]);
      labels.forEach((label, i) => (targets.data as Float32Array).set(loss.targets(label, classWeights), i * elementCount(shape)));
      return { [targetsInput]: targets };
    },
    normaliser: ({ labels }) => labels.reduce<number>((sum, label) => sum + loss.share(label, classWeights), 0),
  };
}

/** The tokens of answers, each from what lies before it, for a `causalLanguageModel`; prompts are read and not learnt. */
export function answerTokens(): Objective {
  const parts = ({ sequences, labels }: LabelledBatch): Parameters<typeof answerTargets>[0] => sequences.map((ids, i) => ({ ids, answerStart: classOf(labels[i]) }));
  return {
    loss: (logits, _, normaliser) => answerTokenLoss(logits, logits.builder.input(targetsInput, 'int64', [logits.shape[0]]), normaliser),
    feeds(batch, sequences) {
      const { rows, targets } = answerTargets(parts(batch));
      const fillers = sequences - batch.sequences.length; // of one token each
      const tokens = batch.sequences.reduce((sum, { length }) => sum + length, fillers + (batch.beginning?.length ?? 0));
      return { [targetsInput]: targets, ...chooseTokens(Array.from(rows.data as BigInt64Array, Number), tokens) };
    },
    normaliser: (batch) => parts(batch).reduce((sum, { ids, answerStart }) => sum + ids.length - answerStart, 0),
  };
}
