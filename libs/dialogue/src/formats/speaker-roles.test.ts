import { describe, expect, it } from 'vitest';
import { isRoleWord, readSpeakers } from './speaker-roles.ts';

const read = (...spoken: string[]) =>
  readSpeakers(
    spoken.map((each) => {
      const [word = '', label] = each.split('!');
      return { word, text: word, ...(label !== undefined && { initiative: label === 'yes' }) };
    }),
  );
const roles = (...spoken: string[]): string =>
  read(...spoken)
    .utterances.map(({ role }) => role[0])
    .join('');

describe('readSpeakers', () => {
  it('takes system for whoever answers where nobody else does', () => {
    expect(read('system', 'user', 'system')).toMatchObject({
      utterances: [{ role: 'system' }, { role: 'user' }, { role: 'system' }],
      agentWords: 'system',
    });
    expect(read('system', 'user')).not.toHaveProperty('prompts');
  });

  it.each([
    ['an opening prompt', ['system', 'user', 'assistant'], 'us', 1],
    ['in any case and spacing', [' System', 'USER', 'Agent '], 'us', 1],
    ['several at the beginning', ['system', 'developer', 'system', 'user', 'assistant'], 'us', 3],
    [
      'repeated in the middle and at the end',
      ['system', 'user', 'assistant', 'system', 'user', 'assistant', 'system'],
      'usus',
      3,
    ],
    ['a developer, whoever answers', ['developer', 'user', 'system'], 'us', 1],
    ['an opening prompt with a label', ['system!no', 'user', 'assistant!no'], 'us', 1],
  ])('leaves out %s', (_, spoken, expected, prompts) => {
    expect(roles(...spoken)).toBe(expected);
    expect(read(...spoken)).toMatchObject({
      prompts,
      agentWords:
        spoken.includes('system') && !spoken.some((word) => /assistant|agent/i.test(word))
          ? 'system'
          : 'agent',
    });
  });

  it('keeps a labeled system utterance in the middle, and tells that both words are used', () => {
    expect(read('user', 'system!yes', 'user', 'agent!no')).toMatchObject({
      utterances: [{}, { role: 'system', initiative: true }, {}, {}],
      agentWords: 'both',
    });
  });

  it('knows its words, and no others', () => {
    expect(['user', 'SYSTEM', ' agent', 'assistant', 'developer'].every(isRoleWord)).toBe(true);
    expect(['bot', '', 'constructor', 'tool'].some(isRoleWord)).toBe(false);
  });
});
