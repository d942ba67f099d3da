import { readFile } from 'node:fs/promises';
import {
  graphBuilder,
  logSoftmax,
  mul,
  div,
  neg,
  reduceSum,
  withGradients,
  type Value,
} from '@overture/graph';
import {
  blockTensor,
  causalLanguageModel,
  chooseTokens,
  loadWeights,
  packBatch,
  packedLayout,
  parameterSource,
  readsOf,
  parseAdapter,
  parseNetwork,
  sequenceClassifier,
  type Model,
  type Pooling,
  type Weights,
} from '@overture/models';
import { openRuntime } from '@overture/runtime';
import { float32, parseSafetensors, type Tensor } from '@overture/tensors';
import { describe, expect, it } from 'vitest';
import { relativeErrors } from './relative-errors.ts';

// Numbers from PyTorch in float64, the adapter from PEFT: tools/reference/pytorch/small_networks.py
interface Classified {
  readonly config: unknown;
  readonly pooling: Pooling;
  readonly loss: number;
  readonly logits: readonly (readonly number[])[];
}
interface Reference {
  readonly sequences: number[][];
  readonly labels: number[];
  readonly classWeights: [number, number];
  readonly classifiers: Readonly<Record<string, Classified>>;
  readonly causal: {
    readonly config: unknown;
    readonly chosen: readonly [number, number][];
    readonly loss: number;
    readonly logits: number[][];
  };
  readonly lora: Classified;
}

const bytesOf = (name: string): Promise<Uint8Array> =>
  readFile(new URL(`./reference/networks/${name}`, import.meta.url));
const tensorsOf = async (name: string): Promise<ReadonlyMap<string, Tensor>> =>
  parseSafetensors(await bytesOf(name), name).tensors;
const reference = JSON.parse(new TextDecoder().decode(await bytesOf('networks.json'))) as Reference;
const { sequences, labels, classWeights } = reference;

/** Loss, logits, and the gradient of every part, from one run of the packed graph. */
async function differentiate(
  model: Model,
  weights: Weights,
  at: { pooling: Pooling; targets: Tensor; normalizer: number; choice?: Record<string, Tensor> },
): Promise<{ loss: number; logits: Tensor; gradients: Weights }> {
  const builder = graphBuilder('gradients');
  const values = new Map<string, Value>();
  for (const { name, shape } of model.parameters) values.set(name, builder.parameter(name, shape));
  for (const { name, shape } of model.frozen) values.set(name, builder.input(name, 'float32', shape));
  const logits = model.logits(
    packedLayout(builder, sequences.length, { reads: readsOf(model, at.pooling) }),
    parameterSource((name) => values.get(name)),
  );
  const targets = builder.input('targets', 'float32', logits.shape);
  const loss = div(reduceSum(neg(mul(targets, logSoftmax(logits)))), at.normalizer);
  builder.output('loss', loss);
  builder.output('logits', logits);
  const found = withGradients(
    loss,
    model.parameters.map(({ name }) => values.get(name)!),
  );
  for (const gradient of found) {
    if (gradient.kind !== 'rows') builder.output(`d ${gradient.parameter.name}`, gradient.value);
    if (gradient.kind === 'dense') continue;
    gradient.parts.forEach((part, i) => {
      builder.output(`rows ${i} ${gradient.parameter.name}`, part.values);
      builder.output(`places ${i} ${gradient.parameter.name}`, part.indices);
    });
  }
  await using session = await openRuntime({ threads: 1 }).load(builder.build());
  const fed = Object.fromEntries(
    [...model.parameters, ...model.frozen].map((block) => [block.name, blockTensor(block, weights)]),
  );
  const results = await session.run({
    ...fed,
    ...packBatch(sequences, sequences.length, at.pooling),
    targets: at.targets,
    ...at.choice,
  });
  const gradients = new Map<string, Tensor>();
  for (const block of model.parameters) {
    const sum =
      (results[`d ${block.name}`]?.data as Float32Array | undefined) ??
      new Float32Array(block.shape.reduce((a, b) => a * b, 1));
    for (let i = 0; results[`rows ${i} ${block.name}`] !== undefined; i++) {
      const [rows, places, width] = [
        results[`rows ${i} ${block.name}`].data as Float32Array,
        results[`places ${i} ${block.name}`].data as BigInt64Array,
        block.shape[1],
      ];
      places.forEach((place, row) =>
        rows
          .subarray(row * width, (row + 1) * width)
          .forEach((value, k) => (sum[Number(place) * width + k] += value)),
      );
    }
    let from = 0;
    for (const { name, shape } of block.parts) {
      const length = shape.reduce((a, b) => a * b, 1);
      gradients.set(name, float32(shape, sum.slice(from, from + length)));
      from += length;
    }
  }
  return { loss: (results['loss'].data as Float32Array)[0], logits: results['logits'], gradients };
}

