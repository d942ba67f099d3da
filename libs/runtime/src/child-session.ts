import { AppError } from '@overture/core';
import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { collectOutput, diedError } from './child-death.ts';
import type { SessionAnswer, SessionRequest } from './session-messages.ts';
import type { Tensors } from './session.ts';

type Opened = Extract<SessionAnswer, { kind: 'opened' }>;

type Ask = (request: SessionRequest) => Promise<SessionAnswer>;

/** A session in a process of its own: one request at a time. */
export class ChildSession {
  readonly opened: Opened;
  readonly #child: ChildProcess;
  readonly #ask: Ask;
  /** Resident memory of the process after its last run, in bytes. */
  residentBytes = 0;

  private constructor(child: ChildProcess, ask: Ask, opened: Opened) {
    this.#child = child;
    this.#ask = ask;
    this.opened = opened;
  }

  static async open(request: Extract<SessionRequest, { kind: 'open' }>): Promise<ChildSession> {
    const child = fork(fileURLToPath(new URL('./session-child.ts', import.meta.url)), { execArgv: [], serialization: 'advanced', stdio: ['ignore', 'pipe', 'pipe', 'ipc'] });
    const ask = asker(child, request.name);
    try {
      return new ChildSession(child, ask, (await ask(request)) as Opened);
    } catch (error) {
      child.kill('SIGKILL');
      throw error;
    }
  }

  get processId(): number {
    return this.#child.pid!; // it has answered, so it was started
  }

  /** Whether it can still be asked. */
  get alive(): boolean {
    return this.#child.exitCode === null && this.#child.signalCode === null;
  }

  async run(feeds: Tensors): Promise<Tensors> {
    const answer = (await this.#ask({ kind: 'run', feeds })) as Extract<SessionAnswer, { kind: 'ran' }>;
    this.residentBytes = answer.residentBytes;
    return answer.outputs;
  }

  /** Ends the process, whatever it does. */
  async close(): Promise<void> {
    if (!this.alive) return;
    const ended = once(this.#child, 'exit');
    this.#child.kill('SIGKILL'); // it holds nothing that would have to be tidied
    await ended;
  }
}

/** Sends one request after the other; an answer, or the child's end, settles the one that waits. */
function asker(child: ChildProcess, name: string): Ask {
  const output = collectOutput(child);
  let waiting: { resolve(answer: SessionAnswer): void; reject(error: Error): void } | undefined;
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
  child.on('message', (answer: SessionAnswer) => {
    settle(({ resolve, reject }) => (answer.kind === 'failed' ? reject(AppError.fromJSON(answer.error)) : resolve(answer)));
  });
  child.on('error', die);
  child.on('close', (code, killedBy) => die(diedError(`graph ${name}`, { code, killedBy, output: output() })));
  return (request) => {
    if (dead !== undefined) return Promise.reject(dead);
    return new Promise((resolve, reject) => {
      waiting = { resolve, reject };
      child.send(request, (error) => {
        if (error !== null) child.kill('SIGKILL'); // it went while we wrote: its end says how
      });
    });
  };
}
