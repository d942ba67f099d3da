import { describe, expect, it } from 'vitest';
import type { Utterance } from './conversation.ts';
import type { DialogueTag } from './dialogue-tag.ts';
import { parseProtocol, turnsOf } from './protocol.ts';

const said = (role: 'user' | 'system', text: string, ...tags: DialogueTag[]): Utterance => ({
  role,
  text,
  tags,
});

describe('turnsOf', () => {
  const utterances = [
    said('user', 'a', 'OQ', 'GG'),
    said('system', 'b', 'GG'),
    said('system', 'c', 'PA', 'JK'),
    said('system', '', 'PA'),
    said('user', 'd', 'O', 'JK'),
  ];

  it('merges the utterances of one speaker and drops minor tags beside others under cikm23', () => {
    expect(turnsOf(utterances, 'cikm23')).toEqual([
      { role: 'user', text: 'a', tags: ['OQ'], labeled: true },
      { role: 'system', text: 'b c ', tags: ['GG', 'PA'], labeled: true },
      { role: 'user', text: 'd', tags: ['JK'], labeled: true },
    ]);
  });

  it('keeps every utterance and every tag under the protocol utterance', () => {
    expect(turnsOf(utterances, 'utterance').map(({ text, tags }) => [text, ...tags])).toEqual([
      ['a', 'OQ', 'GG'],
      ['b', 'GG'],
      ['c', 'PA', 'JK'],
      ['', 'PA'],
      ['d', 'O', 'JK'],
    ]);
  });

  it('drops GG, then O, then JK, and never the last tag', () => {
    const kept = (...tags: DialogueTag[]) => turnsOf([said('user', '', ...tags)], 'cikm23')[0]?.tags;
    expect(kept('GG', 'O', 'JK')).toEqual(['JK']);
    expect(kept('GG', 'O')).toEqual(['O']);
    expect(kept('GG')).toEqual(['GG']);
    expect(kept('JK', 'PA', 'GG', 'O')).toEqual(['PA']);
  });

  it('unites direct labels: true wins, and what is unlabeled says nothing', () => {
    const label = (...labels: (boolean | undefined)[]) =>
      turnsOf(
        labels.map((initiative) => ({ role: 'system', text: 'x', initiative })),
        'cikm23',
      )[0];
    expect(label(false, true)).toMatchObject({ initiative: true, labeled: true });
    expect(label(undefined, false)).toMatchObject({ initiative: false, labeled: true });
    expect(label(undefined, undefined)).toMatchObject({ initiative: undefined, labeled: false });
  });
});

it('parseProtocol refuses an unknown protocol and lists the known ones', () => {
  expect(parseProtocol('utterance')).toBe('utterance');
  expect(() => parseProtocol('toString')).toThrow(
    'A protocol must be one of cikm23, utterance. Got "toString" instead.',
  );
});
