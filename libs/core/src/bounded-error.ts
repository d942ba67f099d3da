import { AppError, toAppError, type JsonValue } from './app-error.ts';
import { shorten } from './shorten.ts';

/**
 * Maximum sizes, in bytes, of an error that leaves a process: its message, its code, and its details as JSON.
 * Temporal keeps 4 KB of an activity's failure.
 */
export const errorLimits = { message: 2_000, code: 100, details: 1_500 } as const;

/**
 * Returns any thrown value as an `AppError` of at most a few kilobytes. Third-party code may put megabytes
 * into an error, and Temporal would reject it. Details that are too large or not JSON are replaced by `{
 * leftOut: true }`.
 */
export function boundedError(thrown: unknown): AppError {
  const { message, code, details, retryable } = toAppError(thrown);
  const kept = boundedJson(details, errorLimits.details) as AppError['details'];
  return new AppError(
    shorten(String(code), errorLimits.code),
    shorten(String(message), errorLimits.message),
    { details: kept, retryable },
  );
}

/**
 * Returns the value after a round trip through JSON if its JSON takes at most `bytes` bytes of UTF-8. Returns
 * `{ leftOut: true }` if it is larger or cannot be written as JSON.
 */
export function boundedJson(value: unknown, bytes: number): JsonValue {
  try {
    const text = JSON.stringify(value);
    if (text.length * 3 <= bytes || new TextEncoder().encode(text).length <= bytes)
      return JSON.parse(text) as JsonValue;
  } catch {
    // Cyclic, or with values that JSON does not have.
  }
  return { leftOut: true };
}
