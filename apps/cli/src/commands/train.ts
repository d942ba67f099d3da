import type { TrainResult } from '@overture/contracts';
import { renderTable } from '@overture/report';
import type { CliContext } from '../context.ts';
import { fitBases } from '../fit-base.ts';
import { saveReport } from '../save-report.ts';
import { runCommand, type RunCommandOptions } from '../run-command.ts';
import { trainInput, type TrainInputOptions } from '../train-input.ts';

/** Options of `overture train`. */
export type TrainOptions = TrainInputOptions & RunCommandOptions;

/** `overture train`. With `--json`, prints one object: runId, workflowId, model, report, reportPath. */
export async function train(context: CliContext, options: TrainOptions): Promise<void> {
  const input = await fitBases(context, 'trainInitiativeModel', await trainInput(options, context.cwd));
  const request = {
    workflow: 'trainInitiativeModel',
    input,
    name: `train-${String(input['name'] ?? 'initiative')}`,
  };
  await runCommand<TrainResult>(context, request, options, {
    json: async (result) => {
      const { runId, workflowId, model, report } = result;
      return { runId, workflowId, model, report, reportPath: (await saveReport(context, result)).page };
    },
    async text(result) {
      const { runId, model } = result;
      const saved = await saveReport(context, result);
      return `\n${renderTable(saved.report)}\n\nrun     ${runId}\nmodel   ${model.name}@${model.version}  ${model.digest}\nreport  ${saved.page}`;
    },
  });
}
