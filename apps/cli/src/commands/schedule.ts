import {
  ScheduleAlreadyRunning,
  ScheduleNotFoundError,
  type ScheduleHandle,
  type ScheduleSpec,
} from '@temporalio/client';
import { taskQueues } from '@overture/contracts';
import { AppError, didYouMean } from '@overture/core';
import { pipelines } from '@overture/workflows';
import { checkRequest } from '../check-request.ts';
import type { CliContext } from '../context.ts';
import { fitBases } from '../fit-base.ts';
import { instant } from '../output/format.ts';
import { table } from '../output/table.ts';
import { withTemporalClient } from '../temporal-client.ts';
import { checkedInput, workflowInput, type TrainInputOptions } from '../train-input.ts';

/** Options of `overture schedule create`. */
export interface CreateScheduleOptions extends TrainInputOptions {
  readonly workflow: string;
  /** A duration, such as `12h` or `1d`. */
  readonly every?: string;
  /** A cron expression of five fields, in UTC unless `timeZone` is set. */
  readonly cron?: string;
  readonly timeZone?: string;
}

const what = 'A schedule';

/**
 * `overture schedule create NAME`. With `--json`, prints one object: schedule, workflow, next. A run that
 * finds nothing new reuses every stage, so frequent checks cost about a second each.
 */
export async function createSchedule(
  context: CliContext,
  name: string,
  options: CreateScheduleOptions,
): Promise<void> {
  const { workflow } = options;
  if (!Object.hasOwn(pipelines, workflow))
    throw new AppError(
      'USAGE',
      `--workflow must be one of ${Object.keys(pipelines).join(', ')}. Got ${JSON.stringify(workflow)} instead.${didYouMean(workflow, Object.keys(pipelines))}`,
    );
  const schema = pipelines[workflow as keyof typeof pipelines].input;
  // A schedule is unattended: unless --park is set, a failed run ends, and the next one tries again.
  const input = await fitBases(
    context,
    workflow,
    checkedInput(await workflowInput(options, context.cwd), options, { workflow, schema }),
  );
  await checkRequest(context, workflow, input);
  const spec = specOf(options);
  const next = await withTemporalClient(context, what, async ({ client }) => {
    const handle = await client.schedule
      .create({
        scheduleId: name,
        spec,
        action: {
          type: 'startWorkflow',
          workflowType: workflow,
          taskQueue: taskQueues.light,
          workflowId: `schedule-${name}`,
          args: [input],
        },
        // A training may take longer than the interval between two runs.
        policies: { overlap: 'SKIP', catchupWindow: '1 hour' },
      })
      .catch((error: unknown) => {
        throw asScheduleError(error, name);
      });
    return (await handle.describe()).info.nextActionTimes[0];
  });
  show(
    context,
    { schedule: name, workflow, next: next ?? null },
    `${name} starts ${workflow}${next === undefined ? '' : `, next at ${instant(next)}`}`,
  );
}

/** `overture schedule ls`. With `--json`, prints a list: schedule, workflow, paused, note, next, recent. */
export async function listSchedules(context: CliContext): Promise<void> {
  const { terminal } = context;
  const found = await withTemporalClient(context, what, async ({ client }) => {
    const rows = [];
    for await (const { scheduleId, action, state, info } of client.schedule.list()) {
      const last = info.recentActions.at(-1);
      rows.push({
        schedule: scheduleId,
        workflow: action?.workflowType ?? null,
        paused: state.paused,
        note: state.note || null,
        next: info.nextActionTimes[0] ?? null,
        recent: last === undefined ? null : { at: last.takenAt, workflowId: last.action.workflow.workflowId },
      });
    }
    return rows;
  });
  if (terminal.json) return terminal.printJson(found);
  if (found.length === 0) return terminal.print('No schedules yet. "overture schedule create" makes one.');
  terminal.print(
    table(
      ['schedule', 'workflow', 'state', 'next', 'last run'],
      found.map(({ schedule, workflow, paused, note, next, recent }) => [
        schedule,
        workflow ?? '',
        paused ? `paused${note === null ? '' : `: ${note}`}` : 'active',
        next === null || paused ? '' : instant(next),
        recent?.workflowId ?? '',
      ]),
    ),
  );
}

