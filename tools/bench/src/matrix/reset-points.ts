import type { WorkflowHandle } from '@temporalio/client';

type Event = NonNullable<Awaited<ReturnType<WorkflowHandle['fetchHistory']>>['events']>[number];

/** The first event after which a workflow task is a point of its kind. */
type Matcher = (event: Event, nodeOf: (scheduledEventId: unknown) => string | undefined) => boolean;

const ended =
  (node: string): Matcher =>
  ({ activityTaskCompletedEventAttributes: completed }, nodeOf) =>
    completed != null && nodeOf(completed.scheduledEventId) === node;

const matchers = {
  'the look-up and its timer': ({ timerFiredEventAttributes: fired }) => fired != null,
  'a stage': ended('prepare'),
  'an item of the map': ({ activityTaskCompletedEventAttributes: completed }, nodeOf) =>
    completed != null && nodeOf(completed.scheduledEventId)?.startsWith('each[') === true,
  'the start of the child': ({ childWorkflowExecutionStartedEventAttributes: started }) => started != null,
  'the end of the child': ({ childWorkflowExecutionCompletedEventAttributes: completed }) =>
    completed != null,
  'a signal in the middle of an activity': ({ workflowExecutionSignaledEventAttributes: signaled }) =>
    signaled != null,
  'a park': ({ activityTaskFailedEventAttributes: failed }, nodeOf) =>
    failed != null && ['work', 'inner'].includes(nodeOf(failed.scheduledEventId) ?? ''),
  'an Update': ({ workflowExecutionUpdateAcceptedEventAttributes: accepted }) => accepted != null,
} satisfies Readonly<Record<string, Matcher>>;

/** A kind of point of a history: its first or last workflow task, or the first one after something. */
export type ResetPoint =
  'the first workflow task' | 'beginRun' | keyof typeof matchers | 'the last workflow task';

/** The points of a run that went through everything, in the order of its history. */
export const allPoints = [
  'the first workflow task',
  ...(Object.keys(matchers) as (keyof typeof matchers)[]),
  'the last workflow task',
] as const;

/** Finds the workflow task of a point; undefined if the history has none yet. */
export async function resetEventOf(handle: WorkflowHandle, point: ResetPoint): Promise<number | undefined> {
  const events = (await handle.fetchHistory()).events ?? [];
  const nodes = new Map(
    events.flatMap(({ eventId, activityTaskScheduledEventAttributes: scheduled }) =>
      scheduled ? [[String(eventId), nodeIn(scheduled.input?.payloads?.[0]?.data)]] : [],
    ),
  );
  const nodeOf = (id: unknown): string | undefined => nodes.get(String(id));
  const isTask = ({ workflowTaskCompletedEventAttributes: completed }: Event): boolean => completed != null;
  const after =
    point === 'the first workflow task'
      ? 0
      : point === 'the last workflow task'
        ? events.findLastIndex(isTask)
        : point === 'beginRun'
          ? events.findIndex(({ markerRecordedEventAttributes: marker }) => marker != null) + 1
          : events.findIndex((event) => matchers[point](event, nodeOf)) + 1;
  const found =
    point === 'the first workflow task' || after > 0 ? events.slice(after).find(isTask) : undefined;
  return found && Number(found.eventId);
}

function nodeIn(data: Uint8Array | null | undefined): string | undefined {
  return data ? (JSON.parse(Buffer.from(data).toString()) as { node?: string }).node : undefined;
}
