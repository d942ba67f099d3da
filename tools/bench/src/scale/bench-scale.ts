import { loadavg, tmpdir } from 'node:os';
import { mkdtemp, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { writeReport } from '../write-report.ts';
import { compareBaselines, type BaselineComparison } from './compare-baselines.ts';
import { makeCorpus } from './make-corpus.ts';
import { measureCancels, type CancelLatency } from './measure-cancels.ts';
import { measureWorkflow, type MeasuredWorkflow } from './measure-workflow.ts';
import { scaleReport } from './scale-report.ts';
import { workerWorld } from './worker-world.ts';

/** How much, and where the report goes. */
export interface ScaleBenchOptions {
  /** Conversations of each corpus, smallest first. */
  readonly sizes: readonly number[];
  readonly seed: number;
  /** Of the comparison with scikit-learn, after one to warm up. */
  readonly rounds: number;
  readonly out: string;
}

/** Everything that was measured on one corpus. */
export interface MeasuredSize {
  readonly conversations: number;
  readonly bytes: number;
  readonly workflows: readonly MeasuredWorkflow[];
  readonly baselines: BaselineComparison;
}

/** Trains, cross-validates and predicts on invented corpora of rising size, and writes time, growth, memory, silence and how long a cancel takes. */
export async function benchScale({ sizes, seed, rounds, out }: ScaleBenchOptions): Promise<void> {
  const log = (line: string): void => void process.stderr.write(`${line}\n`);
  const folder = await mkdtemp(join(tmpdir(), 'overture-scale-corpora-'));
  const load = loadavg()[0]!;
  try {
    const measured: MeasuredSize[] = [];
    let cancels: readonly CancelLatency[] = [];
    for (const conversations of sizes) {
      const corpus = join(folder, `${conversations}.jsonl`);
      await makeCorpus(corpus, { conversations, seed });
      const { size: bytes } = await stat(corpus);
      log(`${conversations} conversations, ${(bytes / 2 ** 20).toFixed(0)} MiB`);
      await using world = await workerWorld('scale');
      const input = { base: 'tiny', corpus: { uri: corpus }, onStageFailure: 'fail' };
      const workflows = [
        await measureWorkflow(world, 'trainInitiativeModel', { ...input, name: 'scale' }, { log }),
        await measureWorkflow(world, 'crossValidate', { base: 'tiny', corpus: { uri: corpus }, folds: 2, onStageFailure: 'fail' }, { log, nested: 'crossValidateFold' }),
      ];
      if (conversations === sizes.at(-1)) cancels = await measureCancels(world, input, { stages: workflows[0]!.stages.map(({ stage }) => stage), log });
      measured.push({ conversations, bytes, workflows, baselines: await compareBaselines(corpus, { folder, rounds, log }) });
      await writeReport(out, scaleReport({ measured, cancels, seed, load: [load, loadavg()[0]!] })); // what is measured is kept, should the next size fail
    }
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
