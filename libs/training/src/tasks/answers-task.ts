import { LossScorer } from '../loss-scorer.ts';
import { answerTokens } from '../losses/objective.ts';
import { noScores, type TaskRow } from './training-task.ts';

/**
 * Causal language modeling of answers: each answer token is predicted from the tokens before it. Validated by
 * the loss, its only metric.
 */
export const answersTask: TaskRow = {
  objective: answerTokens,
  problems: ({ tokens }) =>
    tokens.answerStarts === undefined
      ? [
          'A language model learns answers, and these tokens do not say where answers begin: make them with promptAnswerTokens.',
        ]
      : [],
  async open({ runtime, model, parameters, tokens, valid, sequencesOf, sharedTokens: prefixTokens, signal }) {
    // checked by `misfits`
    const labelOf = (example: number): number => tokens.answerStarts![example] - prefixTokens;
    const objective = answerTokens();
    const scorer = await LossScorer.open(runtime, model, {
      parameters,
      objective,
      beginning: prefixTokens > 0,
    });
    return {
      objective,
      classWeights: [],
      selectionMetric: 'validLoss',
      labelOf,
      startHead: () => Promise.resolve(), // the base model has a trained head
      async validate() {
        if (valid.length === 0) return noScores;
        return {
          ...noScores,
          validLoss: await scorer.meanLoss({ ...sequencesOf(valid), labels: valid.map(labelOf) }, () =>
            signal?.throwIfAborted(),
          ),
        };
      },
      // there is no decision to calibrate
      calibrate: () => Promise.resolve({ threshold: 0.5, temperature: 1 }),
      close: () => scorer.close(),
    };
  },
};
