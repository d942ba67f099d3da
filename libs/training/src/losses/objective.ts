import { div, type Value } from '@overture/graph';
import { chooseTokens } from '@overture/models';
import { elementCount, float32, type Tensor } from '@overture/tensors';
import { chosenOf, type Sequences } from '../sequences.ts';
import { answerTargets, answerTokenLoss } from './answer-tokens.ts';
import { crossEntropy } from './cross-entropy.ts';
import { classOf, type Label, type Loss } from './loss.ts';

/** Sequences with their labels. */
export interface LabeledBatch extends Sequences {
  /** Class of each sequence, its flags for several labels, or the position where its answer begins. */
  readonly labels: readonly Label[];
}

/** Selects sequences of a batch by position. */
export function partOf(batch: LabeledBatch, places: readonly number[]): LabeledBatch {
  return { ...chosenOf(batch, places), labels: places.map((i) => batch.labels[i]) };
}

/** The training objective: a graph of the loss over a packed run's logits, and that graph's inputs. */
export interface Objective {
  /**
   * Builds the loss, float32 [], with an input `targets`.
   * @param sequences number of sequences per run
   */
  loss(logits: Value, sequences: number, normalizer: Value): Value;
  /**
   * The inputs of a run besides its tokens. If the batch has fewer sequences than the run, fillers contribute
   * nothing.
   */
  feeds(batch: LabeledBatch, sequences: number): Record<string, Tensor>;
  /** Divisor of the whole batch's loss. */
  normalizer(batch: LabeledBatch): number;
}

const targetsInput = 'targets';

/**
 * Objective of a single-label or multi-label classifier.
 * @param classWeights one per class; only `feeds` and `normalizer` use them
 */
export function classification(loss: Loss = crossEntropy(), classWeights: readonly number[] = []): Objective {
  return {
    loss: (logits, sequences, normalizer) =>
      div(
        loss.sum(
          logits,
          logits.builder.input(targetsInput, 'float32', [
            sequences,
            ...loss.targetShape(logits.shape[1] as number),
          ]),
        ),
        normalizer,
      ),
    feeds({ labels }, sequences) {
      const shape = loss.targetShape(classWeights.length);
      const targets = float32([sequences, ...shape]);
      labels.forEach((label, i) =>
        (targets.data as Float32Array).set(loss.targets(label, classWeights), i * elementCount(shape)),
      );
      return { [targetsInput]: targets };
    },
    normalizer: ({ labels }) =>
      labels.reduce<number>((sum, label) => sum + loss.share(label, classWeights), 0),
  };
}

/**
 * Objective of a `causalLanguageModel`: predicts each answer token from the tokens before it. Prompt tokens
 * are not predicted.
 */
export function answerTokens(): Objective {
  const parts = ({ sequences, labels }: LabeledBatch): Parameters<typeof answerTargets>[0] =>
    sequences.map((ids, i) => ({ ids, answerStart: classOf(labels[i]) }));
  return {
    loss: (logits, _, normalizer) =>
      answerTokenLoss(logits, logits.builder.input(targetsInput, 'int64', [logits.shape[0]]), normalizer),
    feeds(batch, sequences) {
      const { rows, targets } = answerTargets(parts(batch));
      const fillers = sequences - batch.sequences.length; // one token each
      const tokens = batch.sequences.reduce(
        (sum, { length }) => sum + length,
        fillers + (batch.beginning?.length ?? 0),
      );
      return {
        [targetsInput]: targets,
        ...chooseTokens(Array.from(rows.data as BigInt64Array, Number), tokens),
      };
    },
    normalizer: (batch) =>
      parts(batch).reduce((sum, { ids, answerStart }) => sum + ids.length - answerStart, 0),
  };
}
