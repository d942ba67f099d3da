/** Values that survive a trip through JSON. */
export type JsonValue = null | boolean | number | string | readonly JsonValue[] | { readonly [key: string]: JsonValue | undefined };

export interface AppErrorOptions {
  /** Machine-readable particulars: file, line, field, expected, received. */
  readonly details?: Readonly<Record<string, JsonValue | undefined>>;
  /** Whether trying again without changing anything can help. Default false: most errors are somebody's input. */
  readonly retryable?: boolean;
  readonly cause?: unknown;
}

/**
 * The one error family of the project. The message is a sentence for a person: what was expected, what came,
 * where, and what to do. `code` is stable, in SCREAMING_SNAKE_CASE, prefixed by its subject (`CORPUS_EMPTY`).
 */
export class AppError extends Error {
  override readonly name = 'AppError';
  readonly code: string;
  readonly details: Readonly<Record<string, JsonValue | undefined>>;
  readonly retryable: boolean;

  constructor(code: string, message: string, options: AppErrorOptions = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.code = code;
    this.details = options.details ?? {};
    this.retryable = options.retryable ?? false;
  }

  /** Plain data for a process boundary; `AppError.fromJSON` is its inverse, less the stack and the cause. */
  toJSON(): { code: string; message: string; details: Readonly<Record<string, JsonValue | undefined>>; retryable: boolean } {
    return { code: this.code, message: this.message, details: this.details, retryable: this.retryable };
  }

  static fromJSON(data: ReturnType<AppError['toJSON']>): AppError {
    return new AppError(data.code, data.message, { details: data.details, retryable: data.retryable });
  }
}

/** Any thrown value as an `AppError`; what is not one yet becomes `code` and counts as retryable. */
export function toAppError(thrown: unknown, code = 'UNEXPECTED'): AppError {
  if (thrown instanceof AppError) return thrown;
  const message = messageOf(thrown);
  return new AppError(code, message, { cause: thrown, retryable: true });
}

/** What a thrown value says, whatever it is: errors of other programs may have no message, and objects no text. */
function messageOf(thrown: unknown): string {
  try {
    if (!(thrown instanceof Error)) return typeof thrown === 'object' && thrown !== null ? `A value that is no error was thrown: ${JSON.stringify(thrown)}` : String(thrown);
    return String(thrown.message) || `${thrown.name} without a message`;
  } catch {
    return 'A value was thrown that has no text.';
  }
}

/** Closes a switch over a union: compiles only while every member is handled. */
export function assertNever(value: never, what = 'value'): never {
  throw new AppError('UNREACHABLE', `${what} ${JSON.stringify(value)} is not handled; this is a bug in Overture.`);
}
