import { describe, expect, it } from 'vitest';
import type { Conversation, Utterance } from './conversation.ts';
import { examplesOf, nextSystemTurn } from './example.ts';
import { resolveTagSet } from './tag-set.ts';

const user = (text: string): Utterance => ({ role: 'user', text, tags: ['OQ'] });
const system = (text: string, ...tags: NonNullable<Utterance['tags']>): Utterance => ({
  role: 'system',
  text,
  tags,
});
const conversation = (...utterances: Utterance[]): Conversation => ({ id: 'c', utterances });
const cikm23 = { protocol: 'cikm23', tagSet: resolveTagSet() } as const;

describe('examplesOf', () => {
  it('gives one example for each system turn, with everything before it and its own tags apart', () => {
    const examples = examplesOf(
      conversation(
        user('help'),
        system('which?', 'CQ'),
        system('and?', 'GG'),
        user('this'),
        system('so', 'PA'),
      ),
      cikm23,
    );
    expect(examples.map(({ id, systemTurn, label, tags }) => ({ id, systemTurn, label, tags }))).toEqual([
      { id: 'c#0', systemTurn: 0, label: 1, tags: ['CQ', 'GG'] },
      { id: 'c#1', systemTurn: 1, label: 0, tags: ['PA'] },
    ]);
    expect(examples.map(({ history }) => history.map(({ text }) => text))).toEqual([
      ['help'],
      ['help', 'which? and?', 'this'],
    ]);
  });

  it('returns none for a greeting of the system, and counts its turns from the first answer to the user', () => {
    expect(examplesOf(conversation(system('hello', 'GG')), cikm23)).toEqual([]);
    expect(
      examplesOf(conversation(system('hello', 'GG'), user('hi'), system('yes?', 'IR')), cikm23),
    ).toMatchObject([{ id: 'c#0', systemTurn: 0, label: 1, history: [{ text: 'hello' }, { text: 'hi' }] }]);
    expect(nextSystemTurn(conversation(system('hello', 'GG'), user('hi')), 'cikm23')).toMatchObject({
      id: 'c#0',
      systemTurn: 0,
    });
    expect(
      nextSystemTurn(
        conversation(system('hello', 'GG'), user('hi'), system('yes?', 'IR'), user('so')),
        'cikm23',
      ),
    ).toMatchObject({
      systemTurn: 1,
    });
  });

  it('gives none for a conversation of one turn', () => {
    expect(examplesOf(conversation(user('a'), user('b')), cikm23)).toEqual([]);
  });

  it('counts each utterance of the system under the protocol utterance, also one that follows another', () => {
    const examples = examplesOf(conversation(user('help'), system('which?', 'CQ'), system('try', 'PA')), {
      ...cikm23,
      protocol: 'utterance',
    });
    expect(examples.map(({ id, label, history }) => [id, label, history.length])).toEqual([
      ['c#0', 1, 1],
      ['c#1', 0, 2],
    ]);
  });

  it('lets a direct label win over tags, and leaves out what has neither', () => {
    const labeled = conversation(
      user('a'),
      { role: 'system', text: 'b', tags: ['CQ'], initiative: false },
      user('c'),
      {
        role: 'system',
        text: 'd',
      },
    );
    expect(examplesOf(labeled, cikm23)).toMatchObject([{ id: 'c#0', label: 0 }]);
  });

  it('asks the tag set, whatever it is', () => {
    const junk = conversation(user('a'), system('b', 'JK'));
    expect(examplesOf(junk, cikm23)).toMatchObject([{ label: 0 }]);
    expect(examplesOf(junk, { ...cikm23, tagSet: resolveTagSet('poster-7') })).toMatchObject([{ label: 1 }]);
    expect(examplesOf(junk, { ...cikm23, tagSet: resolveTagSet(['JK']) })).toMatchObject([{ label: 1 }]);
  });
});

describe('nextSystemTurn', () => {
  it('takes the whole conversation as history', () => {
    expect(nextSystemTurn(conversation(user('a'), system('b'), user('c')), 'cikm23')).toMatchObject({
      id: 'c#1',
      systemTurn: 1,
      history: [{ text: 'a' }, { text: 'b' }, { text: 'c' }],
    });
  });

  it('refuses a conversation that does not wait for the system', () => {
    const ended = { ...conversation(user('a'), system('b')), source: { file: 'in.jsonl', line: 7 } };
    expect(() => nextSystemTurn(ended, 'cikm23')).toThrow(
      'Conversation "c" (in.jsonl:7) must end with an utterance of the user, since the prediction is about the system\'s next turn. It ends with the system\'s: cut it there, or leave it out.',
    );
    expect(() => nextSystemTurn(conversation(), 'cikm23')).toThrow('It is empty');
  });
});
