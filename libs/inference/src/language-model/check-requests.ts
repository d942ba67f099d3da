import { AppError } from '@overture/core';
import type { Tokens } from './decoder.ts';

/** The limits that a request is checked against. */
export interface TokenBudget {
  /** Maximum sequence length of the model, in tokens. */
  readonly context: number;
  readonly vocabulary: number;
  /** Tokens of the shared prefix. */
  readonly shared: number;
  /** Bytes of the key-value cache: in total, and per token. */
  readonly cacheBytes: number;
  readonly bytesPerToken: number;
}

const shown = 5; // problems in a message

/**
 * Rejects prompts that cannot run, before anything is computed. Reports all problems together.
 * @param further maximum number of tokens after each prompt
 * @throws AppError `PROMPT_EMPTY`, `PROMPT_TOO_LONG`, `TOKEN_UNKNOWN`, `CACHE_TOO_LARGE`
 */
export function checkPrompts(
  prompts: readonly Tokens[],
  further: readonly number[],
  room: TokenBudget,
): void {
  const found = (problem: (tokens: Tokens, i: number) => string | undefined): string[] =>
    prompts.flatMap((tokens, i) => problem(tokens, i) ?? []);
  throwIfAny(
    'PROMPT_EMPTY',
    'A prompt must have at least one token of its own',
    'Give it some text.',
    found(({ length }, i) => (length === 0 ? `prompt ${i} has none` : undefined)),
  );
  throwIfAny(
    'TOKEN_UNKNOWN',
    `Tokens must be numbers under ${room.vocabulary}`,
    "Use this model's tokenizer.",
    found((tokens, i) => unknownToken(tokens, room.vocabulary, `prompt ${i}`)),
  );
  const total = (tokens: Tokens, i: number): number => room.shared + tokens.length + further[i]!;
  const long = found((tokens, i) =>
    total(tokens, i) > room.context
      ? `prompt ${i} has ${room.shared} shared tokens, ${tokens.length} of its own and up to ${further[i]} to come, ${total(tokens, i)} in all`
      : undefined,
  );
  throwIfAny(
    'PROMPT_TOO_LONG',
    `Prompt and what follows must fit into the model's ${room.context} tokens`,
    'Shorten the prompts, use fewer examples, or ask for fewer tokens.',
    long,
  );
  const fitting = Math.floor(room.cacheBytes / room.bytesPerToken);
  const large = found((tokens, i) =>
    total(tokens, i) > fitting
      ? `prompt ${i} needs ${total(tokens, i)} tokens, ${total(tokens, i) * room.bytesPerToken} bytes`
      : undefined,
  );
  throwIfAny(
    'CACHE_TOO_LARGE',
    `Keys and values must fit into ${room.cacheBytes} bytes, which is ${fitting} tokens`,
    'Shorten the prompts, or allow more with cacheBytes.',
    large,
  );
}

/**
 * Checks the answers to score.
 * @throws AppError `ANSWERS_EMPTY`, `TOKEN_UNKNOWN`
 */
export function checkAnswers(answers: readonly (readonly Tokens[])[], { vocabulary }: TokenBudget): void {
  const empty = answers.flatMap((list, i) =>
    list.length === 0
      ? [`request ${i} has no answers`]
      : list.flatMap(({ length }, which) =>
          length === 0 ? [`answer ${which} of request ${i} has no tokens`] : [],
        ),
  );
  throwIfAny(
    'ANSWERS_EMPTY',
    'A request must have answers to score, each of at least one token',
    'Give it the answers that are possible.',
    empty,
  );
  const unknown = answers.flatMap((list, i) =>
    list.flatMap(
      (tokens, which) => unknownToken(tokens, vocabulary, `answer ${which} of request ${i}`) ?? [],
    ),
  );
  throwIfAny(
    'TOKEN_UNKNOWN',
    `Tokens must be numbers under ${vocabulary}`,
    "Use this model's tokenizer.",
    unknown,
  );
}

function unknownToken(tokens: Tokens, vocabulary: number, what: string): string | undefined {
  const unknown = tokens.find((token) => !Number.isInteger(token) || token < 0 || token >= vocabulary);
  return unknown === undefined ? undefined : `${what} has ${unknown}`;
}

function throwIfAny(code: string, expected: string, advice: string, problems: readonly string[]): void {
  if (problems.length === 0) return;
  const more = problems.length > shown ? `, and ${problems.length - shown} more` : '';
  throw new AppError(code, `${expected}. Here ${problems.slice(0, shown).join('; ')}${more}. ${advice}`, {
    details: { problems: problems.slice(0, 100) },
  });
}
