import { homedir } from 'node:os';
import { join } from 'node:path';
import { readFile } from 'node:fs/promises';
import { counterRandom } from '@overture/core';
import {
  loadWeights,
  parseAdapter,
  parseNetwork,
  parseWeights,
  resolveBaseModel,
  sequenceClassifier,
  type Model,
  type Pooling,
  type Weights,
} from '@overture/models';
import { openRuntime, runtimeVersion, type ExecutionProvider, type Runtime } from '@overture/runtime';
import { parseSafetensors, type Tensor } from '@overture/tensors';
import {
  FlatParameters,
  GradientStep,
  openOptimizer,
  parseFineTuneConfig,
  relativeErrors,
  trainableModel,
  type FineTuneConfig,
} from '@overture/training';
import { machineText, thisMachine } from '../machine.ts';
import { root, writeReport } from '../write-report.ts';

/** Options of the device check. */
export interface DeviceOptions {
  readonly executionProvider: ExecutionProvider;
  /** Measured steps of each contestant, after two warm-up steps. */
  readonly steps: number;
  /** The device's name for the report. */
  readonly device: string;
  readonly out: string;
}

const limit = 1e-4;

interface Gradients {
  /** Whether a second run of the same step produced the same bits. */
  readonly repeats: boolean;
  readonly loss: number;
  readonly gradients: Weights;
}

interface StepTime {
  readonly name: string;
  readonly tokens: number;
  readonly milliseconds: number;
}

/**
 * Checks gradients on an execution provider: of small networks against PyTorch, and of the real MiniLM and
 * SmolLM2 against the processor. Also times training steps on both.
 * @returns whether every relative error is within 1e-4
 */
export async function checkDevice({
  executionProvider,
  steps,
  device,
  out,
}: DeviceOptions): Promise<boolean> {
  const threads = Math.min(thisMachine().cores, 8);
  const there = openRuntime({ executionProvider, threads });
  const small = await againstPyTorch(there);
  const rows = small.map(
    ({ name, error, repeats }) =>
      `| ${name} | PyTorch, float64 | ${error.toExponential(1)} | ${yesNo(repeats)} |`,
  );
  const times: StepTime[] = [];
  let agree = small.every(({ error }) => error <= limit);
  for (const contest of contests) {
    const [here, onDevice] = [
      await measure(openRuntime({ threads }), contest, Math.min(steps, 5)),
      await measure(there, contest, steps),
    ];
    const worst = Math.max(...relativeErrors(onDevice.gradients, here.gradients).values());
    agree &&= worst <= limit;
    rows.push(
      `| ${contest.name} | the processor, float32 | ${worst.toExponential(1)} | ${yesNo(onDevice.repeats)} |`,
    );
    times.push(
      { ...here.time, name: `${contest.name}, ${threads} threads of the processor` },
      { ...onDevice.time, name: `${contest.name}, ${executionProvider}` },
    );
  }
  await writeReport(out, reportOf({ executionProvider, device, rows, times }));
  return agree;
}

function reportOf({
  executionProvider,
  device,
  rows,
  times,
}: {
  readonly executionProvider: string;
  readonly device: string;
  readonly rows: readonly string[];
  readonly times: readonly StepTime[];
}): string {
  return [
    `# Training on ${executionProvider}`,
    '',
    `Written by \`npm run bench -- device --provider ${executionProvider}\`: ${device}; ${machineText(thisMachine())}; Node ${process.versions.node}, onnxruntime-node ${runtimeVersion()}.`,
    '',
    '**Gradients of one step, the largest relative error of all parameters**',
    '',
    '| network | against | error | a second run gives the same bits |',
    '|---|---|---:|---|',
    ...rows,
    '',
    '**A whole training step (loss, gradients, AdamW), median**',
    '',
    '| | ms a step | tokens/s |',
    '|---|---:|---:|',
    ...times.map(
      ({ name, tokens, milliseconds }) =>
        `| ${name} | ${milliseconds.toFixed(1)} | ${Math.round((1000 * tokens) / milliseconds).toLocaleString('en-US')} |`,
    ),
    '',
  ].join('\n');
}

interface Classified {
  readonly config: unknown;
  readonly pooling: Pooling;
}
interface Reference {
  readonly sequences: number[][];
  readonly labels: number[];
  readonly classWeights: [number, number];
  readonly classifiers: Readonly<Record<string, Classified>>;
  readonly lora: Classified;
}

interface Compared {
  readonly name: string;
  readonly error: number;
  readonly repeats: boolean;
}

function yesNo(yes: boolean): string {
  return yes ? 'yes' : 'no';
}

