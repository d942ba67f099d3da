import type { QueueName } from '@overture/contracts';
import type { PartCounts, RunSummary } from '@overture/registry';
import type { LiveRun, LiveStatus } from './live-runs.ts';

/** What people see as the state of a run: the registry's, refined by what Temporal says of it now. */
export type RunStatus = Exclude<RunSummary['state'], 'running' | 'timedOut'> | 'timed out' | Exclude<LiveStatus, 'closed'> | 'interrupted' | 'lost';

export const runStatuses: readonly RunStatus[] = ['queued', 'running', 'parked', 'waiting for approval', 'interrupted', 'lost', 'completed', 'failed', 'cancelled', 'terminated', 'timed out', 'deleted', 'refused'];

/** What each state that is not obvious means. */
export const statusMeanings: Readonly<Partial<Record<RunStatus, string>>> = {
  interrupted: 'no stack is up; the run continues with the next "overture start"',
  lost: 'the Temporal server that is up does not know it',
  terminated: 'Temporal ended it at once; its stages had no time to stop',
  'timed out': 'Temporal ended it when its time was over',
  deleted: 'Temporal no longer has it; how it ended is not known',
  refused: 'its input was wrong; it never started',
};

/** A run for people: one of the registry, or one that only Temporal knows. */
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

/** @param live undefined where no Temporal server is up */
export function statusOf(run: Pick<RunSummary, 'state' | 'workflowId' | 'temporalRunId'>, live: readonly LiveRun[] | undefined): Pick<ShownRun, 'status' | 'waitsFor' | 'unpolled'> {
  if (run.state !== 'running') return { status: run.state === 'timedOut' ? 'timed out' : run.state, waitsFor: null, unpolled: null };
  if (live === undefined) return { status: 'interrupted', waitsFor: null, unpolled: null };
  const found = live.find(({ workflowId, temporalRunId, status }) => status !== 'refused' && workflowId === run.workflowId && temporalRunId === run.temporalRunId);
  if (found === undefined || found.status === 'closed' || found.status === 'refused') return { status: 'lost', waitsFor: null, unpolled: null };
  return { status: found.status, waitsFor: found.waitsFor ?? null, unpolled: found.unpolled ?? null };
}

/** `6 parts: 4 completed, 2 running`; empty where there are none. */
export function partsText(parts: PartCounts | null | undefined): string {
  const counts = Object.entries(parts ?? {});
  if (counts.length === 0) return '';
  const total = counts.reduce((sum, [, count]) => sum + count, 0);
  return `${total} ${total === 1 ? 'part' : 'parts'}: ${counts.map(([state, count]) => `${count} ${state}`).join(', ')}`;
}

const commands: Readonly<Record<string, string>> = { trainInitiativeModel: 'train', crossValidate: 'crossvalidate', sweep: 'sweep', initiativeStudy: 'study' };

/** What to do next about a run, as commands. */
export function nextSteps({ workflowId, workflow, status, input }: Pick<ShownRun, 'workflowId' | 'workflow' | 'status'> & { readonly input: unknown }): readonly string[] {
  const command = commands[workflow];
  const again = command === undefined ? [] : [`overture ${command} --input '${JSON.stringify(input).replaceAll("'", String.raw`'\''`)}'`];
  switch (status) {
    case 'parked':
      return [`overture runs retry ${workflowId}   (--set key=value changes the input of the parked stage)`, `overture runs skip ${workflowId}`, `overture runs abort ${workflowId}`];
    case 'waiting for approval':
      return ['approve', 'reject'].map((answer) => `overture runs ${answer} ${workflowId} --by NAME --reason "…"`);
    case 'queued':
    case 'running':
      return [`overture runs cancel ${workflowId}`];
    case 'interrupted':
      return [`overture start   (the run continues), then: overture runs cancel ${workflowId}   (if it should not)`];
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