/** `overture schedule pause NAME`. */
export async function pauseSchedule(
  context: CliContext,
  name: string,
  { reason }: { readonly reason?: string },
): Promise<void> {
  await onSchedule(context, name, (handle) => handle.pause(reason ?? 'paused by "overture schedule pause"'));
  show(context, { schedule: name, paused: true }, `${name} is paused.`);
}

/** `overture schedule resume NAME`. */
export async function resumeSchedule(context: CliContext, name: string): Promise<void> {
  await onSchedule(context, name, (handle) => handle.unpause('resumed by "overture schedule resume"'));
  show(context, { schedule: name, paused: false }, `${name} is active again.`);
}

/** `overture schedule trigger NAME`. */
export async function triggerSchedule(context: CliContext, name: string): Promise<void> {
  await onSchedule(context, name, (handle) => handle.trigger());
  show(
    context,
    { schedule: name, triggered: true },
    `${name} starts its workflow now; "overture runs ls" shows it.`,
  );
}

/** `overture schedule delete NAME`. */
export async function deleteSchedule(context: CliContext, name: string): Promise<void> {
  await onSchedule(context, name, (handle) => handle.delete());
  show(context, { schedule: name, deleted: true }, `${name} is deleted; what it ran is kept.`);
}

async function onSchedule(
  context: CliContext,
  name: string,
  act: (handle: ScheduleHandle) => Promise<unknown>,
): Promise<void> {
  await withTemporalClient(context, what, ({ client }) => act(client.schedule.getHandle(name))).catch(
    (error: unknown) => {
      throw asScheduleError(error, name);
    },
  );
}

function show({ terminal }: CliContext, json: object, text: string): void {
  if (terminal.json) terminal.printJson(json);
  else terminal.print(text);
}

function specOf({ every, cron, timeZone }: CreateScheduleOptions): ScheduleSpec {
  if ((every === undefined) === (cron === undefined))
    throw new AppError(
      'USAGE',
      'A schedule needs either --every, such as 1d, or --cron, such as "0 3 * * *".',
    );
  if (cron !== undefined) {
    if (cron.trim().split(/\s+/).length !== 5)
      throw new AppError(
        'USAGE',
        `--cron must be five fields (minute, hour, day, month, weekday), such as "0 3 * * *". Got ${JSON.stringify(cron)} instead.`,
      );
    return { cronExpressions: [cron], ...(timeZone !== undefined && { timezone: timeZone }) };
  }
  const [, count, unit] = /^([1-9]\d*)(m|h|d)$/.exec(every ?? '') ?? [];
  if (count === undefined)
    throw new AppError(
      'USAGE',
      `--every must be a number of minutes, hours or days, such as 30m, 12h or 1d. Got ${JSON.stringify(every)} instead.`,
    );
  const milliseconds = { m: 60_000, h: 3_600_000, d: 86_400_000 }[unit as 'm' | 'h' | 'd'];
  return { intervals: [{ every: Number(count) * milliseconds }] };
}

function asScheduleError(error: unknown, name: string): unknown {
  if (error instanceof ScheduleNotFoundError)
    return new AppError(
      'RUN_UNKNOWN',
      `There must be a schedule ${JSON.stringify(name)}; there is none. "overture schedule ls" lists them.`,
      { cause: error },
    );
  if (error instanceof ScheduleAlreadyRunning)
    return new AppError(
      'SCHEDULE_EXISTS',
      `There must be no schedule ${JSON.stringify(name)} yet; there is one. Delete it first ("overture schedule delete ${name}"), or take another name.`,
      { cause: error },
    );
  return error;
}
