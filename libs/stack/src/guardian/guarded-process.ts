import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createWriteStream, openSync, closeSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { identityOf, type ProcessIdentity } from '../process-identity.ts';
import type { GuardianEvent, ProcessSpec } from './protocol.ts';

/** One process under guard: started, started again when it should be, ended for good. */
export class GuardedProcess {
  readonly spec: ProcessSpec;
  readonly #report: (event: GuardianEvent) => void;
  #child: ChildProcess | undefined;
  #identity: ProcessIdentity | undefined;
  #stopping = false;
  #delayMs: number;
  #restart: NodeJS.Timeout | undefined;

  constructor(spec: ProcessSpec, report: (event: GuardianEvent) => void) {
    this.spec = spec;
    this.#report = report;
    this.#delayMs = spec.restart?.firstMs ?? 0;
  }

  /** The process now running, if one does. */
  get identity(): ProcessIdentity | undefined {
    return this.#identity;
  }

  start(): void {
    const { spec } = this;
    const log = openSync(spec.logFile, 'a', 0o600);
    // A process group of its own: Ctrl-C in the terminal reaches only the owner, and the end reaches all descendants.
    const child = spawn(spec.command, spec.args, {
      cwd: spec.cwd,
      env: { ...spec.env },
      stdio: ['pipe', spec.readyPattern === undefined ? log : 'pipe', log],
      detached: true,
      ...spec.account,
    });
    closeSync(log);
    this.#child = child;
    child.stdin?.on('error', () => undefined);
    child.once('error', (error) => this.#ended(child, error.message));
    child.once('exit', (code, signal) => this.#ended(child, signal === null ? `exit code ${code}` : `signal ${signal}`));
    if (child.pid === undefined) return;
    this.#identity = identityOf(child.pid);
    this.#report({ kind: 'started', name: spec.name, ...this.#identity });
    this.#watchOutput(child);
    if (spec.restart) {
      const healthy = setTimeout(() => (this.#delayMs = spec.restart?.firstMs ?? 0), spec.restart.healthyMs);
      child.once('exit', () => clearTimeout(healthy));
    }
  }

  /** Ends the process and whatever is left of its group; resolves when it is gone. */
  async stop(): Promise<void> {
    this.#stopping = true;
    clearTimeout(this.#restart);
    const child = this.#child;
    if (child?.pid === undefined || child.exitCode !== null || child.signalCode !== null) return;
    const ended = once(child, 'exit');
    child.stdin?.end();
    child.kill(this.spec.stop.signal);
    const inTime = await Promise.race([ended.then(() => true), sleep(this.spec.stop.graceMs, false, { ref: false })]);
    if (!inTime) killGroup(child.pid);
    await ended;
  }

  #watchOutput(child: ChildProcess): void {
    const { readyPattern, logFile, name } = this.spec;
    if (readyPattern === undefined || child.stdout === null) return;
    const pattern = new RegExp(readyPattern);
    const log = createWriteStream(logFile, { flags: 'a', mode: 0o600 });
    let ready = false;
    const lines = createInterface({ input: child.stdout });
    lines.on('line', (line) => {
      log.write(`${line}\n`);
      if (ready || !pattern.test(line)) return;
      ready = true;
      this.#report({ kind: 'ready', name, line });
    });
    lines.once('close', () => log.end());
  }

  #ended(child: ChildProcess, how: string): void {
    if (this.#child !== child) return;
    this.#child = undefined;
    this.#identity = undefined;
    if (child.pid !== undefined) killGroup(child.pid);
    const { restart, name } = this.spec;
    if (this.#stopping || restart === undefined) {
      this.#report({ kind: 'exited', name, how });
      return;
    }
    const restartInMs = this.#delayMs;
    this.#delayMs = Math.min(restart.maxMs, this.#delayMs * 2);
    this.#report({ kind: 'exited', name, how, restartInMs });
    this.#restart = setTimeout(() => this.start(), restartInMs);
  }
}

function killGroup(pid: number): void {
  try {
    process.kill(-pid, 'SIGKILL');
  } catch {
    // Nobody of the group is left.
  }
}