const classTargets = float32(
  [labels.length, 2],
  labels.flatMap((label) => [0, 1].map((k) => (k === label ? classWeights[k] : 0))),
);
const classNormalizer = labels.reduce((sum, label) => sum + classWeights[label], 0);

async function expectEqual(
  got: Awaited<ReturnType<typeof differentiate>>,
  expected: { loss: number; logits: readonly (readonly number[])[] },
  gradientFile: string,
): Promise<void> {
  expect(got.loss).toBeCloseTo(expected.loss, 5);
  expected.logits
    .flat()
    .forEach((logit, i) => expect(Math.abs((got.logits.data as Float32Array)[i] - logit)).toBeLessThan(1e-4));
  const gradients = await tensorsOf(gradientFile);
  expect([...got.gradients.keys()].sort()).toEqual([...gradients.keys()].sort());
  for (const [name, error] of relativeErrors(got.gradients, gradients))
    expect(error, name).toBeLessThan(1e-4);
}

describe('against PyTorch, relative error at most 1e-4, the gradient of every parameter of', () => {
  it.each(Object.entries(reference.classifiers))('a classifier on %s', async (name, expected) => {
    const model = sequenceClassifier(parseNetwork(expected.config), { classes: 2 });
    const weights = loadWeights(await tensorsOf(`${name}.safetensors`), model, { where: name, seed: 0 });
    const got = await differentiate(model, weights, {
      pooling: expected.pooling,
      targets: classTargets,
      normalizer: classNormalizer,
    });
    await expectEqual(got, expected, `${name}-gradients.safetensors`);
  });

  it('Llama as a causal language model on chosen tokens, its embedding used twice', async () => {
    const { config, chosen } = reference.causal;
    const model = causalLanguageModel(parseNetwork(config));
    const weights = loadWeights(await tensorsOf('llama-causal.safetensors'), model, {
      where: 'llama-causal',
      seed: 0,
    });
    const starts = sequences.map((_, i) => sequences.slice(0, i).flat().length);
    const next = chosen.map(([i, t]) => sequences[i][t + 1]);
    const targets = float32(
      [chosen.length, model.outputs],
      next.flatMap((id) => Array.from({ length: model.outputs }, (_, k) => Number(k === id))),
    );
    const choice = chooseTokens(
      chosen.map(([i, t]) => starts[i] + t),
      sequences.flat().length,
    );
    const got = await differentiate(model, weights, {
      pooling: 'last',
      targets,
      normalizer: chosen.length,
      choice,
    });
    await expectEqual(got, reference.causal, 'llama-causal-gradients.safetensors');
  });

  it('a LoRA adapter that PEFT saved, and its head', async () => {
    const base = sequenceClassifier(parseNetwork(reference.lora.config), { classes: 2 });
    const files = {
      config: new TextDecoder().decode(await bytesOf('llama-lora/adapter_config.json')),
      weights: await bytesOf('llama-lora/adapter_model.safetensors'),
    };
    const { model, weights } = parseAdapter(
      files,
      { model: base, tensors: await tensorsOf('llama-lora-base.safetensors') },
      { where: 'llama-lora', seed: 0 },
    );
    const got = await differentiate(model, weights, {
      pooling: 'last',
      targets: classTargets,
      normalizer: classNormalizer,
    });
    await expectEqual(got, reference.lora, 'llama-lora-gradients.safetensors');
  });
});
