import type { Client } from '@temporalio/client';
import { setTimeout as sleep } from 'node:timers/promises';

/** What Temporal's server knows of the activities that run. */
export interface HeartbeatWatch extends AsyncDisposable {
  /** The longest time for which a running activity was silent, seconds. */
  longestPause(): number;
}

const everyMs = 500;

/** Asks the server how long ago each running activity of a run has last been heard of. */
export function watchHeartbeats(client: Client, workflowId: string): HeartbeatWatch {
  let [longest, ended] = [0, false];
  const seconds = (at: { seconds?: unknown; nanos?: number | null } | null | undefined): number => (at ? Number(at.seconds) + (at.nanos ?? 0) / 1e9 : NaN);
  const watching = (async () => {
    while (!ended) {
      const { raw } = await client.workflow.getHandle(workflowId).describe().catch(() => ({ raw: undefined }));
      for (const { lastHeartbeatTime, lastStartedTime } of raw?.pendingActivities ?? []) {
        const heard = Math.max(...[lastHeartbeatTime, lastStartedTime].map(seconds).filter((at) => !Number.isNaN(at)));
        if (Number.isFinite(heard)) longest = Math.max(longest, Date.now() / 1000 - heard);
      }
      await sleep(everyMs);
    }
  })();
  return {
    longestPause: () => longest,
    async [Symbol.asyncDispose]() {
      ended = true;
      await watching;
    },
  };
}
