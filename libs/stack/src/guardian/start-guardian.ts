import { fork, type ChildProcess } from 'node:child_process';
import { EventEmitter, once } from 'node:events';
import { closeSync, openSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { AppError } from '@overture/core';
import { identityOf, signalProcess, type ProcessIdentity } from '../process-identity.ts';
import {
  hurrySignal,
  type GuardianEvent,
  type GuardianRequest,
  type GuardRequest,
  type ProcessSpec,
} from './protocol.ts';

/** The settings of a guardian process. */
export interface GuardianOptions extends GuardRequest {
  readonly logFile: string;
  readonly env: Readonly<Record<string, string>>;
}

/** The owner's handle of a guardian, which ends its children on `stop` and when the owner dies. */
export class Guardian {
  readonly identity: ProcessIdentity;
  readonly #process: ChildProcess;
  readonly #events = new EventEmitter();
  #stopping = false;

  constructor(child: ChildProcess, pid: number) {
    this.#process = child;
    this.identity = identityOf(pid);
    this.#events.setMaxListeners(50);
    child.on('message', (event: GuardianEvent) => this.#events.emit('event', event));
    // This process exits without `stop`, so there is no time to wait for running work.
    const hurry = (): void => signalProcess(this.identity, hurrySignal);
    process.on('exit', hurry);
    child.once('exit', () => {
      process.off('exit', hurry);
      // The guardian was killed. Its children are still running, and `endSurvivors` finds them.
      if (!this.#stopping) this.#events.emit('event', { kind: 'lost' });
    });
  }

  /**
   * Calls `listener` for every event from now on.
   * @returns a function that removes the listener
   */
  listen(listener: (event: GuardianEvent | { readonly kind: 'lost' }) => void): () => void {
    this.#events.on('event', listener);
    return () => this.#events.off('event', listener);
  }

  start(spec: ProcessSpec): void {
    this.#send({ kind: 'start', spec });
  }

  /** Ends all processes in order of rank, and then the guardian. */
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
}

/**
 * Starts a guardian process.
 * @throws AppError `STACK_GUARDIAN_FAILED` if it cannot be started
 */
export async function startGuardian({
  childrenFile,
  lock,
  logFile,
  env,
}: GuardianOptions): Promise<Guardian> {
  const log = openSync(logFile, 'a', 0o600);
  // `detached` starts it in its own session, out of reach of the terminal's Ctrl-C and of a kill of the
  // owner's group.
  const child = fork(fileURLToPath(new URL('main.ts', import.meta.url)), [], {
    detached: true,
    env: { ...env },
    execArgv: [],
    stdio: ['ignore', log, log, 'ipc'],
  });
  closeSync(log);
  child.send({ kind: 'guard', childrenFile, lock } satisfies GuardianRequest, () => undefined);
  const [answer] = await Promise.race([once(child, 'message'), once(child, 'exit').then(() => [undefined])]);
  if (answer === undefined || child.pid === undefined) {
    throw new AppError(
      'STACK_GUARDIAN_FAILED',
      `The process that watches over Temporal and Postgres ended at once. See ${logFile}.`,
      {
        details: { logFile },
      },
    );
  }
  return new Guardian(child, child.pid);
}
