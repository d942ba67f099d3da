import { toAppError } from '@overture/core';
import { openRuntime } from './runtime.ts';
import type { Session } from './session.ts';
import type { SessionAnswer, SessionRequest } from './session-messages.ts';

/** The program of a child that holds one session: opens it, runs it as often as asked. Only `openSessionPool` starts it. */
let session: Session | undefined;
process.on('SIGTERM', () => process.exit(0)); // what runs is native and cannot be asked to stop
process.on('SIGINT', () => undefined); // Ctrl-C reaches the whole group: the parent decides
process.on('disconnect', () => process.exit(1)); // the parent is gone
process.on('message', (request) => void answer(request as SessionRequest));

async function answer(request: SessionRequest): Promise<void> {
  try {
    if (request.kind === 'open') {
      const { path, name, runtime } = request;
      let warning: string | undefined;
      session = await openRuntime({ ...runtime, onWarning: (message) => (warning = message) }).load(path, { name });
      send({ kind: 'opened', inputs: session.inputs, outputs: session.outputs, warning });
    } else {
      const outputs = await session!.run(request.feeds); // 'open' is always first
      send({ kind: 'ran', outputs, residentBytes: process.memoryUsage.rss() });
    }
  } catch (thrown) {
    send({ kind: 'failed', error: toAppError(thrown, 'RUNTIME_CHILD_FAILED').toJSON() });
  }
}

function send(message: SessionAnswer): void {
  process.send!(message, undefined, undefined, () => undefined); // without a parent there is nobody to tell
}
