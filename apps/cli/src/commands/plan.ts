import { AppError, didYouMean, type RunId } from '@overture/core';
import { planReuse, type NodeOutlook } from '@overture/execution';
import { environmentFacts, stageSettings, stageTable } from '@overture/stages';
import { pipelines } from '@overture/workflows';
import type { CliContext } from '../context.ts';
import { fitBases } from '../fit-base.ts';
import { instant } from '../output/format.ts';
import { estimateText, studyEstimate } from '../study-estimates.ts';
import { workflowInput, type TrainInputOptions } from '../train-input.ts';
import { withRegistry } from '../with-registry.ts';

/**
 * `overture plan WORKFLOW`. With `--json`, prints one object: workflow, stages and, for a study, the
 * estimated cost of its arms.
 */
export async function plan(context: CliContext, workflow: string, options: TrainInputOptions): Promise<void> {
  const { env, terminal, interrupt: signal } = context;
  if (!Object.hasOwn(pipelines, workflow)) {
    throw new AppError(
      'USAGE',
      `The workflow must be one of ${Object.keys(pipelines).join(', ')}. Got ${JSON.stringify(workflow)} instead.${didYouMean(workflow, Object.keys(pipelines))}`,
    );
  }
  const given = await workflowInput(options, context.cwd);
  // Throws the workflow's own error for an invalid input.
  pipelines[workflow as keyof typeof pipelines].plan(given);
  const input = await fitBases(context, workflow, given);
  const planned = pipelines[workflow as keyof typeof pipelines].plan(input);
  const settings = { ...(await stageSettings(env, context)), threads: 1, checkpointEverySteps: 1 };
  const outlooks = await withRegistry(context, (stores) =>
    planReuse(planned, stageTable, {
      services: { ...stores, settings, environment: environmentFacts(settings) },
      signal,
    }),
  );
  const estimate = workflow === 'initiativeStudy' ? await studyEstimate(context, input) : undefined;
  if (terminal.json) terminal.printJson({ workflow, stages: outlooks, ...(estimate && { estimate }) });
  else
    terminal.print(
      [planText(workflow, outlooks), ...(estimate ? [estimateText(estimate)] : [])].join('\n\n'),
    );
}

/** One block per stage: the verdict, followed by the earlier result that it is compared with. */
export function planText(workflow: string, outlooks: readonly NodeOutlook[]): string {
  const width = Math.max(...outlooks.map(({ id }) => id.length));
  const blocks = outlooks.map((outlook) => {
    const [first = '', ...rest] = linesOf(outlook);
    const verdict = outlook.verdict === 'UNKNOWN' ? 'UNKNOWN UNTIL' : outlook.verdict;
    return [
      `  ${outlook.id.padEnd(width)}  ${verdict} ${first}`.trimEnd(),
      ...rest.map((line) => `  ${' '.repeat(width)}    ${line}`),
    ].join('\n');
  });
  return [`${workflow} would do this now:`, '', ...blocks, '', tally(outlooks)].join('\n');
}

function linesOf(outlook: NodeOutlook): string[] {
  switch (outlook.verdict) {
    case 'REUSE':
      return [`what ${workflowId(outlook.from.run)} gave on ${instant(outlook.from.recordedAt)}`];
    case 'UNKNOWN':
      return [`${outlook.until.join(' and ')} ${outlook.until.length === 1 ? 'has' : 'have'} run`];
    case 'RUN': {
      const { reasons, changes, against } = outlook;
      if (against === undefined || changes.length === 0) return [`since ${reasons.join('; ')}`];
      return [
        `since its key differs from that of ${workflowId(against.run)}, ${instant(against.recordedAt)}:`,
        ...reasons,
      ];
    }
  }
}

/** The workflow id. A run id combines the workflow id with Temporal's run id; users see only the former. */
function workflowId(run: RunId | string): string {
  return run.split('/')[0] ?? run;
}

function tally(outlooks: readonly NodeOutlook[]): string {
  const count = (verdict: NodeOutlook['verdict']): number =>
    outlooks.filter((each) => each.verdict === verdict).length;
  if (count('REUSE') === outlooks.length) return 'Nothing has to run.';
  const unknown = count('UNKNOWN');
  return `${count('RUN')} to run, ${count('REUSE')} reused${unknown === 0 ? '' : `, ${unknown} not known yet: whose inputs come out as before will be reused`}.`;
}
