import { AppError } from '@overture/core';
import {
  dialogueTagTitles,
  type Example,
  type ExampleInput,
  type Role,
  type TagSet,
} from '@overture/dialogue';
import { z } from 'zod';
import type { ChatFormat, ChatMessage } from './chat-format.ts';
import { turnCutter } from './cut-turns.ts';
import type { Tokenizer } from './tokenizer.ts';

// A change of the wording changes the answers: raise the versions of the stages that use the prompt
// (promptFold, supervisedFineTune).

/** The two answers, by label. */
export const initiativeAnswers = ['{"initiative": false}', '{"initiative": true}'] as const;

const answerSchema = z.strictObject({ initiative: z.boolean() });

/**
 * The label in a model's text: one of the two answers as JSON, ignoring outer white space. Undefined for any
 * other text.
 */
export function readInitiativeAnswer(text: string): 0 | 1 | undefined {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return undefined; // text that is not JSON is not an answer
  }
  const answer = answerSchema.safeParse(value);
  return answer.success ? (answer.data.initiative ? 1 : 0) : undefined;
}

/** A system turn to predict, with the conversation before it. */
type Asked = Pick<ExampleInput, 'history' | 'systemTurn'>;

/** The model, the task and the limits of a prompt. */
export interface InitiativePromptOptions {
  readonly tokenizer: Tokenizer;
  readonly chat: ChatFormat;
  /** The tags that count as taking the initiative. */
  readonly tagSet: TagSet;
  /** Maximum tokens of one conversation, not counting the wording around it. */
  readonly maxLength: number;
  /** Examples shown with their answers before the question. */
  readonly demonstrations?: readonly (Asked & Pick<Example, 'label'>)[];
}

/** The prompt that asks a chat model whether the system's next turn takes the initiative. */
export interface InitiativePrompt {
  messages(asked: Asked): ChatMessage[];
  /** Token ids up to the start of the answer. */
  encode(asked: Asked): number[];
  /**
   * The prompt, and the answer as the model would write it, including the end of its turn.
   * @throws AppError `CHAT_TEMPLATE_UNFIT`
   */
  encodeAnswered(asked: Asked, label: 0 | 1): { readonly prompt: number[]; readonly answer: number[] };
  /** The tokens of both answers, by label, without the end of the turn. */
  readonly answers: readonly [readonly number[], readonly number[]];
}

/**
 * Builds the prompt. The instruction is the same for a pretrained model with demonstrations and for a
 * fine-tuned one.
 * @throws AppError `CHAT_TEMPLATE_UNFIT`, `CHAT_TEMPLATE_INVALID`, `MAX_LENGTH_INVALID`
 */
export function initiativePrompt({
  tokenizer,
  chat,
  tagSet,
  maxLength,
  demonstrations = [],
}: InitiativePromptOptions): InitiativePrompt {
  const cut = turnCutter(tokenizer, { maxLength });
  const special = new Set(tokenizer.specialTokens.values());
  const question = (asked: Asked): ChatMessage => ({
    role: 'user',
    content: questionText(cut(asked), asked.systemTurn),
  });
  const answerOf = (label: 0 | 1): ChatMessage => ({ role: 'assistant', content: initiativeAnswers[label] });
  const beginning = [
    { role: 'system', content: instruction(tagSet) } as const,
    ...demonstrations.flatMap((shown) => [question(shown), answerOf(shown.label)]),
  ];

  const messages = (asked: Asked): ChatMessage[] => [...beginning, question(asked)];
  const encodeAnswered = (asked: Asked, label: 0 | 1): { prompt: number[]; answer: number[] } => {
    const prompt = chat.encode(messages(asked));
    const whole = chat.encode([...messages(asked), answerOf(label)], { answerNext: false });
    const rest = whole.slice(prompt.length);
    const answer = rest.slice(0, rest.findIndex((id) => special.has(id)) + 1 || rest.length);
    if (prompt.some((id, i) => whole[i] !== id) || readInitiativeAnswer(tokenizer.decode(answer)) !== label)
      throw unfit(tokenizer.decode(rest));
    return { prompt, answer };
  };
  const answers = ([0, 1] as const).map((label) =>
    encodeAnswered({ history: [], systemTurn: 0 }, label).answer.filter((id) => !special.has(id)),
  );
  return {
    messages,
    encode: (asked) => chat.encode(messages(asked)),
    encodeAnswered,
    answers: [answers[0]!, answers[1]!],
  };
}

/** The names of the speakers in prompts. */
const speakers: Readonly<Record<Role, string>> = { user: 'User', system: 'Agent' };

function instruction({ tags }: TagSet): string {
  return [
    'You read a conversation between a user who needs help and an agent, and predict what the agent does next: take the initiative, or simply answer.',
    `The agent takes the initiative if its next message contains one of these: ${tags.map((tag) => dialogueTagTitles[tag]).join(', ')}.`,
  ].join('\n');
}

/**
 * The requested output comes last, as an instruction. SmolLM2 answers a yes-or-no question in prose even if
 * told not to.
 */
function questionText(
  turns: readonly { readonly role: Role; readonly text: string }[],
  systemTurn: number,
): string {
  const [no, yes] = initiativeAnswers;
  return [
    'Conversation:',
    ...turns.map(({ role, text }) => `${speakers[role]}: ${text}`),
    '',
    `Output JSON about the agent's next message, its message number ${systemTurn + 1}: ${yes} if it takes the initiative, ${no} if it does not.`,
  ].join('\n');
}

function unfit(came: string): AppError {
  return new AppError(
    'CHAT_TEMPLATE_UNFIT',
    `A chat template must write an answer as it is, and where its prompt for one ends. Here it writes ${JSON.stringify(came.slice(0, 80))}: use another base model.`,
  );
}
