import { AppError, toAppError, type JsonValue } from './app-error.ts';
import { shorten } from './shorten.ts';

/** Bytes of an error's message, of its code, and of its details as JSON, when it leaves a process. Temporal keeps 4 KB of an activity's failure. */
export const errorLimits = { message: 2_000, code: 100, details: 1_500 } as const;

/**
 * Any thrown value as an `AppError` of a few kilobytes: somebody's program may put megabytes into an error, and neither Temporal nor a reader
 * takes them. Details that are too large, or no JSON, are left out.
 */
export function boundedError(thrown: unknown): AppError {
  const { message, code, details, retryable } = toAppError(thrown);
  const kept = boundedJson(details, errorLimits.details) as AppError['details'];
  return new AppError(shorten(String(code), errorLimits.code), shorten(String(message), errorLimits.message), { details: kept, retryable });
}

/** A value as JSON has it, if its JSON takes at most `bytes`; else `{ leftOut: true }`, as for what JSON does not have. */
export function boundedJson(value: unknown, bytes: number): JsonValue {
  try {
    const text = JSON.stringify(value);
    if (text.length * 3 <= bytes || new TextEncoder().encode(text).length <= bytes) return JSON.parse(text) as JsonValue;
  } catch {
    // Cyclic, or with values that JSON does not have.
  }
  return { leftOut: true };
}
