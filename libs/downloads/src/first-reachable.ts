import { AppError, toAppError } from '@overture/core';

/** One possible source. */
export interface Source<T> {
  /** A readable name, such as "the Hugging Face cache". */
  readonly name: string;
  /** The result; undefined if this source does not have it. May throw. */
  readonly get: () => Promise<T | undefined>;
}

/** A source that failed, and why. */
export interface SourceFailure {
  readonly source: string;
  readonly code: string;
  readonly reason: string;
}

/** A result, with the source that provided it. */
export interface Reached<T> {
  readonly value: T;
  readonly source: string;
  /** The sources tried before, and why they failed. */
  readonly tried: readonly SourceFailure[];
}

/** Texts for the error if no source succeeds. */
export interface FirstReachableOptions {
  /** What is looked for, as the start of the message: "The base model minilm". */
  readonly what: string;
  /** What the user can do if no source has it, as a sentence. */
  readonly advice: string;
  readonly signal?: AbortSignal;
  readonly onFailure?: (failure: SourceFailure) => void;
}

/**
 * Tries sources one after another and returns the first result.
 * @throws AppError `SOURCES_EXHAUSTED` with one line for each source; retryable if one of the failures is
 */
export async function firstReachable<T>(
  sources: readonly Source<T>[],
  options: FirstReachableOptions,
): Promise<Reached<T>> {
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
      details: {
        what: options.what,
        tried: tried.map(({ source, code, reason }) => ({ source, code, reason })),
      },
      retryable,
    },
  );
}
