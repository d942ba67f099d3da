import { expect, it } from 'vitest';
import type { Utterance } from './conversation.ts';
import { fingerprintsOf } from './fingerprint.ts';

const of = (...utterances: Utterance[]) => fingerprintsOf({ id: 'x', utterances });
const opening = 'one two three four five six seven eight';

it('is the same for what reads the same', () => {
  const a = of(
    { role: 'user', text: ' One two\n\tthree four\u00a0five six  seven EIGHT' },
    { role: 'system', text: 'ok', tags: ['PA'] },
  );
  expect(a).toEqual(of({ role: 'user', text: opening }, { role: 'system', text: 'OK ' }));
});

it('differs by words, by speakers, and by where an utterance ends', () => {
  const wholes = [
    of({ role: 'user', text: 'a b' }),
    of({ role: 'system', text: 'a b' }),
    of({ role: 'user', text: 'ab' }),
    of({ role: 'user', text: 'a' }, { role: 'user', text: 'b' }),
    of({ role: 'user', text: 'a' }, { role: 'system', text: 'b' }),
    of(),
  ].map(({ whole }) => whole);
  expect(new Set(wholes).size).toBe(6);
});

it('has an opening of at least eight words only, and fits a safe integer', () => {
  expect(of({ role: 'user', text: opening })).toHaveProperty('opening');
  expect(of({ role: 'user', text: opening.replace('eight', '') })).not.toHaveProperty('opening');
  expect(Number.isSafeInteger(of({ role: 'user', text: opening }).opening)).toBe(true);
});
