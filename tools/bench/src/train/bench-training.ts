import { mkdtemp, rm } from 'node:fs/promises';
import { homedir, loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { resolveBaseModel, type BaseModel } from '@overture/models';
import { thisMachine } from '../machine.ts';
import { root, writeReport } from '../write-report.ts';
import { encoderContest, loraContest, type Contest, type ContestOptions } from './contests.ts';
import type { Peer, PeerStep } from './peer.ts';
import { prepareTokens } from './prepare-tokens.ts';
import { pythonEnvironment } from './python-environment.ts';
import { summarize } from './summarize.ts';
import { trainingReport, type ContestResult } from './training-report.ts';

/** Options of the training benchmark. */
export interface BenchTrainingOptions {
  readonly corpus: string | undefined;
  /** Number of rounds. */
  readonly rounds: number;
  /** Optimizer steps per turn. */
  readonly batches: number;
  readonly threads: number;
  /** Only the contest on this base model. Default: all. */
  readonly only?: string;
  readonly out: string;
}

const maxLength = 256;

/** The contests, with the base model that is trained. */
const contests: readonly (readonly [base: string, (given: ContestOptions) => Contest | Promise<Contest>])[] =
  [
    ['minilm', (given) => encoderContest(given, 'cls')],
    ['minilm', (given) => encoderContest(given, 'mean')],
    ['smollm2', loraContest],
  ];

/** Measures the trainers of each contest in turns and writes the report. */
export async function benchTraining(options: BenchTrainingOptions): Promise<void> {
  const log = (line: string): void => void process.stderr.write(`${line}\n`);
  const python = await pythonEnvironment(process.env['OVERTURE_BENCH_PYTHON'], log);
  const corpus = options.corpus ?? join(root, 'data', 'sample', 'helpdesk.jsonl');
  const folder = await mkdtemp(join(tmpdir(), 'overture-bench-'));
  try {
    const contestOn = async (
      name: string,
      contest: (given: ContestOptions) => Contest | Promise<Contest>,
    ): Promise<ContestResult> => {
      const base = await baseModel(name);
      const tokensFile = join(folder, `${name}.safetensors`);
      const data = await prepareTokens(corpus, base.files.tokenizer, tokensFile, maxLength);
      return {
        ...data,
        ...(await hold(await contest({ ...options, python, base, tokensFile, folder }), options.rounds, log)),
      };
    };
    const before = loadavg()[0];
    const results: ContestResult[] = [];
    for (const [name, contest] of contests)
      if (options.only === undefined || options.only === name) results.push(await contestOn(name, contest));
    const machine = { ...thisMachine(), loadBefore: before, loadAfter: loadavg()[0] };
    await writeReport(
      options.out,
      trainingReport({
        ...options,
        corpus: options.corpus === undefined ? 'the sample corpus' : 'a corpus given by path',
        maxLength,
        results,
        machine,
      }),
    );
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

function baseModel(name: string): Promise<BaseModel> {
  return resolveBaseModel(name, {
    cacheDir: join(homedir(), '.cache', 'overture', 'models'),
    env: process.env,
  });
}

/**
 * Starts the trainers, lets them take turns, and ends them. Their order changes after every round, so that
 * none always goes first.
 */
async function hold(
  contest: Contest,
  rounds: number,
  log: (line: string) => void,
): Promise<Omit<ContestResult, 'examples' | 'tokens'>> {
  const { contestants, title, task } = contest;
  const peers: Peer[] = [];
  try {
    for (const contestant of contestants) {
      log(`${title}: starting ${contestant.name}`);
      peers.push(await contestant.start());
      for (let i = 0; i < contestant.warmUpSteps; i++) await peers.at(-1)!.step();
    }
    const turns: PeerStep[][][] = contestants.map(() => []);
    for (let round = 0; round < rounds; round++) {
      for (const i of contestants.map((_, place) => (place + round) % contestants.length)) {
        const steps: PeerStep[] = [];
        for (let k = 0; k < contestants[i].stepsPerTurn; k++) steps.push(await peers[i].step());
        turns[i].push(steps);
        const { tokensPerSecond, tokensPerCpuSecond } = summarize([steps]);
        log(
          `${title}, round ${round + 1}/${rounds}, ${peers[i].name}: ${tokensPerSecond.toFixed(0)} tokens/s, ${tokensPerCpuSecond.toFixed(0)} per processor second`,
        );
      }
    }
    return {
      title,
      task,
      peers: peers.map(({ name, description }, i) => ({ name, description, ...summarize(turns[i]) })),
    };
  } finally {
    for (const peer of peers) peer.close();
  }
}
