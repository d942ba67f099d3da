import { receiveMessageOnPort, workerData } from 'node:worker_threads';
import { instantiateKernels, type Kernels } from './compile-kernels.ts';
import { kernelThreadState, type KernelCall, type KernelThreadStart } from './kernel-thread.ts';

/** The thread's program. `KernelThread` starts and terminates it. */
const { memory, state, result, port } = workerData as KernelThreadStart;
const modules: Kernels[] = [];
Atomics.store(state, kernelThreadState.ready, 1);
for (let seen = 0; ; seen++) {
  Atomics.wait(state, kernelThreadState.asked, seen);
  for (let received; (received = receiveMessageOnPort(port)) !== undefined;) {
    const message = received.message as Uint8Array<ArrayBuffer> | KernelCall;
    if (message instanceof Uint8Array) modules.push(instantiateKernels(memory, message));
    else result[0] = modules[message.module][message.name](...message.numbers) || 0;
  }
  Atomics.add(state, kernelThreadState.answered, 1);
  Atomics.notify(state, kernelThreadState.answered);
}
