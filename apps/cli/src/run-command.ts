import { taskQueues } from '@overture/contracts';
import { AppError } from '@overture/core';
import { checkRequest } from './check-request.ts';
import type { CliContext } from './context.ts';
import { openRunServer } from './open-run-server.ts';
import { runWorkflow, startWorkflow, type RunRequest } from './run-workflow.ts';
import { unpolledQueues, unpolledText } from './unpolled-queues.ts';

/** What every command that runs a workflow lets a person say about the run. */
export interface RunCommandOptions {
  readonly workflowId?: string;
  readonly detach?: boolean;
}

/** What a command shows of a run that has ended. */
export interface ResultForms<Result> {
  json(result: Result): unknown | Promise<unknown>;
  text(result: Result): Promise<string>;
}

/**
 * Starts a workflow on the Temporal server that the environment names, on the stack that is up, or on one of the command's own; shows its progress
 * and its result. With `--detach`, only starts it.
 * @param request `name` begins the workflow's id where none was given.
 */
export async function runCommand<Result>(
  context: CliContext, { name, workflow, input }: Omit<RunRequest, 'workflowId'> & { readonly name: string }, options: RunCommandOptions, { json, text }: ResultForms<Result>,
): Promise<void> {
  const { terminal } = context;
  const workflowId = options.workflowId ?? `${name}-${context.randomId().slice(0, 8)}`;
  await checkRequest(context, workflow, input);
  await using stack = await openRunServer(context);
  const page = stack.uiUrl && `${stack.uiUrl}/namespaces/${stack.namespace}/workflows/${workflowId}`;
  if (options.detach) {
    if (stack.owned)
      throw new AppError('USAGE', '--detach needs a stack that stays up: run "overture start" first, or leave --detach out.');
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
    // The run is done. Its report is in an artifact store that only the workers reach.
    if (!stack.foreign || !(error instanceof AppError)) throw error;
    terminal.note(`The report of ${workflowId} could not be read: ${error.message} Set OVERTURE_ARTIFACTS to the store of the workers, then: overture runs show ${workflowId}`);
    if (terminal.json) terminal.printJson(result);
    else terminal.print(`${workflowId} is completed.`);
  }
}

/** What the run found odd about its corpus, where its result says it. */
function problemsOf(result: unknown): readonly string[] {
  return (result as { readonly corpus?: { readonly problems?: readonly string[] } } | undefined)?.corpus?.problems ?? [];
}
