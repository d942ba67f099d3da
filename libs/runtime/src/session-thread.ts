import { toAppError } from '@overture/core';
import type { Tensor } from '@overture/tensors';
import { parentPort } from 'node:worker_threads';
import { openRuntime } from './runtime.ts';
import type { Session } from './session.ts';
import {
  isShared,
  received,
  type ThreadAnswer,
  type ThreadRequest,
  type ThreadStart,
} from './thread-messages.ts';

/** The program of a worker thread with one session. Only `ThreadSession` starts it. */
const port = parentPort!;
const send = (answer: ThreadAnswer): void => port.postMessage(answer);
const sendFailure = (id: number, thrown: unknown): void =>
  send({ kind: 'failed', id, error: toAppError(thrown, 'RUNTIME_RUN_FAILED').toJSON() });

// Received as a message, because worker data would keep the graph's bytes in memory for the thread's
// lifetime.
let session: Session | undefined;
const earlier = { feeds: new Map<string, Tensor[]>(), into: new Map<string, Tensor[]>() };
port.on(
  'message',
  (message: ThreadStart | ThreadRequest) =>
    void ('content' in message ? open(message) : answer(session!, message)),
);

async function open({ content, runtime, load }: ThreadStart): Promise<void> {
  try {
    session = await openRuntime(runtime).load(content, load);
    send({ kind: 'opened', id: 0, inputs: session.inputs, outputs: session.outputs });
  } catch (thrown) {
    sendFailure(0, thrown);
    port.close();
  }
}

async function answer(opened: Session, request: ThreadRequest): Promise<void> {
  const { id } = request;
  try {
    if (request.kind === 'run') {
      const outputs = await opened.run(
        received(request.feeds, earlier.feeds),
        request.into && received(request.into, earlier.into),
      );
      const unshared = Object.entries(outputs).filter(([, tensor]) => !isShared(tensor));
      send({ kind: 'ran', id, outputs: Object.fromEntries(unshared) });
    } else {
      await opened.close();
      send({ kind: 'closed', id });
      port.close();
    }
  } catch (thrown) {
    sendFailure(id, thrown);
  }
}
