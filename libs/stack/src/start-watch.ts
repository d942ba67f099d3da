import { AppError } from '@overture/core';
import type { Guardian } from './guardian/start-guardian.ts';
import type { GuardianEvent } from './guardian/protocol.ts';
import { logSize, logTail } from './log-files.ts';

/**
 * A process that exits this often before it is ready will not become ready. On a busy machine Temporal's
 * server can miss its own deadlines and exit; the guardian starts it again.
 */
const startTries = 3;

/** The guardian to watch, and the logs of its processes. */
export interface StartWatchOptions {
  readonly guardian: Guardian;
  /** The log file of each process that may be started. */
  readonly logs: Readonly<Record<string, string>>;
  readonly signal?: AbortSignal;
}

/**
 * Watches processes while they start. A process that exits in this time and is not started again, or exits
 * three times, is a failure, explained by its log.
 */
export class StartWatch {
  readonly #ready = new Map<string, PromiseWithResolvers<void>>();
  readonly #failure = Promise.withResolvers<never>();
  readonly #abort = new AbortController();
  readonly #exits = new Map<string, number>();
  readonly #options: StartWatchOptions;
  readonly #logSizes: ReadonlyMap<string, number>;
  readonly #off: () => void;
  /** Aborted on failure, and with the caller's signal, to end all waiting. */
  readonly signal: AbortSignal;

  constructor(options: StartWatchOptions, logSizes: ReadonlyMap<string, number>) {
    this.#options = options;
    this.#logSizes = logSizes;
    this.#off = options.guardian.listen((event) => void this.#see(event));
    this.signal = options.signal ? AbortSignal.any([options.signal, this.#abort.signal]) : this.#abort.signal;
    this.#failure.promise.catch(() => this.#abort.abort());
  }

  /** Resolves when the process has reported that it is ready; rejects when waiting ends. */
  async ready(name: string): Promise<void> {
    const over = Promise.withResolvers<never>();
    const onAbort = (): void => over.reject(this.signal.reason);
    if (this.signal.aborted) onAbort();
    this.signal.addEventListener('abort', onAbort, { once: true });
    try {
      await Promise.race([this.#readiness(name).promise, over.promise]);
    } finally {
      this.signal.removeEventListener('abort', onAbort);
    }
  }

  /** Ends all waiting. */
  giveUp(): void {
    this.#abort.abort();
  }

  /** Resolves with the value; rejects if a process fails first or the caller gives up. */
  async orFailure<T>(value: Promise<T>): Promise<T> {
    value.catch(() => undefined);
    const aborted = Promise.withResolvers<never>();
    const giveUp = (): void => aborted.reject(this.#options.signal?.reason);
    if (this.#options.signal?.aborted) giveUp();
    this.#options.signal?.addEventListener('abort', giveUp, { once: true });
    try {
      return await Promise.race([value, this.#failure.promise, aborted.promise]);
    } catch (error) {
      // Waiting was cut short by the failure that explains it.
      if (this.#abort.signal.aborted) return await this.#failure.promise;
      throw error;
    } finally {
      this.#options.signal?.removeEventListener('abort', giveUp);
    }
  }

  end(): void {
    this.#off();
  }

  #readiness(name: string): PromiseWithResolvers<void> {
    const readiness = this.#ready.get(name) ?? Promise.withResolvers<void>();
    this.#ready.set(name, readiness);
    return readiness;
  }

  async #see(event: GuardianEvent | { readonly kind: 'lost' }): Promise<void> {
    if (event.kind === 'ready') this.#readiness(event.name).resolve();
    if (event.kind === 'lost')
      this.#failure.reject(
        new AppError(
          'STACK_GUARDIAN_FAILED',
          'The process that watches over the stack ended while the stack was starting. Somebody killed it, or memory ran out; start again.',
          { retryable: true },
        ),
      );
    if (event.kind !== 'exited') return;
    const exits = (this.#exits.get(event.name) ?? 0) + 1;
    this.#exits.set(event.name, exits);
    const failure = await this.#startFailure(event.name, event.how);
    const again = event.restartInMs !== undefined && failure.code !== 'STACK_PORT_TAKEN';
    if (again && exits < startTries) return;
    this.#failure.reject(failure);
  }

  async #startFailure(name: string, how: string): Promise<AppError> {
    const log = this.#options.logs[name] ?? '';
    const tail = await logTail(log, { from: this.#logSizes.get(name) });
    // Both Temporal (Go) and Postgres use this phrase.
    const code = /address already in use/i.test(tail) ? 'STACK_PORT_TAKEN' : 'STACK_START_FAILED';
    return new AppError(
      code,
      `${name} should have come up, and ended with ${how} instead. Its log (${log}) says:\n${tail || '(nothing)'}`,
      { details: { name, how, log } },
    );
  }
}

/** A watch that starts now and ignores earlier lines of the logs. */
export async function watchStart(options: StartWatchOptions): Promise<StartWatch> {
  const sizes = await Promise.all(
    Object.entries(options.logs).map(async ([name, log]) => [name, await logSize(log)] as const),
  );
  return new StartWatch(options, new Map(sizes));
}
