import { toAppError } from '@overture/core';
import type { StageLogger } from '@overture/execution';
import type { Client } from '@temporalio/client';

/**
 * The interval between checks, the time limit of a check, and the interval between repeated log messages, in
 * milliseconds.
 */
const defaults = { everyMs: 15_000, answerMs: 10_000, toldEveryMs: 300_000 };

/** Options of `watchTemporal`. */
export interface WatchTemporalOptions {
  readonly client: Pick<Client, 'workflowService' | 'options' | 'connection'>;
  readonly logger: StageLogger;
  readonly now: () => number;
  readonly everyMs?: number;
  readonly toldEveryMs?: number;
}

/**
 * Logs that Temporal or the worker's namespace is unavailable: immediately, then at intervals, and when it is
 * available again. The worker itself keeps polling without logging.
 */
export function watchTemporal({
  client,
  logger,
  now,
  everyMs = defaults.everyMs,
  toldEveryMs = defaults.toldEveryMs,
}: WatchTemporalOptions): Disposable {
  const { namespace } = client.options;
  let away: { readonly since: number; toldAt: number } | undefined;
  let busy = false;
  const look = async (): Promise<void> => {
    if (busy) return;
    busy = true;
    try {
      await client.connection.withDeadline(Date.now() + defaults.answerMs, () =>
        client.workflowService.describeNamespace({ namespace }),
      );
      if (away !== undefined)
        logger.info(
          { namespace, seconds: Math.round((now() - away.since) / 1000) },
          'Temporal answers again.',
        );
      away = undefined;
    } catch (thrown) {
      away ??= { since: now(), toldAt: -Infinity };
      if (now() - away.toldAt < toldEveryMs) return;
      away.toldAt = now();
      logger.warn(
        { namespace, reason: toAppError(thrown).message, seconds: Math.round((now() - away.since) / 1000) },
        'Temporal does not answer for the namespace; the worker gets no tasks. It asks again every few seconds.',
      );
    } finally {
      busy = false;
    }
  };
  const timer = setInterval(() => void look(), everyMs);
  return { [Symbol.dispose]: () => clearInterval(timer) };
}
