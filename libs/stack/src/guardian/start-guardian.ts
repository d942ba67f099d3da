import { fork, type ChildProcess } from 'node:child_process';
import { EventEmitter, once } from 'node:events';
import { closeSync, openSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { AppError } from '@overture/core';
import { identityOf, isRunning, signalProcess, type ProcessIdentity } from '../process-identity.ts';
import type { GuardianEvent, GuardianRequest, ProcessSpec } from './protocol.ts';

export interface GuardianOptions {
  /** Where the guardian notes whom it started. */
  readonly childrenFile: string;
  readonly logFile: string;
  readonly env: Readonly<Record<string, string>>;
}

/** The owner's end of a guardian. Ends what it started on `stop`, on the owner's death, and when the guardian itself is lost. */
export class Guardian {
  readonly identity: ProcessIdentity;
  readonly #process: ChildProcess;
  readonly #events = new EventEmitter();
  readonly #children = new Map<string, ProcessIdentity>();
  #stopping = false;

  constructor(child: ChildProcess, pid: number) {
    this.#process = child;
    this.identity = identityOf(pid);
    this.#events.setMaxListeners(50);
    child.on('message', (event: GuardianEvent) => {
      if (event.kind === 'started') this.#children.set(event.name, { pid: event.pid, startTime: event.startTime });
      this.#events.emit('event', event);
    });
    child.once('exit', () => {
      if (!this.#stopping) this.#lost();
    });
  }

  /** Calls `listener` for every event from now on; returns what takes it off again. */
  listen(listener: (event: GuardianEvent | { readonly kind: 'lost' }) => void): () => void {
    this.#events.on('event', listener);
    return () => this.#events.off('event', listener);
  }

  start(spec: ProcessSpec): void {
    this.#send({ kind: 'start', spec });
  }

  /** The processes started by now, by name; one that was started again stands here with its newest identity. */
  get children(): ReadonlyMap<string, ProcessIdentity> {
    return this.#children;
  }

  /** Ends all processes, by rank, then the guardian. */
  async stop(): Promise<void> {
    this.#stopping = true;
    if (this.#process.exitCode !== null || this.#process.signalCode !== null) return;
    const ended = once(this.#process, 'exit');
    if (this.#process.connected) this.#send({ kind: 'stop' });
    await ended;
  }

  #send(request: GuardianRequest): void {
    this.#process.send(request, () => undefined);
  }

  /** Somebody killed the guardian: its children have nobody left but us. */
  #lost(): void {
    for (const child of this.#children.values()) {
      if (isRunning(child)) signalProcess(child, 'SIGKILL', { group: true });
    }
    this.#events.emit('event', { kind: 'lost' });
  }
}

/** @throws AppError `STACK_GUARDIAN_FAILED` when the guardian process cannot be started. */
export async function startGuardian({ childrenFile, logFile, env }: GuardianOptions): Promise<Guardian> {
  const log = openSync(logFile, 'a', 0o600);
  // `detached` gives it a session of its own, out of reach of the terminal's Ctrl-C and of a kill of the owner's group.
  const child = fork(fileURLToPath(new URL('main.ts', import.meta.url)), [], {
    detached: true,
    env: { ...env },
    execArgv: [],
    stdio: ['ignore', log, log, 'ipc'],
  });
  closeSync(log);
  child.send({ kind: 'guard', childrenFile } satisfies GuardianRequest, () => undefined);
  const [answer] = await Promise.race([once(child, 'message'), once(child, 'exit').then(() => [undefined])]);
  if (answer === undefined || child.pid === undefined) {
    throw new AppError('STACK_GUARDIAN_FAILED', `The process that watches over Temporal and Postgres ended at once. See ${logFile}.`, {
      details: { logFile },
    });
  }
  return new Guardian(child, child.pid);
}
