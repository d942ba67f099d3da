import { describe, expect, it } from 'vitest';
import { examplesOf } from '../example.ts';
import { parseConversationLine } from '../formats/conversation-lines.ts';
import { resolveTagSet } from '../tag-set.ts';
import { labeledLine, labelableTurns } from './label-line.ts';
import { labelSourcesOf } from './label-source.ts';
import { weakLabelsText } from './weak-labels-text.ts';
import { labeledByRule, labelingRules, parseRuleName } from './labeling-rules.ts';

const where = { file: 'corpus.jsonl', line: 1 };
const rule = { protocol: 'cikm23', tagSet: resolveTagSet() } as const;
const line = JSON.stringify({
  id: 7,
  utterances: [
    { role: 'system', text: 'Be brief.' },
    { role: 'assistant', text: 'Hello' },
    { role: 'user', text: 'x', meta: { time: 1 } },
    {
      role: 'assistant',
      text: 'One moment.',
      initiative: true,
      labelSource: 'rule:question',
      meta: { author: 'Ada' },
    },
    { role: 'assistant', text: 'It is done.', initiative: false, labelSource: 'rule:question' },
    { role: 'user', text: 'y' },
    { role: 'assistant', text: 'Why?' },
  ],
  meta: { time: 0 },
});

describe('labeledLine', () => {
  it('writes one label per turn, on its last utterance, and leaves everything else as it was', () => {
    const labeled = labeledLine(line, where, ({ systemTurn }) =>
      systemTurn === 0 ? { initiative: false, labelSource: 'person' } : undefined,
    );
    const expected = JSON.parse(line) as { utterances: Record<string, unknown>[] };
    expected.utterances[3] = { role: 'assistant', text: 'One moment.', meta: { author: 'Ada' } };
    expected.utterances[4] = {
      role: 'assistant',
      text: 'It is done.',
      initiative: false,
      labelSource: 'person',
    };
    expect(JSON.parse(labeled)).toEqual(expected);
    expect(examplesOf(parseConversationLine(labeled, where), rule)).toMatchObject([
      { id: '7#0', label: 0, labelSource: 'person' },
    ]);
  });

  it('shows a person the turns that follow the user', () => {
    expect(
      labelableTurns(parseConversationLine(line, where)).map(({ asked, turn }) => [asked, turn.text]),
    ).toEqual([
      ['x', 'One moment. It is done.'],
      ['y', 'Why?'],
    ]);
  });
});

describe('labeling rules', () => {
  it.each([
    ['Which one is it?', true, true],
    ['See https://example.com/?id=7', false, false],
    ['Run `ls ?`', false, false],
    ['どのモデルですか？', true, true],
    ['Please provide your order number.', false, true],
    ['Let me know if it helps.', false, false],
    ['Restart it.', false, false],
  ])('%s', (text, question, request) => {
    expect([
      labelingRules.question.takesInitiative(text),
      labelingRules['question-or-request'].takesInitiative(text),
    ]).toEqual([question, request]);
  });

  it('label system turns that have no label, and say so', () => {
    const utterances = labeledByRule(
      [
        { role: 'user', text: 'Why?' },
        { role: 'system', text: 'Which?' },
        { role: 'system', text: 'No.', initiative: true },
        { role: 'system', text: 'No.', tags: ['PA'] },
      ],
      'question',
    );
    expect(utterances.map(({ initiative, labelSource }) => [initiative, labelSource])).toEqual([
      [undefined, undefined],
      [true, 'rule:question'],
      [true, undefined],
      [undefined, undefined],
    ]);
    expect(() => parseRuleName('guess')).toThrow(
      'A labeling rule must be one of question (the system asks: its text has a question mark outside of links and code); question-or-request (',
    );
  });

  it('are named in reports with their agreement, and only when there are weak labels', () => {
    const examples = [
      { labelSource: 'rule:question' },
      { labelSource: 'rule:question' },
      { labelSource: 'person' },
      {},
    ];
    expect(weakLabelsText(labelSourcesOf(examples), 4)).toBe(
      'weak, by rule `question` (2 of 4); on MSDialog this rule agrees with human labels at macro-F1 0.76',
    );
    expect(weakLabelsText(labelSourcesOf(examples.slice(0, 2)), 2)).toBe(
      'weak, by rule `question`; on MSDialog this rule agrees with human labels at macro-F1 0.76',
    );
    expect(weakLabelsText({ person: 3 }, 3)).toBeUndefined();
  });
});
