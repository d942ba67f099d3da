import { AppError } from '@overture/core';
import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { collectOutput, diedError } from './child-death.ts';
import type { ProcessUsage } from './process-usage.ts';
import type { ServiceAnswer, ServiceRequest } from './service-messages.ts';

/**
 * The default export of a module for `openChildService`. It is opened once and then handles one request at a
 * time.
 */
export type ChildServiceModule<Options, Request, Answer> = (
  options: Options,
) => Promise<(request: Request) => Promise<Answer>>;

/** A module that runs in its own process. */
export interface ChildService<Request, Answer> {
  readonly processId: number;
  /** Whether its process is running. */
  readonly alive: boolean;
  /** The process's resource usage as of its last answer. */
  readonly usage: ProcessUsage;
  /**
   * Sends a request and returns the answer; both are plain data. Requests are queued while another one is
   * processed.
   * @throws AppError of the module, without its stack and cause; `RUNTIME_CHILD_DIED` (retryable) if the
   * process crashed or was killed
   */
  ask(request: Request): Promise<Answer>;
  /** Kills the process, even while it handles a request. Can be called more than once. */
  close(): Promise<void>;
  [Symbol.asyncDispose](): Promise<void>;
}

/** Options of `openChildService`. */
export interface ChildServiceOptions {
  /** The service's name, for messages. */
  readonly name: string;
  /** The module's options; plain data. */
  readonly options: unknown;
}

/**
 * Opens a module (a `ChildServiceModule`) in its own process, because running a graph blocks its thread and a
 * native crash ends the whole process. The child ends when this process ends.
 * @throws AppError of the module, `RUNTIME_CHILD_DIED`
 */
export async function openChildService<Request, Answer>(
  moduleUrl: string,
  { name, options }: ChildServiceOptions,
): Promise<ChildService<Request, Answer>> {
  const child = fork(fileURLToPath(new URL('./service-child.ts', import.meta.url)), {
    execArgv: [],
    serialization: 'advanced',
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
  });
  const ask = asker(child, name);
  try {
    const { usage } = await ask({ kind: 'open', parent: process.pid, moduleUrl, options });
    return new ForkedService<Request, Answer>(child, { ask, usage });
  } catch (error) {
    child.kill('SIGKILL');
    throw error;
  }
}

type Answered = Extract<ServiceAnswer, { kind: 'answered' }>;
type Ask = (request: ServiceRequest) => Promise<Answered>;

class ForkedService<Request, Answer> implements ChildService<Request, Answer> {
  readonly #child: ChildProcess;
  readonly #ask: Ask;
  #last: Promise<unknown> = Promise.resolve();
  #usage: ProcessUsage;

  constructor(child: ChildProcess, { ask, usage }: { readonly ask: Ask; readonly usage: ProcessUsage }) {
    this.#child = child;
    this.#ask = ask;
    this.#usage = usage;
  }

  get processId(): number {
    return this.#child.pid!; // defined, because the process has answered
  }

  get alive(): boolean {
    return this.#child.exitCode === null && this.#child.signalCode === null;
  }

  get usage(): ProcessUsage {
    return this.#usage;
  }

  ask(request: Request): Promise<Answer> {
    const answer = this.#last.then(async () => {
      const { value, usage } = await this.#ask({ kind: 'ask', request });
      this.#usage = usage;
      return value as Answer;
    });
    this.#last = answer.catch(() => undefined); // the caller handles the error
    return answer;
  }

  async close(): Promise<void> {
    if (!this.alive) return;
    const ended = once(this.#child, 'exit');
    this.#child.kill('SIGKILL'); // it has no state that needs cleanup
    await ended;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }
}

/** Sends one request at a time. It is settled by the answer or by the end of the child. */
function asker(child: ChildProcess, name: string): Ask {
  const output = collectOutput(child);
  let waiting: { resolve(answer: Answered): void; reject(error: Error): void } | undefined;
  let dead: Error | undefined;
  const settle = (act: (waiter: NonNullable<typeof waiting>) => void): void => {
    const waiter = waiting;
    waiting = undefined;
    if (waiter !== undefined) act(waiter);
  };
  const die = (error: Error): void => {
    dead ??= error;
    settle(({ reject }) => reject(error));
  };
  child.on('message', (answer: ServiceAnswer) => {
    settle(({ resolve, reject }) =>
      answer.kind === 'failed' ? reject(AppError.fromJSON(answer.error)) : resolve(answer),
    );
  });
  child.on('error', die);
  child.on('close', (code, killedBy) => die(diedError(name, { code, killedBy, output: output() })));
  return (request) => {
    if (dead !== undefined) return Promise.reject(dead);
    return new Promise((resolve, reject) => {
      waiting = { resolve, reject };
      child.send(request, (error) => {
        // the child ended during the write; its close event has the reason
        if (error !== null) child.kill('SIGKILL');
      });
    });
  };
}
