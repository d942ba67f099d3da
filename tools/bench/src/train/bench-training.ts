import { mkdtemp, rm } from 'node:fs/promises';
import { homedir, loadavg, tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { resolveBaseModel } from '@overture/models';
import { thisMachine } from '../machine.ts';
import { root, writeReport } from '../write-report.ts';
import { startPeer, type Peer, type PeerStep } from './peer.ts';
import { prepareTokens } from './prepare-tokens.ts';
import { pythonEnvironment } from './python-environment.ts';
import { summarise } from './summarise.ts';
import { trainingReport } from './training-report.ts';

export interface BenchTrainingOptions {
  readonly corpus: string | undefined;
  /** How often the two take turns. */
  readonly rounds: number;
  /** Optimizer steps per turn. */
  readonly batches: number;
  readonly threads: number;
  readonly out: string;
}

const warmUpSteps = 3; // the first steps grow the arenas
const maxLength = 256;

/** Measures both trainers in turns and writes the report. */
export async function benchTraining(options: BenchTrainingOptions): Promise<void> {
  const log = (line: string): void => void process.stderr.write(`${line}\n`);
  const python = await pythonEnvironment(process.env['OVERTURE_BENCH_PYTHON'], log);
  const model = await resolveBaseModel('minilm', { cacheDir: join(homedir(), '.cache', 'overture', 'models'), env: process.env });
  const folder = await mkdtemp(join(tmpdir(), 'overture-bench-'));
  const peers: Peer[] = [];
  try {
    const tokensFile = join(folder, 'tokens.safetensors');
    const corpus = options.corpus ?? join(root, 'data', 'sample', 'helpdesk.jsonl');
    const data = await prepareTokens(corpus, model.files.tokenizer, tokensFile, maxLength);
    const threads = String(options.threads);
    peers.push(await startPeer('Overture', process.execPath, [join(import.meta.dirname, 'overture-peer.ts'), tokensFile, model.files.weights, model.files.config, threads]));
    peers.push(await startPeer('PyTorch', python, [join(import.meta.dirname, 'pytorch_peer.py'), tokensFile, dirname(model.files.weights), threads]));
    const before = loadavg()[0];
    const rounds = await inTurns(peers, options, log);
    const report = trainingReport({
      ...options, ...data, corpus: options.corpus === undefined ? 'the sample corpus' : 'a corpus given by path', maxLength,
      peers: peers.map(({ name, description }, i) => ({ name, description, ...summarise(rounds[i]) })),
      machine: { ...thisMachine(), loadBefore: before, loadAfter: loadavg()[0] },
    });
    await writeReport(options.out, report);
  } finally {
    for (const peer of peers) peer.close();
    await rm(folder, { recursive: true, force: true });
  }
}

/** By peer, by round, the steps. Peers change places after every round, so that neither always goes first. */
async function inTurns(peers: readonly Peer[], { rounds, batches }: BenchTrainingOptions, log: (line: string) => void): Promise<PeerStep[][][]> {
  for (const peer of peers) for (let i = 0; i < warmUpSteps; i++) await peer.step();
  const results: PeerStep[][][] = peers.map(() => []);
  for (let round = 0; round < rounds; round++) {
    const order = peers.map((_, i) => (i + round) % peers.length);
    for (const i of order) {
      const steps: PeerStep[] = [];
      for (let k = 0; k < batches; k++) steps.push(await peers[i].step());
      results[i].push(steps);
      const { tokensPerSecond, tokensPerCpuSecond } = summarise([steps]);
      log(`round ${round + 1}/${rounds} ${peers[i].name}: ${tokensPerSecond.toFixed(0)} tokens/s, ${tokensPerCpuSecond.toFixed(0)} per processor second`);
    }
  }
  return results;
}
