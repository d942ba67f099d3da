import { commonBeginning } from '@overture/tokenization';
import type { Reading } from './answer.ts';

/** How likely the model finds each of the two answers, of which one must be: the share of "initiative" in both. */
export const readScores: Reading = {
  calibrated: true,
  room: ({ answers }) => Math.max(...answers.map(({ length }) => length)),
  async ask(prompts, { model, prompt }, options) {
    // What both answers begin with says nothing about which it is, and is read once, with the prompt.
    const shared = commonBeginning(prompt.answers);
    const beginning = prompt.answers[0].slice(0, shared);
    const rests = prompt.answers.map((tokens) => tokens.slice(shared));
    const scored = await model.score(prompts.map((tokens) => ({ prompt: [...tokens, ...beginning], answers: rests })), options);
    const tokens = shared + rests.reduce((sum, { length }) => sum + length, 0);
    return scored.map(([no, yes]) => ({ probability: 1 / (1 + Math.exp(no!.logProbability - yes!.logProbability)), tokens }));
  },
};
