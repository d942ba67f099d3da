import { pipeline, runInProcess, type StageCode } from '@overture/dag';
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
  const ran: string[] = [];
  const codes = stages.map((stage): [string, StageCode] => [
    stage.contract.name,
    async (given, { id, attempt, signal }) => {
      const { output, reused } = await executeStage(stage, { run, node: id, input: given }, { services, attempt: { run, activityId: id, number: attempt, signal, heartbeat: () => undefined } });
      if (!reused) ran.push(id);
      return output;
    },
  ]);
  const result = await runInProcess(topicReport.prepare(input), { stages: Object.fromEntries(codes) });
  return { result, ran };
}
