import { taskQueues } from '@overture/contracts';
import { openStack } from '@overture/stack';
import type { CliContext } from '../context.ts';
import { stackOptions } from '../stack-options.ts';

/** `overture start`: keeps a stack up until Ctrl-C; when one is up already, says where it is. */
export async function start(context: CliContext): Promise<void> {
  const { terminal, interrupt } = context;
  const began = terminal.now();
  await using stack = await openStack(stackOptions(context));
  const { temporalAddress, namespace, uiUrl, owned, logsDir } = stack;
  const form =
    uiUrl &&
    `${uiUrl}/namespaces/${namespace}/workflows/start-workflow?workflowType=trainInitiativeModel&taskQueue=${taskQueues.light}&workflowId=train-${context.randomId().slice(0, 8)}`;
  if (terminal.json)
    terminal.printJson({ temporalAddress, namespace, uiUrl: uiUrl ?? null, startWorkflowUrl: form ?? null, logsDir, owned });
  terminal.print(
    [
      owned ? `The stack is up (${((terminal.now() - began) / 1_000).toFixed(1)} s).` : 'A stack of this project is up already.',
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
  if (!owned) return;
  terminal.print('\nCtrl-C stops it; its state stays.');
  const stopped = new Promise<undefined>((resolve) => interrupt.addEventListener('abort', () => resolve(undefined), { once: true }));
  const ended = interrupt.aborted ? undefined : await Promise.race([stopped, stack.lost]);
  if (ended) throw ended;
  terminal.note('Stopping …');
}
