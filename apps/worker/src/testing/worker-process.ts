import { isAlive } from '@overture/artifacts';
import { spawn, execFileSync, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

/** A worker in a separate process, started as the stack starts it. */
export interface WorkerProcess {
  readonly pid: number;
  alive(): boolean;
  /** Its output on standard error so far, and how it ended. */
  log(): string;
  /** The ids of its child processes and their descendants. */
  descendants(): number[];
  stop(): Promise<number | null>;
  /** Kills the worker and all its descendants immediately. */
  kill(): Promise<void>;
  /** Closes its standard input, as happens when the parent dies. */
  orphan(): Promise<number | null>;
}

/**
 * Starts a worker process and waits until it is ready.
 * @throws Error with the worker's log if it ends before that
 */
export async function startWorker(env: Readonly<Record<string, string>>): Promise<WorkerProcess> {
  const child = spawn(process.execPath, [fileURLToPath(new URL('../main.ts', import.meta.url))], {
    env: { ...process.env, ...env },
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  const pid = child.pid as number;
  let log = '';
  child.stderr.on('data', (chunk: Buffer) => (log += chunk.toString()));
  const exited = once(child, 'exit').then(([code, signal]) => {
    log += `The worker ended with ${signal ?? `exit code ${code}`}.\n`;
    return code as number | null;
  });
  const killAll = (): void => {
    // A descendant may have ended together with its parent.
    for (const each of [pid, ...descendantsOf(pid)]) if (isAlive(each)) process.kill(each, 'SIGKILL');
  };
  // A worker suspended by a test would not notice that its parent is gone.
  process.once('exit', killAll);
  void exited.then(() => process.off('exit', killAll));
  const ready = once(createInterface({ input: child.stdout }), 'line');
  const first = await Promise.race([ready.then(() => 'ready'), exited.then(() => 'exited')]);
  if (first === 'exited') throw new Error(`The worker ended before it was ready:\n${log}`);
  return {
    pid,
    alive: () => child.exitCode === null && child.signalCode === null,
    log: () => log,
    descendants: () => descendantsOf(pid),
    stop: () => ended(child, exited, () => child.kill('SIGTERM')),
    orphan: () => ended(child, exited, () => child.stdin.end()),
    async kill() {
      killAll();
      await exited;
    },
  };
}

async function ended(
  child: ChildProcess,
  exited: Promise<number | null>,
  end: () => void,
): Promise<number | null> {
  if (child.exitCode === null && child.signalCode === null) end();
  return exited;
}

function descendantsOf(pid: number): number[] {
  const rows = execFileSync('ps', ['-A', '-o', 'pid=,ppid='], { encoding: 'utf8' })
    .trim()
    .split('\n')
    .map((row) => row.trim().split(/\s+/).map(Number) as [number, number]);
  const children = rows.filter(([, parent]) => parent === pid).map(([child]) => child);
  return children.flatMap((child) => [child, ...descendantsOf(child)]);
}
