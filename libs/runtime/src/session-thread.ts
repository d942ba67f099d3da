import { toAppError } from '@overture/core';
import { parentPort, workerData } from 'node:worker_threads';
import { openRuntime } from './runtime.ts';
import type { Session } from './session.ts';
import { isShared, type ThreadAnswer, type ThreadRequest, type ThreadStart } from './thread-messages.ts';

/** The program of a worker thread that holds one session. Only `ThreadSession` starts it. */
const port = parentPort!;
const { content, runtime, load } = workerData as ThreadStart;
const send = (answer: ThreadAnswer): void => port.postMessage(answer);
const sendFailure = (id: number, thrown: unknown): void => send({ kind: 'failed', id, error: toAppError(thrown, 'RUNTIME_RUN_FAILED').toJSON() });

let session: Session | undefined;
try {
  session = await openRuntime(runtime).load(content, load);
  port.on('message', (request: ThreadRequest) => void answer(session!, request));
  send({ kind: 'opened', id: 0, inputs: session.inputs, outputs: session.outputs });
} catch (thrown) {
  sendFailure(0, thrown);
}

async function answer(opened: Session, request: ThreadRequest): Promise<void> {
  const { id } = request;
  try {
    if (request.kind === 'run') {
      const outputs = await opened.run(request.feeds, request.into);
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
