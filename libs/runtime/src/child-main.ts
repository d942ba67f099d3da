import { toAppError } from '@overture/core';
import type { ChildJob, ChildMessage, ParentMessage } from './child-messages.ts';
import { endWithParent } from './end-with-parent.ts';
import { ownUsage } from './process-usage.ts';

/**
 * The child process's program: waits for a job, runs it, reports the result, and exits. Only `inChildProcess`
 * starts it.
 */
const abortion = new AbortController();
process.on('SIGTERM', () => abortion.abort());
process.on('SIGINT', () => undefined); // Ctrl-C goes to the whole process group: the parent decides
process.on('disconnect', () => process.exit(1)); // the parent is gone
const early: unknown[] = [];
let listener = (message: unknown): void => void early.push(message);
process.on('message', (message: ParentMessage) => {
  if (message.kind === 'start') {
    endWithParent(message.parent);
    void runJob(message);
  } else listener(message.message);
});

async function runJob({ moduleUrl, job }: Extract<ParentMessage, { kind: 'start' }>): Promise<void> {
  let last: ChildMessage;
  try {
    const { default: run } = (await import(moduleUrl)) as { default: ChildJob<unknown, unknown> };
    const result = await run(job, {
      send: (message) => send({ kind: 'message', message }),
      receive,
      signal: abortion.signal,
    });
    last = { kind: 'done', result, usage: ownUsage() };
  } catch (thrown) {
    last = { kind: 'failed', error: toAppError(thrown, 'RUNTIME_CHILD_FAILED').toJSON() };
  }
  await send(last).catch(() => undefined); // fails if the parent is gone
  process.exit(0);
}

function receive(next: (message: unknown) => void): void {
  listener = next;
  early.splice(0).forEach(next);
}

function send(message: ChildMessage): Promise<void> {
  return new Promise((resolve, reject) => {
    process.send!(message, undefined, undefined, (error) => (error === null ? resolve() : reject(error)));
  });
}
