import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { resolve } from 'node:path';

const bin = resolve(import.meta.dirname, '..', '..', 'bin', 'overture.mjs');

/** How a command ended. */
export interface CommandEnd {
  /** Also 130 for a signal that came before the command could handle it, as shells report it. */
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
  /** From the last signal, or from the start, to the exit of the process. */
  readonly milliseconds: number;
}

/** The command line in its own process, which a test can interrupt. */
export class OvertureProcess {
  readonly #child: ChildProcess;
  readonly ended: Promise<CommandEnd>;
  #out = '';
  #err = '';
  #from = performance.now();
  readonly #waiting = new Set<() => void>();

  constructor(
    args: readonly string[],
    { cwd, env }: { readonly cwd: string; readonly env: Readonly<Record<string, string | undefined>> },
  ) {
    const child = spawn(process.execPath, [bin, ...args], {
      cwd,
      env: { ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    this.#child = child;
    child.stdout.on('data', (chunk: Buffer) => this.#read(() => (this.#out += chunk.toString())));
    child.stderr.on('data', (chunk: Buffer) => this.#read(() => (this.#err += chunk.toString())));
    const exit = once(child, 'exit').then(() => performance.now());
    this.ended = Promise.all([once(child, 'close'), exit]).then(([[code, signal], at]) => ({
      code: signal === 'SIGINT' ? 130 : (code as number | null),
      out: this.#out,
      err: this.#err,
      milliseconds: at - this.#from,
    }));
    void this.ended.then(() => this.#tell());
  }

  get running(): boolean {
    return this.#child.exitCode === null && this.#child.signalCode === null;
  }

  /** The output so far, on both streams. */
  get printed(): string {
    return this.#out + this.#err;
  }

  /** Waits until it has printed the text; false if it ended before. */
  async prints(text: string): Promise<boolean> {
    while (!this.printed.includes(text)) {
      if (!this.running) return false;
      await new Promise<void>((told) => this.#waiting.add(told));
    }
    return true;
  }

  signal(name: NodeJS.Signals = 'SIGINT'): void {
    this.#from = performance.now();
    this.#child.kill(name);
  }

  #read(take: () => void): void {
    take();
    this.#tell();
  }

  #tell(): void {
    for (const told of this.#waiting) told();
    this.#waiting.clear();
  }
}
