/** How long a second Ctrl-C is taken for an echo of the first: npm and the shell both pass one on. */
const echoMs = 500;

export interface Interrupts {
  readonly signal: AbortSignal;
  end(): void;
}

/** The first SIGINT, SIGTERM or SIGHUP aborts the signal, the next one ends the process at once. */
export function watchInterrupts(options: { readonly now: () => number; readonly onSecond: () => void }): Interrupts {
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

/** What was going on ended because the user wanted it to. */
export class InterruptedError extends Error {
  override readonly name = 'InterruptedError';
  constructor() {
    super('Interrupted.');
  }
}

/** Whether an error is the user's interruption, possibly as an AbortError of something that was aborted by it. */
export function isInterruption(error: unknown, signal: AbortSignal): boolean {
  if (error instanceof InterruptedError) return true;
  return signal.aborted && error instanceof Error && (error.name === 'AbortError' || error.cause instanceof InterruptedError);
}
