/** A value that JSON can represent without loss. */
export type JsonValue =
  null | boolean | number | string | readonly JsonValue[] | { readonly [key: string]: JsonValue | undefined };

/** The optional parts of an `AppError`. */
export interface AppErrorOptions {
  /** Machine-readable details: file, line, field, expected and received values. */
  readonly details?: Readonly<Record<string, JsonValue | undefined>>;
  /** Whether a retry without any change can help. Default: false, because most errors are in the input. */
  readonly retryable?: boolean;
  readonly cause?: unknown;
}

/**
 * The base class of all errors in the project. The message says what happened and where, then why, then what
 * to do.
 * `code` is stable, in SCREAMING_SNAKE_CASE, and starts with its subject (`CORPUS_EMPTY`).
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

  /**
   * Returns plain data that can cross a process boundary. `AppError.fromJSON` restores it, without the stack
   * and the cause.
   */
  toJSON(): {
    code: string;
    message: string;
    details: Readonly<Record<string, JsonValue | undefined>>;
    retryable: boolean;
  } {
    return { code: this.code, message: this.message, details: this.details, retryable: this.retryable };
  }

  /** Restores an error from the data that `toJSON` returned. */
  static fromJSON(data: ReturnType<AppError['toJSON']>): AppError {
    return new AppError(data.code, data.message, { details: data.details, retryable: data.retryable });
  }
}

/**
 * Returns any thrown value as an `AppError`. Anything that is not an `AppError` gets the given `code` and is
 * retryable.
 */
export function toAppError(thrown: unknown, code = 'UNEXPECTED'): AppError {
  if (thrown instanceof AppError) return thrown;
  const message = messageOf(thrown);
  return new AppError(code, message, { cause: thrown, retryable: true });
}

/**
 * The message of any thrown value. Errors of third-party code may have no message, and objects no string
 * form.
 */
function messageOf(thrown: unknown): string {
  try {
    if (!(thrown instanceof Error))
      return typeof thrown === 'object' && thrown !== null
        ? `A value that is no error was thrown: ${JSON.stringify(thrown)}`
        : String(thrown);
    return String(thrown.message) || `${thrown.name} without a message`;
  } catch {
    return 'A value was thrown that has no text.';
  }
}

/**
 * Makes a switch over a union exhaustive: it compiles only if every member is handled.
 * @throws AppError `UNREACHABLE` if it is reached at run time.
 */
export function assertNever(value: never, what = 'value'): never {
  throw new AppError(
    'UNREACHABLE',
    `${what} ${JSON.stringify(value)} is not handled; this is a bug in Overture.`,
  );
}
