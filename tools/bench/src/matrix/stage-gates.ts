import { AppError } from '@overture/core';
import type { StageContext } from '@overture/execution';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';

/** What a stage does when it starts: returns its output, fails for good, or waits until its mode changes. */
export type StageMode = 'pass' | 'fail' | 'hold';

/** The input of every stage of the matrix. */
export interface GatedInput {
  readonly subject: string;
  readonly place: string;
  readonly value: string;
}

/** The value with which a stage passes although its mode is `fail`. */
export const goodValue = 'replaced';

/** Controls the stages of all runs of the matrix in this process, and knows what each has left behind. */
export class StageGates {
  readonly #modes = new Map<string, StageMode>();
  readonly #entered = new Map<string, number>();
  readonly #waiting = new Map<string, Set<() => void>>();
  readonly #active = new Map<string, number>();
  readonly #left = new Map<string, { readonly folder: string; readonly pid: number }[]>();

  /** Sets the mode of a stage of a subject; a waiting one continues in the new mode. */
  set(subject: string, place: string, mode: StageMode): void {
    const key = `${subject} ${place}`;
    this.#modes.set(key, mode);
    if (mode === 'hold') return;
    for (const go of this.#waiting.get(key) ?? []) go();
  }

  /** Lets everything pass, so that the worker can end. */
  open(): void {
    this.#modes.clear();
    for (const waiting of this.#waiting.values()) for (const go of waiting) go();
  }

  /** How often a stage began to wait. */
  entered(subject: string, place: string): number {
    return this.#entered.get(`${subject} ${place}`) ?? 0;
  }

  /** The number of a subject's stages that execute now. */
  active(subject: string): number {
    return this.#active.get(subject) ?? 0;
  }

  /** Work folders and processes of a subject that still exist. */
  left(subject: string): string[] {
    return (this.#left.get(subject) ?? []).flatMap(({ folder, pid }) => [
      ...(existsSync(folder) ? [`the work folder ${folder}`] : []),
      ...(isRunning(pid) ? [`process ${pid}`] : []),
    ]);
  }

  /** Waits while the look-ups of a subject are held. */
  async lookUp(subject: string, signal: AbortSignal): Promise<void> {
    const key = `${subject} look-up`;
    if (this.#modes.get(key) === 'hold') await this.#untilReleased(key, signal);
  }

  /** The implementation of every stage. */
  async run(
    { subject, place, value }: GatedInput,
    context: Pick<StageContext, 'signal' | 'workDir'>,
  ): Promise<string> {
    const key = `${subject} ${place}`;
    this.#active.set(subject, this.active(subject) + 1);
    try {
      if (this.#modes.get(key) === 'hold') await this.#hold(subject, key, context);
      if (this.#modes.get(key) === 'fail' && value !== goodValue)
        throw new AppError('MATRIX_FAILED', `${place} must have the value ${goodValue}. Got ${value}.`);
      return `${value}+${place}`;
    } finally {
      this.#active.set(subject, this.active(subject) - 1);
    }
  }

  /** Waits as a training does: with a work folder and a child process. */
  async #hold(
    subject: string,
    key: string,
    { signal, workDir }: Pick<StageContext, 'signal' | 'workDir'>,
  ): Promise<void> {
    const child = spawn('sleep', ['86400'], { stdio: 'ignore' });
    const ended = once(child, 'exit');
    await once(child, 'spawn');
    this.#left.set(subject, [...(this.#left.get(subject) ?? []), { folder: workDir, pid: child.pid! }]);
    try {
      await this.#untilReleased(key, signal);
    } finally {
      child.kill('SIGKILL');
      await ended;
    }
  }

  async #untilReleased(key: string, signal: AbortSignal): Promise<void> {
    const waiting = this.#waiting.get(key) ?? new Set();
    this.#waiting.set(key, waiting);
    const { promise, resolve } = Promise.withResolvers<void>();
    waiting.add(resolve);
    signal.addEventListener('abort', () => resolve(), { once: true });
    this.#entered.set(key, (this.#entered.get(key) ?? 0) + 1);
    try {
      if (!signal.aborted) await promise;
      signal.throwIfAborted();
    } finally {
      waiting.delete(resolve);
    }
  }
}

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
