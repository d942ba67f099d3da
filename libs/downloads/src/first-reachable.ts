import { AppError, toAppError } from '@overture/core';

/** One place a thing may come from. */
export interface Source<T> {
  /** As a person would say it: "the Hugging Face cache". */
  readonly name: string;
  /** The thing, or undefined when this source simply does not have it; may throw. */
  readonly get: () => Promise<T | undefined>;
}

export interface SourceFailure {
  readonly source: string;
  readonly code: string;
  readonly reason: string;
}

export interface Reached<T> {
  readonly value: T;
  readonly source: string;
  /** The sources asked before, and why they did not do. */
  readonly tried: readonly SourceFailure[];
}

export interface FirstReachableOptions {
  /** What is looked for, to begin the message with: "The base model minilm". */
  readonly what: string;
  /** What a person can do when no source has it, as a sentence. */
  readonly advice: string;
  readonly signal?: AbortSignal;
  readonly onFailure?: (failure: SourceFailure) => void;
}

/**
 * Asks sources one after another and returns the first answer.
 * @throws AppError `SOURCES_EXHAUSTED` with one line for each source; retryable when one of the failures is
 */
export async function firstReachable<T>(sources: readonly Source<T>[], options: FirstReachableOptions): Promise<Reached<T>> {
  const tried: SourceFailure[] = [];
  let retryable = false;
  for (const { name, get } of sources) {
    options.signal?.throwIfAborted();
    const failed = (code: string, reason: string): void => {
      const failure = { source: name, code, reason };
      tried.push(failure);
      options.onFailure?.(failure);
    };
    try {
      const value = await get();
      if (value !== undefined) return { value, source: name, tried };
      failed('NOT_THERE', 'not there');
    } catch (error) {
      options.signal?.throwIfAborted();
      const known = toAppError(error);
      retryable ||= known.retryable;
      failed(known.code, known.message);
    }
  }
  const lines = tried.map(({ source, reason }, i) => `  ${i + 1}. ${source}: ${reason}`);
  throw new AppError(
    'SOURCES_EXHAUSTED',
    `${options.what} was not found in any of ${sources.length} places:\n${lines.join('\n')}\n${options.advice}`,
    {
      details: { what: options.what, tried: tried.map(({ source, code, reason }) => ({ source, code, reason })) },
      retryable,
    },
  );
}
