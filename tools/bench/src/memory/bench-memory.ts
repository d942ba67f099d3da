import { readdirSync, readlinkSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { loadavg } from 'node:os';
import { join } from 'node:path';
import { machineText, thisMachine } from '../machine.ts';
import { makeCorpus } from '../scale/make-corpus.ts';
import { statusMiB } from '../scale/watch-processes.ts';
import { workerWorld } from '../scale/worker-world.ts';
import { writeReport } from '../write-report.ts';

/** The number of runs, and the path of the report. */
export interface MemoryBenchOptions {
  readonly runs: number;
  readonly out: string;
}

/** The resources held by a worker after a run. */
interface Reading {
  readonly seconds: number;
  readonly residentMiB: number;
  readonly files: number;
  readonly sockets: number;
  readonly processes: number;
  /**
   * Files in the worker's home that should have been removed. Artifacts, reports and caches of limited size
   * do not count.
   */
  readonly leftFiles: number;
}

/**
 * Repeatedly trains, evaluates and predicts through one worker, with new settings each time, and reports what
 * the worker retains.
 */
export async function benchMemory({ runs, out }: MemoryBenchOptions): Promise<void> {
  const load = loadavg()[0]!;
  await using world = await workerWorld('memory');
  const corpus = join(world.home, 'corpus.jsonl');
  await makeCorpus(corpus, { conversations: 100, seed: 0 }); // large enough for child processes
  const readings: Reading[] = [];
  for (let i = 0; i < runs; i++) {
    const started = performance.now();
    // A new seed and a new split: no stage is reused, and the report predicts every example of the split.
    const input = {
      base: 'tiny',
      name: 'memory',
      corpus: { uri: corpus },
      training: { seed: i, epochs: 2, learningRate: 1e-3 },
      evaluation: { bootstrapSamples: 100 + i },
      reuse: { cache: false },
      onStageFailure: 'fail',
    };
    await (await world.start('trainInitiativeModel', `memory-${i}`, input)).result();
    const { pid } = world.worker;
    const links = linksOf(pid);
    readings.push({
      seconds: (performance.now() - started) / 1000,
      residentMiB: statusMiB(pid, 'VmRSS'),
      processes: world.worker.descendants().length,
      files: links.filter((link) => link.startsWith('/')).length,
      sockets: links.filter((link) => link.startsWith('socket:')).length,
      leftFiles: await leftFiles(world.home),
    });
    if ((i + 1) % 10 === 0)
      process.stderr.write(
        `${i + 1} runs: ${readings.at(-1)!.residentMiB.toFixed(0)} MiB, ${JSON.stringify(readings.at(-1))}\n`,
      );
    if ((i + 1) % 50 === 0) await writeReport(out, report(readings, [load, loadavg()[0]!]));
  }
  await writeReport(out, report(readings, [load, loadavg()[0]!]));
}

function linksOf(pid: number): string[] {
  return readdirSync(`/proc/${pid}/fd`).flatMap((fd) => {
    try {
      return [readlinkSync(`/proc/${pid}/fd/${fd}`)];
    } catch {
      return []; // already closed
    }
  });
}

async function leftFiles(home: string): Promise<number> {
  const names = await readdir(home, { recursive: true });
  return (
    names.filter((name) => !/^(artifacts|reports|compile-cache|kept|corpus\.jsonl)/.test(name)).length +
    (await readdir(join(home, 'artifacts', 'incoming'))).length
  );
}

const part = 50;

function report(readings: readonly Reading[], load: readonly [number, number]): string {
  const parts = Array.from({ length: Math.ceil(readings.length / part) }, (_, i) =>
    readings.slice(i * part, (i + 1) * part),
  );
  const rows = parts.map((each, i) => {
    const resident = each.map(({ residentMiB }) => residentMiB).sort((a, b) => a - b);
    const last = each.at(-1)!;
    return `| ${i * part + 1} to ${i * part + each.length} | ${middle(resident).toFixed(0)} | ${resident[0]!.toFixed(0)} | ${resident.at(-1)!.toFixed(0)} | ${last.files} | ${last.sockets} | ${last.processes} | ${last.leftFiles} | ${middle(each.map(({ seconds }) => seconds).sort((a, b) => a - b)).toFixed(1)} |`;
  });
  const median = (i: number): number | undefined =>
    parts[i] && middle(parts[i].map(({ residentMiB }) => residentMiB).sort((a, b) => a - b));
  const [second, last] = [median(1), median(parts.length - 1)];
  return `# Memory

Written by \`npm run bench -- memory\`. ${readings.length} small trainings with their evaluations and predictions, one after the other through one worker process; none reuses anything. Resident memory is that
of the worker after each run; files, sockets, processes and files left in its home are those after the last run of each row.

| runs | resident, median MiB | lowest | highest | open files | sockets | child processes | files left | seconds a run |
|---|---|---|---|---|---|---|---|---|
${rows.join('\n')}

${second === undefined || last === undefined || parts.length < 3 ? '' : `* The last ${part} runs have ${(100 * (last / second - 1)).toFixed(1)} % more resident memory than runs ${part + 1} to ${2 * part}.\n`}* Machine: ${machineText(thisMachine())}. Load before and after: ${load.map((each) => each.toFixed(1)).join(' and ')}.
`;
}

function middle(sorted: readonly number[]): number {
  return sorted[Math.floor(sorted.length / 2)]!;
}
