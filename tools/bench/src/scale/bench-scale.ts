import { loadavg, tmpdir } from 'node:os';
import { mkdtemp, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { writeReport } from '../write-report.ts';
import { compareBaselines } from './compare-baselines.ts';
import { makeCorpus } from './make-corpus.ts';
import { measureCancels } from './measure-cancels.ts';
import { measureCommand } from './measure-command.ts';
import { measureWorkflow } from './measure-workflow.ts';
import { writeOpenConversations } from './open-conversations.ts';
import { scaleReport } from './scale-report.ts';
import { addResult, readResults, type PhaseName, type PhaseResults } from './scale-results.ts';
import { workerWorld, type WorkerWorld } from './worker-world.ts';

/** The sizes and phases of the scale benchmark, and the path of its report. */
export interface ScaleBenchOptions {
  /** Conversations of each corpus, smallest first. */
  readonly sizes: readonly number[];
  readonly seed: number;
  /** Default: all phases. */
  readonly only?: readonly string[];
  /**
   * Path of the report in the project. Measurements are stored beside it as JSON. Phases that are not
   * measured now are read from there.
   */
  readonly out: string;
}

/** The context of a phase. */
interface PhaseContext {
  readonly corpus: string;
  readonly folder: string;
  readonly conversations: number;
  log(line: string): void;
  /** Servers and a worker, shared by all phases of a corpus. */
  world(): Promise<WorkerWorld>;
  /** The training job, measured when a phase first needs it. */
  trained(): Promise<PhaseResults['train']>;
}

const trainInput = (corpus: string): object => ({
  base: 'tiny',
  corpus: { uri: corpus },
  name: 'scale',
  onStageFailure: 'fail',
});

/** The phases in order of execution: those that need a trained model follow the training. */
const phases: { readonly [Name in PhaseName]: (context: PhaseContext) => Promise<PhaseResults[Name]> } = {
  train: ({ trained }) => trained(),
  async evaluate({ trained, world, corpus, log }) {
    await trained();
    return measureCommand(
      await world(),
      ['evaluate', '--model', 'scale', '--corpus', corpus, '--split', 'test', '--json'],
      { log },
    );
  },
  async predict({ trained, world, corpus, folder, log }) {
    await trained();
    const open = join(folder, 'open.jsonl');
    await writeOpenConversations(corpus, open);
    return measureCommand(await world(), ['predict', '--model', 'scale', open], { log });
  },
  async cancel({ trained, world, corpus, log }) {
    const { stages } = await trained();
    return measureCancels(await world(), trainInput(corpus), {
      stages: stages.map(({ stage }) => stage),
      log,
    });
  },
  crossvalidate: async ({ world, corpus, log }) =>
    measureWorkflow(
      await world(),
      'crossValidate',
      { base: 'tiny', corpus: { uri: corpus }, folds: 2, seeds: [0], onStageFailure: 'fail' },
      { log, nested: 'crossValidateFold' },
    ),
  // On a large corpus a round takes minutes, so the startup time is negligible.
  baselines: ({ corpus, folder, conversations, log }) =>
    compareBaselines(corpus, { folder, rounds: conversations > 20_000 ? 1 : 4, log }),
};

const phaseNames = Object.keys(phases) as PhaseName[];

/**
 * Trains, evaluates, predicts, cancels and cross-validates on invented corpora of increasing size, and
 * compares baselines with scikit-learn's. Reports times, growth, memory and pauses. A failed phase does not
 * affect the others.
 * @returns whether every phase succeeded
 */
export async function benchScale({
  sizes,
  seed,
  only = phaseNames,
  out,
}: ScaleBenchOptions): Promise<boolean> {
  const unknown = only.filter((name) => !phaseNames.includes(name as PhaseName));
  if (unknown.length > 0)
    throw new Error(
      `--only must name phases of scale: ${phaseNames.join(', ')}. Got ${unknown.join(', ')} instead.`,
    );
  const log = (line: string): void =>
    void process.stderr.write(`${new Date().toISOString().slice(11, 19)} ${line}\n`);
  if (!out.endsWith('.md'))
    throw new Error(
      `--out of scale must end in .md, because the measurements are written to a .json file beside it. Got ${out} instead.`,
    );
  const file = out.replace(/\.md$/, '.json');
  let results = await readResults(file, seed);
  let failed = false;
  for (const conversations of sizes) {
    await using left = new AsyncDisposableStack();
    const folder = await mkdtemp(join(tmpdir(), 'overture-scale-corpora-'));
    left.defer(() => rm(folder, { recursive: true, force: true }));
    const corpus = join(folder, `${conversations}.jsonl`);
    await makeCorpus(corpus, { conversations, seed });
    const { size: bytes } = await stat(corpus);
    log(`${conversations} conversations, ${(bytes / 2 ** 20).toFixed(0)} MiB`);
    const world = once(async () => left.use(await workerWorld('scale')));
    const trained = once(async () =>
      measureWorkflow(await world(), 'trainInitiativeModel', trainInput(corpus), { log }),
    );
    for (const phase of phaseNames.filter((name) => only.includes(name))) {
      const load = loadavg()[0]!;
      try {
        const result = await phases[phase]({ corpus, folder, conversations, log, world, trained });
        results = await addResult(file, results, { conversations, bytes, phase, load, result });
      } catch (error) {
        failed = true;
        log(
          `${phase} failed with ${conversations} conversations: ${(error as Error).stack ?? String(error)}`,
        );
      }
    }
  }
  if (Object.keys(results.sizes).length > 0) await writeReport(out, scaleReport(results));
  return !failed;
}

/** Computes a value on first use. */
function once<T>(compute: () => Promise<T>): () => Promise<T> {
  let value: Promise<T> | undefined;
  return () => (value ??= compute());
}
