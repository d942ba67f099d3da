import { AppError } from '@overture/core';
import { div, equal, logSoftmax, neg, reduceSum, unsqueeze, where, type Value } from '@overture/graph';
import { float32, int64, type Tensor } from '@overture/tensors';

/** A prompt and its answer as one sequence. */
export interface PromptAndAnswer {
  readonly ids: ArrayLike<number>;
  /** Where the answer begins: at least 1, since the token before it predicts its first token. */
  readonly answerStart: number;
}

/** Which rows of a packed batch predict a token of an answer, and which token: both int64 [answer tokens]. */
export interface AnswerTargets {
  readonly rows: Tensor;
  readonly targets: Tensor;
}

/**
 * The rows that count when sequences lie one behind the other: each predicts the token after it, and only tokens of answers count
 * (labels of −100 elsewhere, in transformers' words).
 * @throws AppError `TRAINING_ANSWER_MISSING`
 */
export function answerTargets(sequences: readonly PromptAndAnswer[]): AnswerTargets {
  const [rows, targets]: [number[], number[]] = [[], []];
  let start = 0;
  sequences.forEach(({ ids, answerStart }, i) => {
    if (!(answerStart >= 1 && answerStart < ids.length)) {
      throw new AppError('TRAINING_ANSWER_MISSING', `Sequence ${i} must have a prompt and an answer. Got ${ids.length} tokens with the answer from ${answerStart}: shorten the prompt, not the answer.`, { details: { sequence: i, answerStart } });
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
 * The causal language modelling loss: Σ −log softmax(logits)[target] / normaliser, over the rows that `answerTargets` names.
 * @param logits float32 [answer tokens, vocabulary]: of those rows only, so that prompts cost no vocabulary-wide row
 * @param targets int64 [answer tokens]
 * @param normaliser float32 []: the answer tokens of the whole batch
 */
export function answerTokenLoss(logits: Value, targets: Value, normaliser: Value): Value {
  const { builder } = logits;
  const vocabulary = logits.shape[1] as number;
  const places = builder.constant(int64([vocabulary], Array.from({ length: vocabulary }, (_, id) => id)));
  const chosen = where(equal(unsqueeze(targets, [1]), places), logSoftmax(logits), builder.constant(float32([], [0])));
  return div(reduceSum(neg(chosen)), normaliser);
}
