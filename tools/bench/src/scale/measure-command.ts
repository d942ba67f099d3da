import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { root } from '../write-report.ts';
import { watchProcesses, type PeakMemory } from './watch-processes.ts';
import type { WorkerWorld } from './worker-world.ts';

/** One command of the command line. */
export interface MeasuredCommand {
  readonly seconds: number;
  /** Lines on standard output. */
  readonly lines: number;
  readonly peaks: readonly PeakMemory[];
}

/** Runs `overture …` with the world's database and artifacts, and counts the printed lines. */
export async function measureCommand(
  world: WorkerWorld,
  args: readonly string[],
  { log }: { readonly log: (line: string) => void },
): Promise<MeasuredCommand> {
  using processes = watchProcesses();
  const started = performance.now();
  const child = spawn(process.execPath, [join(root, 'apps/cli/src/main.ts'), ...args], {
    env: { ...process.env, ...world.env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let [lines, errors] = [0, ''];
  child.stdout.on('data', (chunk: Buffer) => {
    for (const byte of chunk) if (byte === 10) lines++;
  });
  child.stderr.on('data', (chunk: Buffer) => (errors = (errors + chunk.toString()).slice(-2000)));
  const [code] = (await once(child, 'close')) as [number | null];
  if (code !== 0)
    throw new Error(`overture ${args.join(' ')} must succeed. It ended with code ${code}:\n${errors}`);
  const measured = { seconds: (performance.now() - started) / 1000, lines, peaks: processes.peaks() };
  log(
    `overture ${args[0]}: ${measured.seconds.toFixed(1)} s, ${lines} lines, largest process ${measured.peaks[0]?.mib.toFixed(0)} MiB`,
  );
  return measured;
}
