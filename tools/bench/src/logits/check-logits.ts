import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { graphBuilder, type Graph, type Value } from '@overture/graph';
import {
  blockTensor,
  causalLanguageModel,
  chooseTokens,
  exportModel,
  packBatch,
  packedLayout,
  parameterSource,
  readsOf,
  parseNetwork,
  parseWeights,
  resolveBaseModel,
  sequenceClassifier,
  type Model,
  type Pooling,
  type Weights,
} from '@overture/models';
import { openRuntime } from '@overture/runtime';
import { int64, type Tensor } from '@overture/tensors';
import { loadTokenizer } from '@overture/tokenization';
import { checkTransformersJs } from './check-transformers-js.ts';
import { pythonEnvironment } from '../train/python-environment.ts';
import { writeTransformersFolder } from '../transformers-folder.ts';

const limit = 1e-3;
const script = join(import.meta.dirname, '..', '..', '..', 'reference', 'pytorch', 'real_logits.py');
const texts = [
  'turn 1\nuser: My printer is offline. What can I do?',
  'turn 2\nuser: How do I reset my password?\nsystem: Which account do you mean?\nuser: The one for the store, on Windows 10.',
  'Naïve café, 12345 items – “quoted”, 日本語 🙂',
  'The update fails with error 0x80070005 every time. '.repeat(8),
];

interface Reference {
  readonly torch: string;
  readonly results: readonly { readonly ids: number[]; readonly logits: number[] }[];
}

/**
 * Compares the logits of the real MiniLM and SmolLM2 with PyTorch's on the same weights, and the
 * probabilities of a MiniLM bundle with those of transformers.js.
 * @param bundles folders of fine-tuned bundles to compare, in addition to one with an untrained head
 * @returns whether all differences are within their limits
 */
export async function checkLogits(bundles: readonly string[]): Promise<boolean> {
  const python = await pythonEnvironment(
    process.env['OVERTURE_BENCH_PYTHON'],
    (line) => void process.stderr.write(`${line}\n`),
  );
  const minilm = await checkModel(python, 'minilm', 'mean');
  const smollm2 = await checkModel(python, 'smollm2', 'last');
  const bundle = await checkTransformersJs(bundles);
  return minilm && smollm2 && bundle;
}

async function checkModel(python: string, name: string, pooling: Pooling): Promise<boolean> {
  const base = await resolveBaseModel(name, {
    cacheDir: join(homedir(), '.cache', 'overture', 'models'),
    env: process.env,
  });
  const network = parseNetwork(await readFile(base.files.config, 'utf8'), base.files.config);
  const causal = network.head.causal !== undefined;
  const model = causal ? causalLanguageModel(network) : sequenceClassifier(network, { classes: 2 });
  const weights = parseWeights(await readFile(base.files.weights), model, {
    where: base.files.weights,
    seed: 0,
  });
  const tokenizer = loadTokenizer(await readFile(base.files.tokenizer), { where: base.files.tokenizer });
  const sequences = texts.map((text) => tokenizer.encode(text, { frame: true }));

  const folder = await mkdtemp(join(tmpdir(), 'overture-logits-'));
  try {
    await writeTransformersFolder(folder, base, { model, weights });
    await writeFile(join(folder, 'texts.json'), JSON.stringify({ texts, causal }));
    await promisify(execFile)(python, [script, folder]);
    const { torch, results } = JSON.parse(await readFile(join(folder, 'logits.json'), 'utf8')) as Reference;
    const sameIds = results.every(({ ids }, i) => ids.join() === sequences[i]!.join());
    const expected = results.map(({ logits }) => logits);
    const packed = difference(await packedLogits(model, weights, { sequences, pooling }), expected);
    const exported = difference(await exportedLogits(model, weights, { sequences, pooling }), expected);
    process.stdout.write(
      `${name} against PyTorch ${torch} in float64, ${texts.length} texts of ${sequences.map(({ length }) => length).join(', ')} tokens, ${model.outputs} logits each: ids ${sameIds ? 'equal to' : 'DIFFERENT from'} those of Rust's tokenizers; largest difference ${packed.toExponential(1)} packed, ${exported.toExponential(1)} exported (limit ${limit}).\n`,
    );
    return sameIds && packed <= limit && exported <= limit;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

interface Asked {
  readonly sequences: readonly (readonly number[])[];
  readonly pooling: Pooling;
}

/** One row of logits per text, from the graph used in training. */
async function packedLogits(
  model: Model,
  weights: Weights,
  { sequences, pooling }: Asked,
): Promise<number[][]> {
  await using session = await openRuntime().load(packedGraph(model, sequences.length, pooling));
  const feeds: Record<string, Tensor> = packBatch(sequences, sequences.length, pooling);
  for (const block of model.parameters) feeds[block.name] = blockTensor(block, weights);
  const ends = sequences.map((_, i) =>
    sequences.slice(0, i + 1).reduce((sum, { length }) => sum + length, 0),
  );
  if (model.task === 'causal')
    Object.assign(
      feeds,
      chooseTokens(
        ends.map((end) => end - 1),
        ends.at(-1)!,
      ),
    );
  const { logits } = await session.run(feeds);
  return sequences.map((_, i) => row(logits!, i, model.outputs));
}

function packedGraph(model: Model, sequences: number, pooling: Pooling): Graph {
  const builder = graphBuilder('packed');
  const values = new Map<string, Value>(
    model.parameters.map(({ name, shape }) => [name, builder.parameter(name, shape)]),
  );
  builder.output(
    'logits',
    model.logits(
      packedLayout(builder, sequences, { reads: readsOf(model, pooling) }),
      parameterSource((name) => values.get(name)),
    ),
  );
  return builder.build();
}

/** The same from the padded ONNX file in a bundle. */
async function exportedLogits(
  model: Model,
  weights: Weights,
  { sequences, pooling }: Asked,
): Promise<number[][]> {
  await using session = await openRuntime().load(exportModel(model, weights, { pooling }), {
    name: 'exported',
  });
  const length = Math.max(...sequences.map((sequence) => sequence.length));
  const shape = [sequences.length, length];
  const padded = (of: (id: number | undefined) => number): Tensor =>
    int64(
      shape,
      sequences.flatMap((sequence) => Array.from({ length }, (_, i) => of(sequence[i]))),
    );
  const feeds: Record<string, Tensor> = {
    input_ids: padded((id) => id ?? 0),
    attention_mask: padded((id) => Number(id !== undefined)),
    token_type_ids: int64(shape),
  };
  const { logits } = await session.run(
    Object.fromEntries(session.inputs.map((name) => [name, feeds[name]!])),
  );
  return sequences.map((sequence, i) =>
    row(logits!, model.task === 'causal' ? i * length + sequence.length - 1 : i, model.outputs),
  );
}

function row({ data }: Tensor, index: number, width: number): number[] {
  return Array.from((data as Float32Array).subarray(index * width, (index + 1) * width));
}

function difference(got: readonly (readonly number[])[], expected: readonly (readonly number[])[]): number {
  return expected.reduce(
    (most, logits, i) =>
      logits.reduce((sofar, logit, k) => Math.max(sofar, Math.abs(logit - got[i]![k]!)), most),
    0,
  );
}
