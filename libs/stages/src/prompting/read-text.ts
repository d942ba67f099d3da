import { readInitiativeAnswer } from '@overture/tokenization';
import type { Reading } from './answer.ts';

/** Extra tokens, such as white space, that a model may write around its answer. */
const spareTokens = 8;

const room: Reading['room'] = ({ answers }) => Math.max(...answers.map(({ length }) => length)) + spareTokens;

/** Reads the greedy completion strictly: the requested JSON is an answer, anything else is not. */
export const readText: Reading = {
  calibrated: false,
  room,
  async ask(prompts, { model, prompt }, options) {
    const written = await model.generate(prompts, { ...options, maxTokens: room(prompt), stop: ['}'] });
    return written.map(({ text, tokens }) => ({
      probability: readInitiativeAnswer(text) ?? null,
      tokens: tokens.length,
    }));
  },
};
