import type { QueueName } from '@overture/contracts';
import type { PartCounts, RunSummary } from '@overture/registry';
import type { LiveRun, LiveStatus } from './live-runs.ts';

/** The displayed state of a run: the registry's state, refined by its current state in Temporal. */
export type RunStatus =
  | Exclude<RunSummary['state'], 'running' | 'timedOut'>
  | 'timed out'
  | Exclude<LiveStatus, 'closed'>
  | 'interrupted'
  | 'lost';

/** All displayed states. */
export const runStatuses: readonly RunStatus[] = [
  'queued',
  'running',
  'parked',
  'waiting for approval',
  'interrupted',
  'lost',
  'completed',
  'failed',
  'cancelled',
  'terminated',
  'timed out',
  'deleted',
  'refused',
];

/** Explanations of the states that are not obvious. */
export const statusMeanings: Readonly<Partial<Record<RunStatus, string>>> = {
  interrupted: 'no stack is up; the run continues with the next "overture start"',
  lost: 'the Temporal server that is up does not know it',
  terminated: 'Temporal ended it at once; its stages had no time to stop',
  'timed out': 'Temporal ended it when its time was over',
  deleted: 'Temporal no longer has it; how it ended is not known',
  refused: 'its input was wrong; it never started',
};

/** A run to display, from the registry or from Temporal alone. */
export interface ShownRun {
  readonly workflowId: string;
  readonly workflow: string;
  readonly status: RunStatus;
  readonly startedAt: Date;
  readonly finishedAt: Date | null;
  readonly waitsFor: string | null;
  /** The queue that it waits for and that no worker polls. */
  readonly unpolled: QueueName | null;
  readonly parts: PartCounts | null;
}

/**
 * The displayed status of a run.
 * @param live undefined if no Temporal server is running
 */
export function statusOf(
  run: Pick<RunSummary, 'state' | 'workflowId' | 'temporalRunId'>,
  live: readonly LiveRun[] | undefined,
): Pick<ShownRun, 'status' | 'waitsFor' | 'unpolled'> {
  if (run.state !== 'running')
    return { status: run.state === 'timedOut' ? 'timed out' : run.state, waitsFor: null, unpolled: null };
  if (live === undefined) return { status: 'interrupted', waitsFor: null, unpolled: null };
  const found = live.find(
    ({ workflowId, temporalRunId, status }) =>
      status !== 'refused' && workflowId === run.workflowId && temporalRunId === run.temporalRunId,
  );
  if (found === undefined || found.status === 'closed' || found.status === 'refused')
    return { status: 'lost', waitsFor: null, unpolled: null };
  return { status: found.status, waitsFor: found.waitsFor ?? null, unpolled: found.unpolled ?? null };
}

/** Part counts, such as `6 parts: 4 completed, 2 running`; empty if there are none. */
export function partsText(parts: PartCounts | null | undefined): string {
  const counts = Object.entries(parts ?? {});
  if (counts.length === 0) return '';
  const total = counts.reduce((sum, [, count]) => sum + count, 0);
  return `${total} ${total === 1 ? 'part' : 'parts'}: ${counts.map(([state, count]) => `${count} ${state}`).join(', ')}`;
}

const commands: Readonly<Record<string, string>> = {
  trainInitiativeModel: 'train',
  crossValidate: 'crossvalidate',
  sweep: 'sweep',
  initiativeStudy: 'study',
};

/** The next steps for a run, as commands. */
export function nextSteps({
  workflowId,
  workflow,
  status,
  input,
}: Pick<ShownRun, 'workflowId' | 'workflow' | 'status'> & { readonly input: unknown }): readonly string[] {
  const command = commands[workflow];
  const again =
    command === undefined
      ? []
      : [`overture ${command} --input '${JSON.stringify(input).replaceAll("'", String.raw`'\''`)}'`];
  switch (status) {
    case 'parked':
      return [
        `overture runs retry ${workflowId}   (--set key=value changes the input of the parked stage)`,
        `overture runs skip ${workflowId}`,
        `overture runs abort ${workflowId}`,
      ];
    case 'waiting for approval':
      return ['approve', 'reject'].map(
        (answer) => `overture runs ${answer} ${workflowId} --by NAME --reason "…"`,
      );
    case 'queued':
    case 'running':
      return [`overture runs cancel ${workflowId}`];
    case 'interrupted':
      return [
        `overture start   (the run continues), then: overture runs cancel ${workflowId}   (if it should not)`,
      ];
    case 'failed':
    case 'cancelled':
    case 'terminated':
    case 'timed out':
    case 'deleted':
      return again.map((line) => `${line}   (finished stages are reused)`);
    case 'refused':
      return again.map((line) => `${line}   (with the input corrected)`);
    case 'lost':
    case 'completed':
      return [];
  }
}
