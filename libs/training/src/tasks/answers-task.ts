import { LossScorer } from '../loss-scorer.ts';
import { answerTokens } from '../losses/objective.ts';
import { noScores, type TaskRow } from './training-task.ts';

/** To write an answer after a prompt: every token of it from what lies before. Judged by the loss, which is the only score it has. */
export const answersTask: TaskRow = {
  objective: answerTokens,
  misfits: ({ tokens }) => (tokens.answerStarts === undefined ? ['A language model learns answers, and these tokens do not say where answers begin: make them with promptAnswerTokens.'] : []),
  async open({ runtime, model, parameters, tokens, valid, sequencesOf, sharedTokens, signal }) {
    const labelOf = (example: number): number => tokens.answerStarts![example] - sharedTokens; // `misfits` has looked
    const objective = answerTokens();
    const scorer = await LossScorer.open(runtime, model, { parameters, objective, beginning: sharedTokens > 0 });
    return {
      objective,
      classWeights: [],
      selectionMetric: 'validLoss',
      labelOf,
      startHead: () => Promise.resolve(), // the base model has learnt its own
      async validate() {
        if (valid.length === 0) return noScores;
        return { ...noScores, validLoss: await scorer.meanLoss({ ...sequencesOf(valid), labels: valid.map(labelOf) }, () => signal?.throwIfAborted()) };
      },
      calibrate: () => Promise.resolve({ threshold: 0.5, temperature: 1 }), // nothing is decided
      close: () => scorer.close(),
    };
  },
};
