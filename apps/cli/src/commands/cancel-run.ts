import { setTimeout as sleep } from 'node:timers/promises';
import type { CliContext } from '../context.ts';
import { withOpenRun } from '../run-handle.ts';

/** How long the command waits for a canceled run to end before it reports that the run is still stopping. */
const endMs = 30_000;
const pollMs = 100;

/** `overture runs cancel RUN`. With `--json`, prints one object: workflowId, state. */
export async function cancelRun(context: CliContext, run: string): Promise<void> {
  const { terminal, interrupt } = context;
  const { workflowId, state } = await withOpenRun(context, run, 'Canceling a run', async (handle) => {
    await handle.cancel();
    const until = terminal.now() + endMs;
    for (;;) {
      const { status } = await handle.describe();
      if (status.name !== 'RUNNING')
        return { workflowId: handle.workflowId, state: status.name.toLowerCase() };
      if (terminal.now() >= until) return { workflowId: handle.workflowId, state: 'stopping' };
      terminal.progress(`Canceling ${handle.workflowId}: its stages are stopping`);
      await sleep(pollMs, undefined, { signal: interrupt });
    }
  });
  if (terminal.json) return terminal.printJson({ workflowId, state });
  terminal.print(
    state === 'stopping'
      ? `${workflowId} was asked to stop ${endMs / 1000} s ago and is still stopping. "overture runs show ${workflowId}" shows where it is.`
      : `${workflowId} is ${state}; finished stages are kept for reuse.`,
  );
}
