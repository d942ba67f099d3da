/**
 * How long a second Ctrl-C counts as an echo of the first, in milliseconds: npm and the shell both pass one
 * on.
 */
const echoMs = 500;

/** The interrupt signal of a command; `end` removes the signal handlers. */
export interface Interrupts {
  readonly signal: AbortSignal;
  end(): void;
}

/** The first SIGINT, SIGTERM or SIGHUP aborts the signal. The next one ends the process at once. */
export function watchInterrupts(options: {
  readonly now: () => number;
  readonly onSecond: () => void;
}): Interrupts {
  const controller = new AbortController();
  let firstAt: number | undefined;
  const onSignal = (): void => {
    if (firstAt === undefined) {
      firstAt = options.now();
      controller.abort(new InterruptedError());
    } else if (options.now() - firstAt > echoMs) options.onSecond();
  };
  const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
  for (const signal of signals) process.on(signal, onSignal);
  return {
    signal: controller.signal,
    end: () => {
      for (const signal of signals) process.off(signal, onSignal);
    },
  };
}

/** The command ended because the user interrupted it. */
export class InterruptedError extends Error {
  override readonly name = 'InterruptedError';
  constructor() {
    super('Interrupted.');
  }
}

/**
 * Whether an error is the user's interruption. It may also be the AbortError of an operation that the
 * interruption aborted.
 */
export function isInterruption(error: unknown, signal: AbortSignal): boolean {
  if (error instanceof InterruptedError) return true;
  return (
    signal.aborted &&
    error instanceof Error &&
    (error.name === 'AbortError' || error.cause instanceof InterruptedError)
  );
}
