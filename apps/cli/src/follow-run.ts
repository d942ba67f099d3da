import { setTimeout as sleep } from 'node:timers/promises';
import { defaultPayloadConverter, type WorkflowExecutionDescription, type WorkflowHandle } from '@temporalio/client';
import { stageProgress, type RunState, type StageProgress } from '@overture/contracts';
import type { CliContext } from './context.ts';
import { runProgress, type RunBeat } from './output/run-progress.ts';

/** How often a run is looked at: in its first minute, in which stages of seconds come and go, and after it; more seldom when many workflows belong to it. */
const everyMs = { first: 500, later: 2_000, child: 100 };

/** How long the last look at a run may take. */
const lastLookMs = 200;

/** Shows a run's state until `done`: finished stages as lines, the running ones by their heartbeats, those of workflows that it started too. */
export async function followRun(handle: WorkflowHandle, { terminal }: Pick<CliContext, 'terminal'>, done: AbortSignal): Promise<void> {
  const display = runProgress(terminal);
  const look = async (): Promise<void> => {
    // The worker answers the query, and it may be starting again just now.
    const state = await handle.query<RunState>('state').catch(() => undefined);
    if (state) display.state(state);
  };
  const started = terminal.now();
  while (!done.aborted) {
    await orDone(look(), done);
    const { beats, children } = (await orDone(beatsOf(handle).catch(() => undefined), done)) ?? { beats: [], children: 0 };
    if (!done.aborted) display.heartbeats(beats);
    await sleep(Math.max(terminal.now() - started < 60_000 ? everyMs.first : everyMs.later, everyMs.child * children), undefined, { signal: done }).catch(() => undefined);
  }
  // What ended since the last look. A server that is gone is not waited for.
  await Promise.race([look(), sleep(lastLookMs, undefined, { ref: false })]);
}

/** The value, or undefined once `done` is aborted: calls to a server that is gone are retried for a minute. */
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

async function beatsOf(handle: WorkflowHandle): Promise<{ readonly beats: RunBeat[]; readonly children: number }> {
  const description = await handle.describe();
  const children = (description.raw.pendingChildren ?? []).flatMap(({ workflowId }) => workflowId ?? []);
  // One that ends meanwhile says nothing more.
  const ofChildren = await Promise.all(children.map(async (id) => {
    const known = await handle.client.getHandle(id).describe().catch(() => undefined);
    return known === undefined ? [] : heartbeats(known).map((beat): RunBeat => ({ ...beat, child: id.slice(id.lastIndexOf('/') + 1) }));
  }));
  return { beats: [...heartbeats(description), ...ofChildren.flat()], children: children.length };
}

function heartbeats({ raw }: WorkflowExecutionDescription): StageProgress[] {
  return (raw.pendingActivities ?? []).flatMap(({ heartbeatDetails }) => {
    const [payload] = heartbeatDetails?.payloads ?? [];
    if (!payload) return [];
    const progress = stageProgress.safeParse(defaultPayloadConverter.fromPayload(payload));
    return progress.success ? [progress.data] : [];
  });
}
