import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { homedir, loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { causalLanguageModel, parseNetwork, parseWeights } from '@overture/models';
import { loadTokenizer } from '@overture/tokenization';
import { thisMachine } from '../machine.ts';
import { openPeerProcess } from '../peer-process.ts';
import { pythonEnvironment } from '../train/python-environment.ts';
import { writeTransformersFolder } from '../transformers-folder.ts';
import { root, writeReport } from '../write-report.ts';
import { generationReport, type MeasuredPeer } from './generation-report.ts';
import type { Done, GenerationPeer, Task } from './generation-task.ts';
import { overturePeer, smollm2 } from './overture-generation.ts';

/** Options of the generation benchmark. */
export interface BenchGenerationOptions {
  readonly rounds: number;
  readonly threads: number;
  readonly out: string;
}

const sample = 'data/sample/helpdesk.jsonl';

/**
 * Measures prompts, continuations and scored answers of SmolLM2 with Overture and with transformers in turns,
 * and compares their output.
 */
export async function benchGeneration({ rounds, threads, out }: BenchGenerationOptions): Promise<void> {
  const log = (line: string): void => void process.stderr.write(`${line}\n`);
  const python = await pythonEnvironment(process.env['OVERTURE_BENCH_PYTHON'], log);
  const base = await smollm2(join(homedir(), '.cache', 'overture', 'models'));
  const folder = await mkdtemp(join(tmpdir(), 'overture-generate-'));
  const loadBefore = loadavg()[0]!;
  const peers: GenerationPeer[] = [];
  try {
    const model = causalLanguageModel(parseNetwork(await readFile(base.files.config, 'utf8')));
    await writeTransformersFolder(folder, base, {
      model,
      weights: parseWeights(await readFile(base.files.weights), model, {
        where: base.files.weights,
        seed: 0,
      }),
    });
    peers.push(
      await overturePeer(base, { name: 'Overture', precision: 'float32', threads }),
      await pytorchPeer(python, [folder, String(threads)]),
    );
    peers.push(await overturePeer(base, { name: 'Overture, int8', precision: 'int8', threads }));
    const tasks = tasksFrom(await sampleTokens(base.files.tokenizer));
    const measured: MeasuredPeer[] = peers.map(({ name, description }) => ({
      name,
      description,
      done: Object.fromEntries(Object.keys(tasks).map((task) => [task, [] as Done[]])),
    }));
    for (let round = -1; round < rounds; round++) {
      for (const [i, peer] of peers.entries()) {
        for (const [name, task] of Object.entries(tasks)) {
          const done = await peer.run(task);
          if (round >= 0) measured[i]!.done[name]!.push(done);
          log(
            `${round < 0 ? 'warm-up' : `round ${round + 1}`}: ${peer.name}, ${name}: ${done.seconds.toFixed(2)} s`,
          );
        }
      }
    }
    await writeReport(
      out,
      generationReport({
        peers: measured,
        tasks,
        rounds,
        threads,
        machine: { ...thisMachine(), loadBefore, loadAfter: loadavg()[0]! },
      }),
    );
  } finally {
    for (const peer of peers) await peer.close();
    await rm(folder, { recursive: true, force: true });
  }
}

async function pytorchPeer(python: string, args: readonly string[]): Promise<GenerationPeer> {
  const peer = await openPeerProcess('PyTorch', python, [
    join(import.meta.dirname, 'pytorch_generation_peer.py'),
    ...args,
  ]);
  return {
    name: 'transformers',
    description: peer.description,
    run: async (task) => (await peer.ask(JSON.stringify(task))) as Done,
    close: async () => peer.close(),
  };
}

/** Token ids of the sample corpus's dialogues, concatenated. */
async function sampleTokens(tokenizerJson: string): Promise<{ ids: number[]; yes: number; no: number }> {
  const { encode } = loadTokenizer(await readFile(tokenizerJson), { where: tokenizerJson });
  const lines = (await readFile(join(root, sample), 'utf8')).trim().split('\n').slice(0, 200);
  const texts = lines.map((line) =>
    (JSON.parse(line) as { utterances: { role: string; text: string }[] }).utterances
      .map(({ role, text }) => `${role}: ${text}\n`)
      .join(''),
  );
  return { ids: encode(texts.join('\n')), yes: encode('yes')[0]!, no: encode('no')[0]! };
}

/**
 * The measured tasks by name. Prompts are slices of the text with fixed lengths, so that speeds are
 * comparable.
 */
function tasksFrom({
  ids,
  yes,
  no,
}: {
  readonly ids: readonly number[];
  readonly yes: number;
  readonly no: number;
}): Record<'prompt' | 'one, first' | 'one' | 'many, first' | 'many' | 'answers', Task> {
  const slices = (count: number, length: number, from: number): number[][] =>
    Array.from({ length: count }, (_, i) => ids.slice(from + i * length, from + (i + 1) * length));
  const generate = (prompts: readonly (readonly number[])[], tokens: number): Task => ({
    kind: 'generate',
    prompts,
    tokens,
  });
  const [one, many] = [slices(1, 128, 0), slices(16, 128, 600)];
  return {
    prompt: generate(slices(1, 512, 0), 1),
    'one, first': generate(one, 1),
    one: generate(one, 49),
    'many, first': generate(many, 1),
    many: generate(many, 17),
    answers: {
      kind: 'score',
      prefix: ids.slice(3000, 3512),
      prompts: slices(16, 96, 3600),
      answers: [yes, no],
    },
  };
}
