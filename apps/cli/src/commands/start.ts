import { taskQueues } from '@overture/contracts';
import { openStack, type Stack } from '@overture/stack';
import type { CliContext } from '../context.ts';
import { stackOptions } from '../stack-options.ts';

/**
 * `overture start`: keeps a stack running until Ctrl-C. If another `overture start` already does so, prints
 * where it is. If the stack belongs to a command that will end, waits for that end and then starts its own
 * stack.
 */
export async function start(context: CliContext): Promise<void> {
  while (await startOnce(context)) context.terminal.note('The other command has ended. Starting a stack.');
}

/** @returns whether the other command's stack has ended, so that a new one can be started */
async function startOnce(context: CliContext): Promise<boolean> {
  const { terminal, interrupt } = context;
  const began = terminal.now();
  await using stack = await openStack({ ...stackOptions(context), kept: true });
  const { owned, owner, kept } = stack;
  const stopped = new Promise<undefined>((resolve) =>
    interrupt.addEventListener('abort', () => resolve(undefined), { once: true }),
  );
  if (!owned && !kept) {
    terminal.note(
      `Process ${owner} has a stack of this project, which ends with it. Waiting to start one that stays. Ctrl-C stops waiting.`,
    );
    // Neither signal handlers nor the check of the owner keep this process alive.
    const alive = setInterval(() => undefined, 60_000);
    const ended = interrupt.aborted ? undefined : await Promise.race([stopped, stack.lost]);
    clearInterval(alive);
    return ended !== undefined;
  }
  announce(context, stack, terminal.now() - began);
  if (!owned) return false;
  terminal.print('\nCtrl-C stops it; its state stays.');
  const ended = interrupt.aborted ? undefined : await Promise.race([stopped, stack.lost]);
  if (ended) throw ended;
  terminal.note('Stopping the worker, Temporal and Postgres. Press Ctrl-C again to quit at once.');
  return false;
}

function announce(
  { terminal, randomId }: CliContext,
  { temporalAddress, namespace, uiUrl, owned, logsDir }: Stack,
  startedInMs: number,
): void {
  const form =
    uiUrl &&
    `${uiUrl}/namespaces/${namespace}/workflows/start-workflow?workflowType=trainInitiativeModel&taskQueue=${taskQueues.light}&workflowId=train-${randomId().slice(0, 8)}`;
  if (terminal.json)
    terminal.printJson({
      temporalAddress,
      namespace,
      uiUrl: uiUrl ?? null,
      startWorkflowUrl: form ?? null,
      logsDir,
      owned,
    });
  terminal.print(
    [
      owned
        ? `The stack is up (${(startedInMs / 1_000).toFixed(1)} s).`
        : 'A stack of this project is up already.',
      '',
      ...(uiUrl
        ? [
            `  Temporal UI      ${uiUrl}/namespaces/${namespace}/workflows`,
            `  start a run      ${form}`,
            '                   (leave the input empty, or paste any part of {"base": "tiny", "training": {"epochs": 1}})',
          ]
        : []),
      `  Temporal server  ${temporalAddress}, namespace ${namespace}`,
      `  logs             ${logsDir}`,
    ].join('\n'),
  );
}
