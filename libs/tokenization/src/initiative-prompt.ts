import { AppError } from '@overture/core';
import { dialogueTagTitles, type Example, type ExampleInput, type Role, type TagSet } from '@overture/dialogue';
import { z } from 'zod';
import type { ChatFormat, ChatMessage } from './chat-format.ts';
import { turnCutter } from './cut-turns.ts';
import type { Tokenizer } from './tokenizer.ts';

// Another wording gives other answers: raise the versions of the stages that ask (promptFold, fineTuneAnswers).

/** The two answers, by label. */
export const initiativeAnswers = ['{"initiative": false}', '{"initiative": true}'] as const;

const answerSchema = z.strictObject({ initiative: z.boolean() });

/** The label that a model's text says; undefined for anything but one of the two answers as JSON, white space aside. */
export function readInitiativeAnswer(text: string): 0 | 1 | undefined {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return undefined; // no JSON is no answer
  }
  const answer = answerSchema.safeParse(value);
  return answer.success ? (answer.data.initiative ? 1 : 0) : undefined;
}

/** A system turn to decide, with the conversation before it. */
type Asked = Pick<ExampleInput, 'history' | 'systemTurn'>;

export interface InitiativePromptOptions {
  readonly tokenizer: Tokenizer;
  readonly chat: ChatFormat;
  /** What counts as taking the initiative. */
  readonly tagSet: TagSet;
  /** Tokens of one conversation at most; the wording around it comes on top. */
  readonly maxLength: number;
  /** Shown with their answers before the question. */
  readonly demonstrations?: readonly (Asked & Pick<Example, 'label'>)[];
}

/** How a chat model is asked whether the system's next turn takes the initiative. */
export interface InitiativePrompt {
  messages(asked: Asked): ChatMessage[];
  /** Token ids up to where the answer begins. */
  encode(asked: Asked): number[];
  /** The same, and the answer as the model would write it, with what ends its turn. @throws AppError `CHAT_TEMPLATE_UNFIT` */
  encodeAnswered(asked: Asked, label: 0 | 1): { readonly prompt: number[]; readonly answer: number[] };
  /** The tokens of both answers, by label, without what ends the turn. */
  readonly answers: readonly [readonly number[], readonly number[]];
}

/**
 * The same instruction for asking a model as it comes, with demonstrations, and after fine-tuning.
 * @throws AppError `CHAT_TEMPLATE_UNFIT`, `CHAT_TEMPLATE_INVALID`, `MAX_LENGTH_INVALID`
 */
export function initiativePrompt({ tokenizer, chat, tagSet, maxLength, demonstrations = [] }: InitiativePromptOptions): InitiativePrompt {
  const cut = turnCutter(tokenizer, { maxLength });
  const special = new Set(tokenizer.specialTokens.values());
  const question = (asked: Asked): ChatMessage => ({ role: 'user', content: questionText(cut(asked), asked.systemTurn) });
  const answerOf = (label: 0 | 1): ChatMessage => ({ role: 'assistant', content: initiativeAnswers[label] });
  const beginning = [{ role: 'system', content: instruction(tagSet) } as const, ...demonstrations.flatMap((shown) => [question(shown), answerOf(shown.label)])];

  const messages = (asked: Asked): ChatMessage[] => [...beginning, question(asked)];
  const encodeAnswered = (asked: Asked, label: 0 | 1): { prompt: number[]; answer: number[] } => {
    const prompt = chat.encode(messages(asked));
    const whole = chat.encode([...messages(asked), answerOf(label)], { answerNext: false });
    const rest = whole.slice(prompt.length);
    const answer = rest.slice(0, rest.findIndex((id) => special.has(id)) + 1 || rest.length);
    if (prompt.some((id, i) => whole[i] !== id) || readInitiativeAnswer(tokenizer.decode(answer)) !== label) throw unfit(tokenizer.decode(rest));
    return { prompt, answer };
  };
  const answers = ([0, 1] as const).map((label) => encodeAnswered({ history: [], systemTurn: 0 }, label).answer.filter((id) => !special.has(id)));
  return { messages, encode: (asked) => chat.encode(messages(asked)), encodeAnswered, answers: [answers[0]!, answers[1]!] };
}

/** How the two are called in prompts. */
const speakers: Readonly<Record<Role, string>> = { user: 'User', system: 'Agent' };

function instruction({ tags }: TagSet): string {
  return [
    'You read a conversation between a user who needs help and an agent, and predict what the agent does next: take the initiative, or simply answer.',
    `The agent takes the initiative if its next message contains one of these: ${tags.map((tag) => dialogueTagTitles[tag]).join(', ')}.`,
  ].join('\n');
}

/** Last comes what to write, as an order: asked a question that can be answered by yes or no, SmolLM2 replies in prose even where it is told not to. */
function questionText(turns: readonly { readonly role: Role; readonly text: string }[], systemTurn: number): string {
  const [no, yes] = initiativeAnswers;
  return [
    'Conversation:', ...turns.map(({ role, text }) => `${speakers[role]}: ${text}`), '',
    `Output JSON about the agent's next message, its message number ${systemTurn + 1}: ${yes} if it takes the initiative, ${no} if it does not.`,
  ].join('\n');
}

function unfit(came: string): AppError {
  return new AppError('CHAT_TEMPLATE_UNFIT', `A chat template must write an answer as it is, and where its prompt for one ends. Here it writes ${JSON.stringify(came.slice(0, 80))}: use another base model.`);
}