/** The small networks of tools/reference/pytorch/small_networks.py. */
async function againstPyTorch(runtime: Runtime): Promise<Compared[]> {
  const folder = join(root, 'libs', 'training', 'src', 'reference', 'networks');
  const bytesOf = (name: string): Promise<Uint8Array> => readFile(join(folder, name));
  const tensorsOf = async (name: string): Promise<ReadonlyMap<string, Tensor>> =>
    parseSafetensors(await bytesOf(name), name).tensors;
  const text = async (name: string): Promise<string> => new TextDecoder().decode(await bytesOf(name));
  const { sequences, labels, classWeights, classifiers, lora } = JSON.parse(
    await text('networks.json'),
  ) as Reference;
  const compare = async (
    name: string,
    { model, weights }: { model: Model; weights: Weights },
    pooling: Pooling,
  ): Promise<Compared> => {
    const { gradients, repeats } = await gradientsOn(
      runtime,
      { model, weights, pooling, classWeights },
      { sequences, labels },
    );
    return {
      name: `small ${name}`,
      repeats,
      error: Math.max(
        ...relativeErrors(gradients, await tensorsOf(`${name}-gradients.safetensors`)).values(),
      ),
    };
  };
  const results: Compared[] = [];
  for (const [name, { config, pooling }] of Object.entries(classifiers)) {
    const model = sequenceClassifier(parseNetwork(config), { classes: 2 });
    results.push(
      await compare(
        name,
        {
          model,
          weights: loadWeights(await tensorsOf(`${name}.safetensors`), model, { where: name, seed: 0 }),
        },
        pooling,
      ),
    );
  }
  const base = {
    model: sequenceClassifier(parseNetwork(lora.config), { classes: 2 }),
    tensors: await tensorsOf('llama-lora-base.safetensors'),
  };
  const adapter = {
    config: await text('llama-lora/adapter_config.json'),
    weights: await bytesOf('llama-lora/adapter_model.safetensors'),
  };
  results.push(
    await compare('llama-lora', parseAdapter(adapter, base, { where: 'llama-lora', seed: 0 }), lora.pooling),
  );
  return results;
}

interface Contest {
  readonly name: string;
  readonly base: string;
  readonly length: number;
  readonly training: Partial<FineTuneConfig>;
}

const contests: readonly Contest[] = [
  { name: 'MiniLM, all weights, 16 × 128 tokens', base: 'minilm', length: 128, training: { batchSize: 16 } },
  {
    name: 'SmolLM2-135M, LoRA rank 8, 8 × 80 tokens',
    base: 'smollm2',
    length: 80,
    training: {
      batchSize: 8,
      pooling: 'last',
      lora: { rank: 8, alpha: 16, targets: 'all-linear', dropout: 0 },
    },
  },
];

async function measure(
  runtime: Runtime,
  { base: name, length, training }: Contest,
  steps: number,
): Promise<Gradients & { readonly time: Omit<StepTime, 'name'> }> {
  const config = parseFineTuneConfig(training);
  const base = await resolveBaseModel(name, {
    cacheDir: join(homedir(), '.cache', 'overture', 'models'),
    env: process.env,
  });
  const network = parseNetwork(await readFile(base.files.config, 'utf8'), base.files.config);
  const model = trainableModel(network, config);
  const weights = parseWeights(await readFile(base.files.weights), model, {
    where: base.files.weights,
    seed: 0,
  });
  const random = counterRandom(0, 'device');
  const sequences = Array.from({ length: config.batchSize }, (_, i) =>
    Array.from(
      { length: length - random.below(i, length / 2) },
      (__, k) => 4 + random.below(1000 * (i + 1) + k, network.size.vocabSize - 4),
    ),
  );
  const labels = sequences.map((_, i) => i % 2);
  const parameters = new FlatParameters(model);
  parameters.load(weights);
  const step = await GradientStep.open(runtime, {
    model,
    parameters,
    batchSize: config.batchSize,
    pooling: config.pooling,
    classWeights: [0.8, 1.35],
  });
  const optimizer = openOptimizer(parameters, config);
  const loss = await step.run({ sequences, labels });
  const gradients = parameters.toGradients();
  await step.run({ sequences, labels });
  const repeats = same(gradients, parameters.toGradients());
  const taken: number[] = [];
  for (let count = 1; count <= steps + 2; count++) {
    const start = performance.now();
    await step.run({ sequences, labels });
    optimizer.update(count, 1e-6, optimizer.gradientNorm());
    if (count > 2) taken.push(performance.now() - start);
  }
  await step.close();
  return {
    loss,
    gradients,
    repeats,
    time: {
      tokens: sequences.flat().length,
      milliseconds: taken.sort((a, b) => a - b)[Math.floor(taken.length / 2)]!,
    },
  };
}

async function gradientsOn(
  runtime: Runtime,
  {
    model,
    weights,
    pooling,
    classWeights,
  }: { model: Model; weights: Weights; pooling: Pooling; classWeights: [number, number] },
  batch: { sequences: number[][]; labels: number[] },
): Promise<Gradients> {
  const parameters = new FlatParameters(model);
  parameters.load(weights);
  const step = await GradientStep.open(runtime, {
    model,
    parameters,
    batchSize: batch.sequences.length,
    pooling,
    classWeights,
  });
  const loss = await step.run(batch);
  const gradients = parameters.toGradients();
  await step.run(batch);
  await step.close();
  return { loss, gradients, repeats: same(gradients, parameters.toGradients()) };
}

function same(some: Weights, others: Weights): boolean {
  return [...some].every(
    ([name, { data }]) => Buffer.compare(bytesOf(data), bytesOf(others.get(name)!.data)) === 0,
  );
}

function bytesOf(data: Tensor['data']): Uint8Array {
  return new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
}
