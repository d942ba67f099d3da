import { toAppError } from '@overture/core';
import type { StageLogger } from '@overture/execution';
import type { Registry } from '@overture/registry';
import { reconcileRuns } from '@overture/stack';
import type { Client } from '@temporalio/client';

/** How often, how many runs at a time, and how old a run is before it is asked about. */
const everyMs = 5 * 60_000;
const atOnce = 1_000;

export interface SweepOptions {
  readonly client: Client;
  readonly registry: Pick<Registry, 'listRuns' | 'noteExecution' | 'observeEnd'>;
  readonly logger: StageLogger;
}

/** Compares the open runs of the registry with Temporal, now and every few minutes: a workflow that was terminated, timed out or deleted cannot record its end. */
export function sweepRuns({ client, registry, logger }: SweepOptions): Disposable {
  let busy = false;
  const sweep = async (): Promise<void> => {
    if (busy) return;
    busy = true;
    try {
      const changed = await reconcileRuns(client, registry, await registry.listRuns({ state: 'running', limit: atOnce }));
      if (changed.length > 0) logger.info({ runs: changed.slice(0, 20), count: changed.length }, 'Runs were corrected in the registry: Temporal had ended or reset them.');
    } catch (thrown) {
      // The next one may find both servers.
      logger.warn({ reason: toAppError(thrown).message }, 'The runs could not be compared with Temporal; this is tried again in five minutes.');
    } finally {
      busy = false;
    }
  };
  void sweep();
  const timer = setInterval(() => void sweep(), everyMs);
  return { [Symbol.dispose]: () => clearInterval(timer) };
}
