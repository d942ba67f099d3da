import { readInitiativeAnswer } from '@overture/tokenization';
import type { Reading } from './answer.ts';

/** White space and the like that a model may write beside its answer. */
const spareTokens = 8;

const room: Reading['room'] = ({ answers }) => Math.max(...answers.map(({ length }) => length)) + spareTokens;

/** What the model writes when it takes the likeliest token each time, read strictly: the JSON that was asked for or no answer. */
export const readText: Reading = {
  calibrated: false,
  room,
  async ask(prompts, { model, prompt }, options) {
    const written = await model.generate(prompts, { ...options, maxTokens: room(prompt), stop: ['}'] });
    return written.map(({ text, tokens }) => ({ probability: readInitiativeAnswer(text) ?? null, tokens: tokens.length }));
  },
};
