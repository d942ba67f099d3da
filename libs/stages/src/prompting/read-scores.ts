import { commonBeginning } from '@overture/tokenization';
import type { Reading } from './answer.ts';

/** Reads P(initiative) as the normalized likelihood of the answer "initiative" against the other answer. */
export const readScores: Reading = {
  calibrated: true,
  room: ({ answers }) => Math.max(...answers.map(({ length }) => length)),
  async ask(prompts, { model, prompt }, options) {
    // The common beginning of both answers does not tell them apart. It is appended to the prompt and
    // computed once.
    const shared = commonBeginning(prompt.answers);
    const beginning = prompt.answers[0].slice(0, shared);
    const rests = prompt.answers.map((tokens) => tokens.slice(shared));
    const scored = await model.score(
      prompts.map((tokens) => ({ prompt: [...tokens, ...beginning], answers: rests })),
      options,
    );
    const tokens = shared + rests.reduce((sum, { length }) => sum + length, 0);
    return scored.map(([no, yes]) => ({
      probability: 1 / (1 + Math.exp(no!.logProbability - yes!.logProbability)),
      tokens,
    }));
  },
};
