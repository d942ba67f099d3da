import { pipeline, Schedule, type Task } from '@overture/dag';
import { executeStage, type StageServices } from '@overture/execution';
import type { RunId } from '@overture/core';
import { z } from 'zod';
import { readTexts, stages, weighTerms, writeReport, type Settings } from './stages.ts';

/** A folder of texts → what sets each apart. */
export const topicReport = pipeline('topicReport', z.strictObject({ folder: z.string().default('.'), terms: z.int().default(3), shortest: z.int().default(4) }), ({ folder, terms, shortest }, run) => {
  const { texts, count } = run(readTexts, { folder });
  const { weights } = run(weighTerms, { texts, shortest });
  const { report, words } = run(writeReport, { texts, weights, terms });
  return { report, count, words };
});

/** Runs the pipeline in this process; what is unchanged since the last run is reused. Gives the result and the stages that ran. */
export async function runTopicReport(input: unknown, { services, run }: { services: StageServices<Settings>; run: RunId }): Promise<{ result: unknown; ran: string[] }> {
  const { plan, contracts } = topicReport.prepare(input);
  const schedule = new Schedule(plan, { contracts, onStageFailure: 'fail' });
  const ran: string[] = [];
  const execute = async ({ id, node, input: given }: Task): Promise<void> => {
    const stage = stages.find(({ contract }) => contract.name === node.stage);
    if (stage === undefined) throw new Error(`${node.stage} must be in stages.ts.`);
    const attempt = { run, activityId: id, number: 1, signal: new AbortController().signal, heartbeat: () => undefined };
    const { output, reused } = await executeStage(stage, { run, node: id, input: given }, { services, attempt });
    if (!reused) ran.push(id);
    await Promise.all(schedule.done(id, output).map(execute));
  };
  await Promise.all(schedule.start().map(execute));
  return { result: schedule.result(), ran };
}
