import { toAppError } from '@overture/core';
import type { StageLogger } from '@overture/execution';
import type { Registry } from '@overture/registry';
import { reconcileRuns } from './reconcile-runs.ts';
import type { Client } from '@temporalio/client';

/** The interval between sweeps, and the maximum number of runs per sweep. */
const everyMs = 5 * 60_000;
const atOnce = 1_000;

/** Options of `sweepRuns`. */
export interface SweepOptions {
  readonly client: Client;
  readonly registry: Pick<Registry, 'listRuns' | 'noteExecution' | 'observeEnd'>;
  readonly logger: StageLogger;
}

/**
 * Compares the registry's open runs with Temporal, now and every five minutes. A workflow that was
 * terminated, timed out or deleted cannot record its own end.
 */
export function sweepRuns({ client, registry, logger }: SweepOptions): Disposable {
  let busy = false;
  const sweep = async (): Promise<void> => {
    if (busy) return;
    busy = true;
    try {
      const changed = await reconcileRuns(
        client,
        registry,
        await registry.listRuns({ state: 'running', limit: atOnce }),
      );
      if (changed.length > 0)
        logger.info(
          { runs: changed.slice(0, 20), count: changed.length },
          'Runs were corrected in the registry: Temporal had ended or reset them.',
        );
    } catch (thrown) {
      // The next sweep may reach both servers.
      logger.warn(
        { reason: toAppError(thrown).message },
        'The runs could not be compared with Temporal; this is tried again in five minutes.',
      );
    } finally {
      busy = false;
    }
  };
  void sweep();
  const timer = setInterval(() => void sweep(), everyMs);
  return { [Symbol.dispose]: () => clearInterval(timer) };
}
