import type { Client } from '@temporalio/client';
import { setTimeout as sleep } from 'node:timers/promises';

/** The heartbeats of running activities, as seen by Temporal's server. */
export interface HeartbeatWatch extends AsyncDisposable {
  /** By stage, the longest time in seconds without a heartbeat at the server while it ran. */
  longestPauses(): ReadonlyMap<string, number>;
}

const everyMs = 500;

/** Polls the server for the last heartbeat of each running activity of a run and its child workflows. */
export function watchHeartbeats(client: Client, workflowId: string): HeartbeatWatch {
  const longest = new Map<string, number>();
  let ended = false;
  const seconds = (at: { seconds?: unknown; nanos?: number | null } | null | undefined): number =>
    at ? Number(at.seconds) + (at.nanos ?? 0) / 1e9 : NaN;
  const look = async (id: string): Promise<void> => {
    const { raw } = await client.workflow
      .getHandle(id)
      .describe()
      .catch(() => ({ raw: undefined }));
    for (const { activityType, lastHeartbeatTime, lastStartedTime } of raw?.pendingActivities ?? []) {
      const [stage, heard] = [
        activityType?.name ?? 'unknown',
        Math.max(...[lastHeartbeatTime, lastStartedTime].map(seconds).filter((at) => !Number.isNaN(at))),
      ];
      if (Number.isFinite(heard))
        longest.set(stage, Math.max(longest.get(stage) ?? 0, Date.now() / 1000 - heard));
    }
    await Promise.all((raw?.pendingChildren ?? []).map((child) => look(child.workflowId!)));
  };
  const watching = (async () => {
    while (!ended) {
      await look(workflowId);
      await sleep(everyMs);
    }
  })();
  return {
    longestPauses: () => longest,
    async [Symbol.asyncDispose]() {
      ended = true;
      await watching;
    },
  };
}
