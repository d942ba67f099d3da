import { toAppError } from '@overture/core';
import type { ChildServiceModule } from './child-service.ts';
import { endWithParent } from './end-with-parent.ts';
import { ownUsage } from './process-usage.ts';
import type { ServiceAnswer, ServiceRequest } from './service-messages.ts';

/**
 * The program of a service's process: opens a module and answers requests. Only `openChildService` starts it.
 */
let ask: ((request: unknown) => Promise<unknown>) | undefined;
process.on('SIGTERM', () => process.exit(0)); // native code is running and cannot be interrupted
process.on('SIGINT', () => undefined); // Ctrl-C goes to the whole process group: the parent decides
process.on('disconnect', () => process.exit(1)); // the parent is gone
process.on('message', (request) => void answer(request as ServiceRequest));

async function answer(request: ServiceRequest): Promise<void> {
  try {
    if (request.kind === 'open') {
      endWithParent(request.parent);
      const { default: open } = (await import(request.moduleUrl)) as {
        default: ChildServiceModule<unknown, unknown, unknown>;
      };
      ask = await open(request.options);
      send({ kind: 'answered', value: undefined, usage: ownUsage() });
    } else {
      const value = await ask!(request.request); // 'open' is always first
      send({ kind: 'answered', value, usage: ownUsage() });
    }
  } catch (thrown) {
    send({ kind: 'failed', error: toAppError(thrown, 'RUNTIME_CHILD_FAILED').toJSON() });
  }
}

function send(message: ServiceAnswer): void {
  process.send!(message, undefined, undefined, () => undefined); // fails if the parent is gone
}
