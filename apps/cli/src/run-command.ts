import { taskQueues } from '@overture/contracts';
import { AppError } from '@overture/core';
import { checkRequest } from './check-request.ts';
import type { CliContext } from './context.ts';
import { openRunServer } from './open-run-server.ts';
import { runWorkflow, startWorkflow, type RunRequest } from './run-workflow.ts';
import { unpolledQueues, unpolledText } from './unpolled-queues.ts';

/** Options shared by all commands that run a workflow. */
export interface RunCommandOptions {
  readonly workflowId?: string;
  readonly detach?: boolean;
}

/** How a command shows the result of a run. */
export interface ResultForms<Result> {
  json(result: Result): unknown | Promise<unknown>;
  text(result: Result): Promise<string>;
}

/**
 * Starts a workflow and shows its progress and result. Uses the Temporal server named by the environment, the
 * running stack, or a stack of the command's own. With `--detach`, only starts the workflow.
 * @param request `name` is the prefix of the workflow id unless an id is set
 */
export async function runCommand<Result>(
  context: CliContext,
  { name, workflow, input }: Omit<RunRequest, 'workflowId'> & { readonly name: string },
  options: RunCommandOptions,
  { json, text }: ResultForms<Result>,
): Promise<void> {
  const { terminal } = context;
  const workflowId = options.workflowId ?? `${name}-${context.randomId().slice(0, 8)}`;
  await checkRequest(context, workflow, input);
  await using stack = await openRunServer(context);
  const page = stack.uiUrl && `${stack.uiUrl}/namespaces/${stack.namespace}/workflows/${workflowId}`;
  if (options.detach) {
    if (stack.owned)
      throw new AppError(
        'USAGE',
        '--detach needs a stack that stays up: run "overture start" first, or leave --detach out.',
      );
    const { runId, handle, close } = await startWorkflow(stack, { workflow, workflowId, input });
    const [unpolled] = stack.foreign ? await unpolledQueues(handle.client).catch(() => []) : [];
    await close();
    if (unpolled !== undefined) terminal.note(unpolledText(unpolled));
    if (terminal.json) terminal.printJson({ runId, workflowId, taskQueue: taskQueues.light });
    else terminal.print(`Started ${workflowId}${page ? `: ${page}` : ''}`);
    return;
  }
  terminal.note(`Run ${workflowId}${page ? `, shown at ${page}` : ''}`);
  const result = await runWorkflow<Result>(context, stack, { workflow, workflowId, input });
  for (const problem of problemsOf(result)) terminal.note(problem);
  try {
    if (terminal.json) terminal.printJson(await json(result));
    else terminal.print(await text(result));
  } catch (error) {
    // The run is done. Its report is in an artifact store that only the workers can reach.
    if (!stack.foreign || !(error instanceof AppError)) throw error;
    terminal.note(
      `The report of ${workflowId} could not be read: ${error.message} Set OVERTURE_ARTIFACTS to the store of the workers, then: overture runs show ${workflowId}`,
    );
    if (terminal.json) terminal.printJson(result);
    else terminal.print(`${workflowId} is completed.`);
  }
}

/** Corpus problems that the run found, if its result lists them. */
function problemsOf(result: unknown): readonly string[] {
  return (
    (result as { readonly corpus?: { readonly problems?: readonly string[] } } | undefined)?.corpus
      ?.problems ?? []
  );
}
