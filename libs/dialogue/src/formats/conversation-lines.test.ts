import { describe, expect, it } from 'vitest';
import type { Conversation } from '../conversation.ts';
import { formatConversationLine, parseConversationLine } from './conversation-lines.ts';

const where = { file: 'corpus.jsonl', line: 3 };

describe('a conversation as a line', () => {
  it('comes back as it was', () => {
    const conversation: Conversation = {
      id: 'c-1',
      split: 'test',
      title: 'Zeile\u2028',
      utterances: [
        { role: 'user', text: 'a\n"b"', tags: ['OQ', 'GG'] },
        { role: 'system', text: '', initiative: false },
      ],
    };
    const line = formatConversationLine({ ...conversation, source: where });
    expect(line).not.toContain('\n');
    expect(parseConversationLine(line, where)).toEqual({
      ...conversation,
      source: where,
      agentWords: 'system',
    });
  });

  it('is the same text for the same conversation, whatever the order of its members', () => {
    const a = formatConversationLine({ id: 'x', utterances: [{ role: 'user', text: 'a', tags: ['OQ'] }] });
    const b = formatConversationLine({ utterances: [{ tags: ['OQ'], text: 'a', role: 'user' }], id: 'x' });
    expect(a).toBe(b);
    expect(a).toBe('{"id":"x","utterances":[{"role":"user","text":"a","tags":["OQ"]}]}');
  });

  it('is refused with all its faults', () => {
    const line = '{"splt":"train","utterances":[{"role":"x","text":1,"tags":["no"]}]}';
    expect(() => parseConversationLine(line, where)).toThrow(
      /^4 problems:[^]*corpus\.jsonl:3 \(utterances\[0\]\.role\)[^]*Got \["splt"\] besides/,
    );
  });

  it('takes null for absent wherever a key is optional, and refuses it elsewhere', () => {
    const full =
      '{"id":null,"split":null,"title":null,"meta":null,"utterances":[{"role":"user","text":"a","tags":null,"initiative":null,"meta":null}]}';
    const { id, source, ...rest } = parseConversationLine(full, where);
    expect([id, source, rest]).toEqual(['line-3', where, { utterances: [{ role: 'user', text: 'a' }] }]);
    expect(() => parseConversationLine(full.replace('"a"', 'null'), where)).toThrow(
      'The text must be a string. Got null instead.',
    );
    expect(() => parseConversationLine(full.replace('"user"', 'null'), where)).toThrow(
      'A role must be one of user, system, agent, assistant. Got null instead.',
    );
  });

  it('takes whole numbers for ids', () => {
    expect(parseConversationLine('{"id":7,"utterances":[{"role":"user","text":"a"}]}', where).id).toBe('7');
    expect(() =>
      parseConversationLine('{"id":1.5,"utterances":[{"role":"user","text":"a"}]}', where),
    ).toThrow('Got 1.5 instead.');
  });
});
