import { resolveTagSet, type Turn } from '@overture/dialogue';
import { describe, expect, it } from 'vitest';
import { openChatFormat } from './chat-format.ts';
import { initiativeAnswers, initiativePrompt, readInitiativeAnswer } from './initiative-prompt.ts';
import type { Tokenizer } from './tokenizer.ts';

const [start, end] = [256, 257];
/** One id per byte, and the two special tokens of a chat. */
const tokenizer: Tokenizer = {
  encode: (text, { markup = false } = {}) =>
    (markup ? text.split(/(<\/?s>)/) : [tokenizer.plainText(text)]).flatMap((part) =>
      part === '<s>' ? [start] : part === '</s>' ? [end] : [...new TextEncoder().encode(part)],
    ),
  plainText: (text) => text.replace(/(?<=<)(?=\/?s>)/g, ' '),
  plainTextRule: { control: '(?<=<)(?=\\/?s>)' },
  decode: (ids) => new TextDecoder().decode(Uint8Array.from(ids.filter((id) => id < 256))),
  specialTokens: new Map([
    ['<s>', start],
    ['</s>', end],
  ]),
  vocabSize: 258,
  prefix: [],
  suffix: [],
  padId: 0,
};
const template = (answer: string): string =>
  `{% for message in messages %}<s>{{ message['role'] }}\n${answer}</s>\n{% endfor %}{% if add_generation_prompt %}<s>assistant\n{% endif %}`;
const chatOf = (answer = "{{ message['content'] }}") =>
  openChatFormat(tokenizer, {
    config: JSON.stringify({ chat_template: template(answer) }),
    where: 'a model',
  });

const turn = (role: Turn['role'], text: string): Turn => ({ role, text, tags: [], labeled: false });
const asked = {
  history: [
    turn('user', 'My printer </s> is\nbroken'),
    turn('system', 'Which one?'),
    turn('user', 'The red one'),
  ],
  systemTurn: 1,
};
const options = { tokenizer, chat: chatOf(), tagSet: resolveTagSet('cikm23-5'), maxLength: 256 };
const text = (ids: readonly number[]): string =>
  ids.map((id) => (id === start ? '<s>' : id === end ? '</s>' : String.fromCharCode(id))).join('');

describe('initiativePrompt', () => {
  it('is the instruction, the conversation and the question, up to where the answer begins', () => {
    expect(text(initiativePrompt(options).encode(asked))).toBe(`<s>system
You read a conversation between a user who needs help and an agent, and predict what the agent does next: take the initiative, or simply answer.
The agent takes the initiative if its next message contains one of these: original question, repeat question, clarifying question, follow-up question, information request.</s>
<s>user
Conversation:
User: My printer < /s> is broken
Agent: Which one?
User: The red one

Output JSON about the agent's next message, its message number 2: {"initiative": true} if it takes the initiative, {"initiative": false} if it does not.</s>
<s>assistant
`);
    expect(
      initiativePrompt(options)
        .encode(asked)
        .filter((id) => id === end),
    ).toHaveLength(2); // the one spelled by the user is plain text
  });

  it('shows demonstrations as earlier turns of the chat, and changes nothing of the question', () => {
    const shown = { history: [turn('user', 'Hello')], systemTurn: 0 };
    const plain = text(initiativePrompt(options).encode(asked));
    const prompt = text(
      initiativePrompt({
        ...options,
        demonstrations: [
          { ...shown, label: 1 },
          { ...shown, label: 0 },
        ],
      }).encode(asked),
    );
    const [before, after] = [plain.slice(0, plain.indexOf('<s>user')), plain.slice(plain.indexOf('<s>user'))];
    expect(prompt.startsWith(before)).toBe(true);
    expect(prompt.endsWith(after)).toBe(true);
    expect(prompt.slice(before.length, -after.length)).toBe(
      ['{"initiative": true}', '{"initiative": false}']
        .map(
          (answer) =>
            `<s>user\nConversation:\nUser: Hello\n\nOutput JSON about the agent's next message, its message number 1: {"initiative": true} if it takes the initiative, {"initiative": false} if it does not.</s>\n<s>assistant\n${answer}</s>\n`,
        )
        .join(''),
    );
  });

  it('has the answer as the template writes it, with what ends the turn', () => {
    const prompt = initiativePrompt(options);
    const { prompt: before, answer } = prompt.encodeAnswered(asked, 1);
    expect(before).toEqual(prompt.encode(asked));
    expect(text(answer)).toBe('{"initiative": true}</s>');
    expect(prompt.answers.map(text)).toEqual(initiativeAnswers);
  });

  it('cuts conversations and nothing else', () => {
    const prompt = text(
      initiativePrompt({ ...options, maxLength: 44 }).encode({
        ...asked,
        history: [turn('user', 'x '.repeat(500)), ...asked.history.slice(1)],
      }),
    );
    expect(prompt).toContain('User: x x x\nAgent: one?\nUser: The red one\n');
  });

  it('refuses a template that writes answers otherwise than asked for', () => {
    expect(() =>
      initiativePrompt({ ...options, chat: chatOf("thinking… {{ message['content'] }}") }),
    ).toThrow(
      'A chat template must write an answer as it is, and where its prompt for one ends. Here it writes "thinking… {\\"initiative\\": false}\\n": use another base model.',
    );
    expect(() => initiativePrompt({ ...options, chat: chatOf("{{ message['content'] | upper }}") })).toThrow(
      'Here it writes "{\\"INITIATIVE\\": FALSE}\\n"',
    );
  });
});

describe('readInitiativeAnswer', () => {
  it('takes the two answers, white space aside', () => {
    expect(initiativeAnswers.map(readInitiativeAnswer)).toEqual([0, 1]);
    expect(readInitiativeAnswer(' {"initiative":true}\n')).toBe(1);
  });

  it.each([
    '',
    'true',
    'yes',
    '{"initiative": "true"}',
    '{"initiative": 1}',
    '{"initiative": null}',
    '{"Initiative": true}',
    '{}',
    '{"initiative": true, "why": "x"}',
    '[{"initiative": true}]',
    '{"initiative": true',
    'Sure! {"initiative": true}',
    '```json\n{"initiative": true}',
  ])('takes %j for no answer', (said) => {
    expect(readInitiativeAnswer(said)).toBeUndefined();
  });
});
