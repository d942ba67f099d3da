import { AppError } from '@overture/core';
import { div, equal, logSoftmax, neg, reduceSum, unsqueeze, where, type Value } from '@overture/graph';
import { float32, int64, type Tensor } from '@overture/tensors';

/** A prompt and its answer as one sequence. */
export interface PromptAndAnswer {
  readonly ids: ArrayLike<number>;
  /**
   * Position where the answer begins; at least 1, because the token before it predicts the answer's first
   * token.
   */
  readonly answerStart: number;
}

/** The rows of a packed batch that predict an answer token, and those tokens: both int64 [answer tokens]. */
export interface AnswerTargets {
  readonly rows: Tensor;
  readonly targets: Tensor;
}

/**
 * Finds the rows and targets in concatenated sequences. Each row predicts the next token, and only answer
 * tokens count (elsewhere transformers sets the label −100).
 * @throws AppError `TRAINING_ANSWER_MISSING` if a sequence has no prompt or no answer
 */
export function answerTargets(sequences: readonly PromptAndAnswer[]): AnswerTargets {
  const [rows, targets]: [number[], number[]] = [[], []];
  let start = 0;
  sequences.forEach(({ ids, answerStart }, i) => {
    if (!(answerStart >= 1 && answerStart < ids.length)) {
      throw new AppError(
        'TRAINING_ANSWER_MISSING',
        `Sequence ${i} must have a prompt and an answer. Got ${ids.length} tokens with the answer from ${answerStart}: shorten the prompt, not the answer.`,
        { details: { sequence: i, answerStart } },
      );
    }
    for (let at = answerStart; at < ids.length; at++) {
      rows.push(start + at - 1);
      targets.push(ids[at]);
    }
    start += ids.length;
  });
  return { rows: int64([rows.length], rows), targets: int64([targets.length], targets) };
}

/**
 * The causal language-modeling loss over the rows of `answerTargets`: Σ −log softmax(logits)[target] /
 * normalizer.
 * @param logits float32 [answer tokens, vocabulary], only for those rows: prompts need no row as wide as the
 * vocabulary
 * @param targets int64 [answer tokens]
 * @param normalizer float32 []: the number of answer tokens in the whole batch
 */
export function answerTokenLoss(logits: Value, targets: Value, normalizer: Value): Value {
  const { builder } = logits;
  const vocabulary = logits.shape[1] as number;
  const places = builder.constant(
    int64(
      [vocabulary],
      Array.from({ length: vocabulary }, (_, id) => id),
    ),
  );
  const chosen = where(
    equal(unsqueeze(targets, [1]), places),
    logSoftmax(logits),
    builder.constant(float32([], [0])),
  );
  return div(reduceSum(neg(chosen)), normalizer);
}
