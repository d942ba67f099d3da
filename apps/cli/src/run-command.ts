import { taskQueues } from '@overture/contracts';
import { AppError } from '@overture/core';
import { openStack } from '@overture/stack';
import { checkRequest } from './check-request.ts';
import type { CliContext } from './context.ts';
import { runWorkflow, startWorkflow, type RunRequest } from './run-workflow.ts';
import { stackOptions } from './stack-options.ts';

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
 * Starts a workflow on the stack that is up, or on one of the command's own, and shows how it comes along and what came of it; with
 * `--detach`, only starts it.
 * @param request `name` begins the workflow's id where none was given.
 */
export async function runCommand<Result>(
  context: CliContext, { name, workflow, input }: Omit<RunRequest, 'workflowId'> & { readonly name: string }, options: RunCommandOptions, { json, text }: ResultForms<Result>,
): Promise<void> {
  const { terminal } = context;
  const workflowId = options.workflowId ?? `${name}-${context.randomId().slice(0, 8)}`;
  await checkRequest(context, workflow, input);
  await using stack = await openStack(stackOptions(context));
  const page = stack.uiUrl && `${stack.uiUrl}/namespaces/${stack.namespace}/workflows/${workflowId}`;
  if (options.detach) {
    if (stack.owned)
      throw new AppError('USAGE', '--detach needs a stack that stays up: run "overture start" first, or leave --detach out.');
    const { runId, close } = await startWorkflow(stack, { workflow, workflowId, input });
    await close();
    if (terminal.json) terminal.printJson({ runId, workflowId, taskQueue: taskQueues.light });
    else terminal.print(`Started ${workflowId}${page ? `: ${page}` : ''}`);
    return;
  }
  terminal.note(`Run ${workflowId}${page ? `, shown at ${page}` : ''}`);
  const result = await runWorkflow<Result>(context, stack, { workflow, workflowId, input });
  for (const problem of problemsOf(result)) terminal.note(problem);
  if (terminal.json) terminal.printJson(await json(result));
  else terminal.print(await text(result));
}

/** What the run found odd about its corpus, where its result says it. */
function problemsOf(result: unknown): readonly string[] {
  return (result as { readonly corpus?: { readonly problems?: readonly string[] } } | undefined)?.corpus?.problems ?? [];
}
