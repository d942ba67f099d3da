import { taskQueues } from '@overture/contracts';
import { AppError } from '@overture/core';
import { renderTable } from '@overture/report';
import { openStack } from '@overture/stack';
import type { CliContext } from '../context.ts';
import { saveReport } from '../save-report.ts';
import { runTraining, startTraining } from '../run-workflow.ts';
import { stackOptions } from '../stack-options.ts';
import { trainInput, type TrainInputOptions } from '../train-input.ts';

export interface TrainOptions extends TrainInputOptions {
  readonly workflowId?: string;
  readonly detach?: boolean;
}

/** `overture train`: with `--json`, one object: runId, workflowId, model, report. */
export async function train(context: CliContext, options: TrainOptions): Promise<void> {
  const { terminal } = context;
  const input = await trainInput(options, context.cwd);
  const workflowId = options.workflowId ?? `train-${String(input['name'] ?? 'initiative')}-${context.randomId().slice(0, 8)}`;
  await using stack = await openStack(stackOptions(context));
  if (options.detach) {
    if (stack.owned)
      throw new AppError('USAGE', '--detach needs a stack that stays up: run "overture start" first, or leave --detach out.');
    const { runId, close } = await startTraining(stack, { workflowId, input });
    await close();
    if (terminal.json) terminal.printJson({ runId, workflowId, taskQueue: taskQueues.light });
    else
      terminal.print(`Started ${workflowId}${stack.uiUrl ? `: ${stack.uiUrl}/namespaces/${stack.namespace}/workflows/${workflowId}` : ''}`);
    return;
  }
  terminal.note(`Run ${workflowId}${stack.uiUrl ? `, shown at ${stack.uiUrl}/namespaces/${stack.namespace}/workflows/${workflowId}` : ''}`);
  const result = await runTraining(context, stack, { workflowId, input });
  const { runId, model, report } = result;
  if (terminal.json) {
    terminal.printJson({ runId, workflowId: result.workflowId, model, report });
    return;
  }
  const saved = await saveReport(context, result);
  terminal.print(
    `\n${renderTable(saved.report)}\n\nrun     ${runId}\nmodel   ${model.name}@${model.version}  ${model.digest}\nreport  ${saved.page}`,
  );
}
