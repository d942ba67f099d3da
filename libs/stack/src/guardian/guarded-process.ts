import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createWriteStream, openSync, closeSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { identityOf, type ProcessIdentity } from '../process-identity.ts';
import type { GuardianEvent, ProcessSpec } from './protocol.ts';

/** A process managed by the guardian: started, restarted after a crash, and stopped for good. */
export class GuardedProcess {
  readonly spec: ProcessSpec;
  readonly #report: (event: GuardianEvent) => void;
  readonly #mayRestart: () => boolean;
  #child: ChildProcess | undefined;
  #identity: ProcessIdentity | undefined;
  #ready = false;
  #stopping = false;
  #delayMs: number;
  #restart: NodeJS.Timeout | undefined;

  /** @param mayRestart called before every restart */
  constructor(spec: ProcessSpec, report: (event: GuardianEvent) => void, mayRestart: () => boolean) {
    this.spec = spec;
    this.#report = report;
    this.#mayRestart = mayRestart;
    this.#delayMs = spec.restart?.firstMs ?? 0;
  }

  /** The running process, if there is one. */
  get identity(): ProcessIdentity | undefined {
    return this.#identity;
  }

  start(): void {
    const { spec } = this;
    this.#ready = false;
    const log = openSync(spec.logFile, 'a', 0o600);
    // Its own process group: Ctrl-C in the terminal reaches only the owner, and stopping the group reaches
    // all descendants.
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
    child.once('exit', (code, signal) =>
      this.#ended(child, signal === null ? `exit code ${code}` : `signal ${signal}`),
    );
    if (child.pid === undefined) return;
    this.#identity = identityOf(child.pid);
    this.#report({ kind: 'started', name: spec.name, ...this.#identity });
    this.#watchOutput(child);
    if (spec.restart) {
      const healthy = setTimeout(() => (this.#delayMs = spec.restart?.firstMs ?? 0), spec.restart.healthyMs);
      child.once('exit', () => clearTimeout(healthy));
    }
  }

  /** Disables restarts, whatever ends the process. */
  disarm(): void {
    this.#stopping = true;
    clearTimeout(this.#restart);
  }

  /** Ends the process and the rest of its group; resolves when it is gone. */
  async stop(): Promise<void> {
    this.disarm();
    const child = this.#child;
    if (child?.pid === undefined || child.exitCode !== null || child.signalCode !== null) return;
    const ended = once(child, 'exit');
    child.stdin?.end();
    // A process that was never ready has no work to save, and may be too busy loading to receive a signal.
    if (this.spec.readyPattern !== undefined && !this.#ready) killGroup(child.pid);
    else child.kill(this.spec.stop.signal);
    const timeout = new AbortController();
    const late = sleep(this.spec.stop.graceMs, true, { ref: false, signal: timeout.signal }).catch(
      () => false,
    );
    if (await Promise.race([ended.then(() => false), late])) killGroup(child.pid);
    await ended;
    timeout.abort();
  }

  /**
   * Kills the process at once if its spec has `hurry`; unsaved work is lost. Servers keep their grace period:
   * they end quickly, and their files matter.
   */
  hurry(): void {
    if (this.spec.stop.hurry && this.#child?.pid !== undefined) killGroup(this.#child.pid);
  }

  #watchOutput(child: ChildProcess): void {
    const { readyPattern, logFile, name } = this.spec;
    if (readyPattern === undefined || child.stdout === null) return;
    const pattern = new RegExp(readyPattern);
    const log = createWriteStream(logFile, { flags: 'a', mode: 0o600 });
    const lines = createInterface({ input: child.stdout });
    lines.on('line', (line) => {
      log.write(`${line}\n`);
      if (this.#ready || this.#child !== child || !pattern.test(line)) return;
      this.#ready = true;
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
    this.#restart = setTimeout(() => this.#mayRestart() && this.start(), restartInMs);
  }
}

function killGroup(pid: number): void {
  try {
    process.kill(-pid, 'SIGKILL');
  } catch {
    // Nobody of the group is left.
  }
}
