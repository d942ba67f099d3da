import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { homedir, loadavg, tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { resolveBaseModel } from '@overture/models';
import { exampleEncoder, loadTokenizer } from '@overture/tokenization';
import { thisMachine } from '../machine.ts';
import { openPeerProcess, type PeerProcess } from '../peer-process.ts';
import { pythonEnvironment } from '../train/python-environment.ts';
import type { Answered } from './answer-all.ts';
import { writeReport } from '../write-report.ts';
import { benchBundle, maxLength, sampleExamples } from './bench-bundle.ts';
import { predictionReport } from './prediction-report.ts';

/** Options of the prediction benchmark. */
export interface BenchPredictionOptions {
  readonly corpus: string | undefined;
  /** Number of measured rounds. */
  readonly rounds: number;
  readonly requests: number;
  readonly threads: number;
  readonly out: string;
}

/** Numbers of concurrent callers. */
const concurrencies = [1, 16] as const;

/** Measures all peers in turns and writes the report. */
export async function benchPrediction(options: BenchPredictionOptions): Promise<void> {
  const log = (line: string): void => void process.stderr.write(`${line}\n`);
  const python = await pythonEnvironment(process.env['OVERTURE_BENCH_PYTHON'], log);
  const model = await resolveBaseModel('minilm', {
    cacheDir: join(homedir(), '.cache', 'overture', 'models'),
    env: process.env,
  });
  const folder = await mkdtemp(join(tmpdir(), 'overture-bench-'));
  const peers: (PeerProcess & { readonly name: string })[] = [];
  try {
    const examples = await sampleExamples(options);
    const requests = join(folder, 'requests.json');
    const encode = exampleEncoder(loadTokenizer(await readFile(model.files.tokenizer)), { maxLength });
    await writeFile(
      requests,
      JSON.stringify(examples.map((example) => ({ example, text: encode(example).text }))),
    );
    const bundle = join(folder, 'bundle');
    const tokens = await benchBundle(model, { examples, folder: bundle });
    const threads = String(options.threads);
    const here = (file: string): string => join(import.meta.dirname, file);
    const open = async (name: string, command: string, args: readonly string[]): Promise<void> => {
      peers.push({ name, ...(await openPeerProcess(name, command, args)) });
    };
    await open('Overture', process.execPath, [
      here('overture-peer.ts'),
      requests,
      bundle,
      threads,
      threads,
      'float32',
    ]);
    await open('Overture, one process', process.execPath, [
      here('overture-peer.ts'),
      requests,
      bundle,
      threads,
      '1',
      'float32',
    ]);
    await open('Overture, int8', process.execPath, [
      here('overture-peer.ts'),
      requests,
      bundle,
      threads,
      threads,
      'int8',
    ]);
    await open('PyTorch, one by one', python, [
      here('pytorch_peer.py'),
      requests,
      dirname(model.files.weights),
      threads,
      'single',
    ]);
    await open('PyTorch, batched', python, [
      here('pytorch_peer.py'),
      requests,
      dirname(model.files.weights),
      threads,
      'batched',
    ]);
    await open('transformers.js', process.execPath, [
      here('transformers-js-peer.ts'),
      requests,
      bundle,
      threads,
    ]);
    const before = loadavg()[0];
    const rounds = await inTurns(peers, options.rounds, log);
    const report = predictionReport({
      corpus: options.corpus === undefined ? 'the sample corpus' : 'a corpus given by path',
      requests: examples.length,
      tokens,
      maxLength,
      threads: options.threads,
      concurrencies,
      peers: peers.map(({ name, description }, i) => ({ name, description, rounds: rounds[i] })),
      machine: { ...thisMachine(), loadBefore: before, loadAfter: loadavg()[0] },
    });
    await writeReport(options.out, report);
  } finally {
    for (const peer of peers) peer.close();
    await rm(folder, { recursive: true, force: true });
  }
}

/**
 * The rounds by peer and by concurrency. The order of peers changes after every round. A first round warms up
 * and does not count.
 */
async function inTurns(
  peers: readonly (PeerProcess & { readonly name: string })[],
  rounds: number,
  log: (line: string) => void,
): Promise<Answered[][][]> {
  const results: Answered[][][] = peers.map(() => concurrencies.map(() => []));
  for (let round = -1; round < rounds; round++) {
    for (const i of peers.map((_, at) => (at + Math.max(round, 0)) % peers.length)) {
      for (const [k, concurrency] of concurrencies.entries()) {
        const answered = (await peers[i].ask(String(concurrency))) as Answered;
        log(
          `${round < 0 ? 'warm-up' : `round ${round + 1}/${rounds}`} ${peers[i].name}, ${concurrency} at a time: ${(answered.latencies.length / answered.seconds).toFixed(1)} a second`,
        );
        if (round >= 0) results[i][k].push(answered);
      }
    }
  }
  return results;
}
