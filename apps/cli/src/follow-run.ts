import { setTimeout as sleep } from 'node:timers/promises';
import {
  defaultPayloadConverter,
  type WorkflowExecutionDescription,
  type WorkflowHandle,
} from '@temporalio/client';
import { trainingStageProgress, type TrainingStageProgress } from '@overture/contracts';
import type { RunState } from '@overture/protocol';
import type { CliContext } from './context.ts';
import type { RunServer } from './open-run-server.ts';
import { trainingAhead, waitsToTrain } from './live-runs.ts';
import { unpolledQueues, unpolledText } from './unpolled-queues.ts';
import { runProgress, type RunBeat } from './output/run-progress.ts';

/**
 * Polling intervals in milliseconds: during the first minute, when short stages come and go, and later. Each
 * child workflow adds `child`.
 */
const everyMs = { first: 500, later: 2_000, child: 100 };

/** How often to check which run a waiting run waits for, in milliseconds. */
const aheadEveryMs = 3_000;

/** Maximum time for the last poll of a run, in milliseconds. */
const lastLookMs = 200;

/**
 * Shows a run's state until `done` is aborted: finished stages as lines, running stages by their heartbeats.
 * Stages of child workflows are included.
 */
export async function followRun(
  handle: WorkflowHandle,
  { terminal }: Pick<CliContext, 'terminal'>,
  done: AbortSignal,
  { foreign }: Pick<RunServer, 'foreign'>,
): Promise<void> {
  const display = runProgress(terminal);
  const told = new Set<string>();
  let answers = false;
  const look = async (): Promise<void> => {
    // The worker answers the query, and it may be restarting.
    const state = await handle.query<RunState>('state').catch(() => undefined);
    answers = state !== undefined;
    if (state) display.state(state);
  };
  let lookedForWorkers = -Infinity;
  /**
   * Reports once per queue that a remote worker is missing. Workers of the own stack restart by themselves.
   */
  const lookForWorkers = async (waits: boolean): Promise<void> => {
    if (!foreign || (answers && !waits) || terminal.now() - lookedForWorkers < aheadEveryMs) return;
    lookedForWorkers = terminal.now();
    for (const queue of await unpolledQueues(handle.client).catch(() => [])) {
      const text = unpolledText(queue);
      if (told.has(text) || (queue === 'train' && !waits)) continue;
      told.add(text);
      terminal.note(text);
    }
  };
  const started = terminal.now();
  let lookedAhead = -Infinity;
  /**
   * Reports once which run this one waits for: a run of a second may wait an hour behind another training.
   */
  const lookAhead = async (): Promise<void> => {
    if (terminal.now() - lookedAhead < aheadEveryMs) return;
    lookedAhead = terminal.now();
    const ahead = await trainingAhead(handle.client, handle.workflowId).catch(() => undefined);
    if (ahead === undefined || told.has(ahead)) return;
    told.add(ahead);
    terminal.note(`Waiting for the training of ${ahead}: trainings run one at a time.`);
  };
  while (!done.aborted) {
    // Without a worker, the query would wait for one.
    await orDone(lookForWorkers(false), done);
    await orDone(look(), done);
    const { beats, children, waits } = (await orDone(
      beatsOf(handle).catch(() => undefined),
      done,
    )) ?? { beats: [], children: 0, waits: false };
    if (waits) await orDone(Promise.all([lookAhead(), lookForWorkers(true)]), done);
    if (!done.aborted) display.heartbeats(beats);
    await sleep(
      Math.max(terminal.now() - started < 60_000 ? everyMs.first : everyMs.later, everyMs.child * children),
      undefined,
      { signal: done },
    ).catch(() => undefined);
  }
  // Show stages that ended since the last poll. Do not wait for a server that is gone.
  await Promise.race([look(), sleep(lastLookMs, undefined, { ref: false })]);
}

/**
 * The value, or undefined once `done` is aborted. Calls to a server that is gone are retried for a minute.
 */
async function orDone<T>(value: Promise<T>, done: AbortSignal): Promise<T | undefined> {
  const aborted = Promise.withResolvers<undefined>();
  const onAbort = (): void => aborted.resolve(undefined);
  if (done.aborted) return undefined;
  done.addEventListener('abort', onAbort, { once: true });
  try {
    return await Promise.race([value, aborted.promise]);
  } finally {
    done.removeEventListener('abort', onAbort);
  }
}

async function beatsOf(
  handle: WorkflowHandle,
): Promise<{ readonly beats: RunBeat[]; readonly children: number; readonly waits: boolean }> {
  const description = await handle.describe();
  const children = (description.raw.pendingChildren ?? []).flatMap(({ workflowId }) => workflowId ?? []);
  // A child workflow that has ended meanwhile has no more heartbeats.
  const described = await Promise.all(
    children.map(async (id) => ({
      id,
      known: await handle.client
        .getHandle(id)
        .describe()
        .catch(() => undefined),
    })),
  );
  const ofChildren = described.flatMap(({ id, known }) =>
    known === undefined
      ? []
      : heartbeats(known).map((beat): RunBeat => ({ ...beat, child: id.slice(id.lastIndexOf('/') + 1) })),
  );
  const waits =
    waitsToTrain(description) || described.some(({ known }) => known !== undefined && waitsToTrain(known));
  return { beats: [...heartbeats(description), ...ofChildren], children: children.length, waits };
}

function heartbeats({ raw }: WorkflowExecutionDescription): TrainingStageProgress[] {
  return (raw.pendingActivities ?? []).flatMap(({ heartbeatDetails }) => {
    const [payload] = heartbeatDetails?.payloads ?? [];
    if (!payload) return [];
    const progress = trainingStageProgress.safeParse(defaultPayloadConverter.fromPayload(payload));
    return progress.success ? [progress.data] : [];
  });
}
