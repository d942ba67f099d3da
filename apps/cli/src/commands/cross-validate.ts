import { CrossValidateInput, type CrossValidateResult } from '@overture/contracts';
import { renderTable } from '@overture/report';
import type { CliContext } from '../context.ts';
import { fitBases } from '../fit-base.ts';
import { runCommand, type RunCommandOptions } from '../run-command.ts';
import { saveReport } from '../save-report.ts';
import { checkedInput, workflowInput, type TrainInputOptions } from '../train-input.ts';

/** Options of `overture crossvalidate`. */
export interface CrossValidateOptions extends Omit<TrainInputOptions, 'name'>, RunCommandOptions {
  readonly folds?: number;
  readonly seeds?: readonly number[];
}

/**
 * `overture crossvalidate`. With `--json`, prints one object: runId, workflowId, report, folds, artifacts,
 * reportPath.
 */
export async function crossValidate(context: CliContext, options: CrossValidateOptions): Promise<void> {
  const { folds, seeds } = options;
  const given = await workflowInput(options, context.cwd);
  const input = checkedInput(
    { ...given, ...(folds !== undefined && { folds }), ...(seeds !== undefined && { seeds }) },
    options,
    { workflow: 'crossValidate', schema: CrossValidateInput },
  );
  const fitted = await fitBases(context, 'crossValidate', input);
  await runCommand<CrossValidateResult>(
    context,
    { workflow: 'crossValidate', input: fitted, name: 'crossvalidate' },
    options,
    {
      json: async (result) => {
        const { runId, workflowId, report, folds: counts, artifacts } = result;
        return {
          runId,
          workflowId,
          report,
          folds: counts,
          artifacts,
          reportPath: (await saveReport(context, result)).page,
        };
      },
      async text(result) {
        const saved = await saveReport(context, result);
        return `\n${renderTable(saved.report)}\n\nrun          ${result.runId}\npredictions  ${result.artifacts.predictions.digest}\nreport       ${saved.page}`;
      },
    },
  );
}
