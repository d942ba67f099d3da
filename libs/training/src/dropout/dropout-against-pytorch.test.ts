import { readFile } from 'node:fs/promises';
import {
  parseAdapter,
  parseNetwork,
  loadWeights,
  sequenceClassifier,
  packBatch,
  type DropoutRates,
  type Model,
  type Pooling,
  type Weights,
} from '@overture/models';
import { openRuntime } from '@overture/runtime';
import { float32, parseSafetensors, type Tensor } from '@overture/tensors';
import { describe, expect, it } from 'vitest';
import { FlatParameters } from '../flat-parameters.ts';
import { classification } from '../losses/objective.ts';
import { relativeErrors } from '../relative-errors.ts';
import { normalizerInput, trainingGraph, type TrainingGraph } from '../training-graph.ts';

// Numbers from PyTorch: tools/reference/pytorch/dropout.py, the networks from small_networks.py
const bytesOf = (path: string): Promise<Uint8Array> =>
  readFile(new URL(`../reference/${path}`, import.meta.url));
const jsonOf = async (path: string): Promise<unknown> =>
  JSON.parse(new TextDecoder().decode(await bytesOf(path)));
const tensorsOf = async (path: string): Promise<ReadonlyMap<string, Tensor>> =>
  parseSafetensors(await bytesOf(path), path).tensors;
interface Classified {
  readonly config: unknown;
  readonly pooling: Pooling;
}
const { sequences, labels, classWeights, classifiers, lora } = (await jsonOf('networks/networks.json')) as {
  sequences: number[][];
  labels: number[];
  classWeights: number[];
  classifiers: Record<string, Classified>;
  lora: Classified;
};
const { rate, networks } = (await jsonOf('dropout/dropout.json')) as {
  rate: number;
  networks: Record<string, { sites: number; loss: number; logits: number[][] }>;
};

const objective = classification(undefined, classWeights);
const runtime = openRuntime({ threads: 1 });

/** Loss and gradients of a run, by the names of the blocks' parts. */
async function differentiate(
  model: Model,
  weights: Weights,
  { graph, feeds }: { graph: TrainingGraph; feeds: Record<string, Tensor> },
): Promise<{ loss: number; logits: Tensor; gradients: Weights }> {
  const parameters = new FlatParameters(model);
  parameters.load(weights);
  await using session = await runtime.load(graph.graph);
  const results = await session.run({ ...parameters.feeds(), ...feeds });
  for (const block of parameters.blocks) {
    const target = parameters.gradient(block).data as Float32Array;
    const dense = graph.dense.get(block.name);
    if (dense !== undefined) target.set(results[dense].data as Float32Array);
    for (const table of graph.tables.filter((each) => each.block === block.name)) {
      const [rows, places, width] = [
        results[table.values].data as Float32Array,
        results[table.indices].data as BigInt64Array,
        block.shape[1],
      ];
      places.forEach((place, row) =>
        rows
          .subarray(row * width, (row + 1) * width)
          .forEach((x, k) => (target[Number(place) * width + k] += x)),
      );
    }
  }
  return {
    loss: results[graph.loss].data[0] as number,
    logits: results[graph.logits],
    gradients: parameters.toGradients(),
  };
}

function feedsFor(pooling: Pooling): Record<string, Tensor> {
  const batch = { sequences, labels };
  return {
    ...packBatch(sequences, sequences.length, pooling),
    ...objective.feeds(batch, sequences.length),
    [normalizerInput]: float32([], [objective.normalizer(batch)]),
  };
}

/**
 * The masks of a graph's sites. In the last layer PyTorch applies dropout to every token, the graph only to
 * those that are used.
 */
function masksFor(
  { dropout }: TrainingGraph,
  masks: ReadonlyMap<string, Tensor>,
  pooling: Pooling,
): Record<string, Tensor> {
  const starts = sequences.map((_, i) => sequences.slice(0, i).reduce((sum, { length }) => sum + length, 0));
  const read = starts.map((start, i) => (pooling === 'last' ? start + sequences[i].length - 1 : start));
  const ofRead = ({ shape: [rows, width], data }: Tensor): Tensor =>
    rows === sequences.length
      ? float32([rows, width], data as Float32Array)
      : float32(
          [read.length, width],
          Float32Array.from(
            read.flatMap((row) => [...(data as Float32Array).subarray(row * width, (row + 1) * width)]),
          ),
        );
  const bySequence = new Set(dropout.filter(({ of }) => of === 'sequences').map(({ name }) => name));
  return Object.fromEntries(
    [...masks].map(([name, mask]) => [name, bySequence.has(name) ? ofRead(mask) : mask]),
  );
}

async function expectAsInPytorch(
  name: string,
  model: Model,
  weights: Weights,
  { pooling, rates }: { pooling: Pooling; rates: DropoutRates },
): Promise<void> {
  const expected = networks[name];
  const graph = trainingGraph(model, sequences.length, { objective, pooling, dropout: rates });
  expect(graph.dropout).toHaveLength(expected.sites);
  const masks = await tensorsOf(`dropout/${name}-masks.safetensors`);
  const got = await differentiate(model, weights, {
    graph,
    feeds: { ...feedsFor(pooling), ...masksFor(graph, masks, pooling) },
  });
  expect(got.loss).toBeCloseTo(expected.loss, 5);
  expected.logits
    .flat()
    .forEach((logit, i) => expect(Math.abs((got.logits.data as Float32Array)[i] - logit)).toBeLessThan(1e-4));
  for (const [tensor, error] of relativeErrors(
    got.gradients,
    await tensorsOf(`dropout/${name}-gradients.safetensors`),
  ))
    expect(error, tensor).toBeLessThan(1e-4);
}

describe('with the masks that PyTorch had, relative error at most 1e-4, the gradient of every parameter of', () => {
  it.each(Object.entries(classifiers))('a classifier on %s', async (name, { config, pooling }) => {
    const model = sequenceClassifier(parseNetwork(config), { classes: 2 });
    const weights = loadWeights(await tensorsOf(`networks/${name}.safetensors`), model, {
      where: name,
      seed: 0,
    });
    await expectAsInPytorch(name, model, weights, {
      pooling,
      rates: { hidden: rate, attention: rate, adapter: 0 },
    });
  });

  it('adapters, as PEFT drops what they read', async () => {
    const base = sequenceClassifier(parseNetwork(lora.config), { classes: 2 });
    const files = {
      config: new TextDecoder().decode(await bytesOf('networks/llama-lora/adapter_config.json')),
      weights: await bytesOf('networks/llama-lora/adapter_model.safetensors'),
    };
    const { model, weights } = parseAdapter(
      files,
      { model: base, tensors: await tensorsOf('networks/llama-lora-base.safetensors') },
      { where: 'llama-lora', seed: 0 },
    );
    await expectAsInPytorch('llama-lora', model, weights, {
      pooling: 'last',
      rates: { hidden: 0, attention: 0, adapter: rate },
    });
  });
});

it('agrees with finite differences along a random direction, the masks fixed', async () => {
  const { config, pooling } = classifiers['bert'];
  const model = sequenceClassifier(parseNetwork(config), { classes: 2 });
  const weights = loadWeights(await tensorsOf('networks/bert.safetensors'), model, {
    where: 'bert',
    seed: 0,
  });
  const graph = trainingGraph(model, sequences.length, {
    objective,
    pooling,
    dropout: { hidden: rate, attention: rate, adapter: 0 },
  });
  const feeds = {
    ...feedsFor(pooling),
    ...masksFor(graph, await tensorsOf('dropout/bert-masks.safetensors'), pooling),
  };
  const { gradients } = await differentiate(model, weights, { graph, feeds });
  const size = Math.hypot(...[...gradients.values()].flatMap(({ data }) => Array.from(data as Float32Array)));
  const along = async (step: number): Promise<number> => {
    const moved = new Map(
      [...weights].map(([name, { shape, data }]) => [
        name,
        float32(
          shape,
          (data as Float32Array).map((x, i) => x + (step * (gradients.get(name)!.data[i] as number)) / size),
        ),
      ]),
    );
    return (await differentiate(model, moved, { graph, feeds })).loss;
  };
  const slope = ((await along(2e-3)) - (await along(-2e-3))) / 4e-3;
  expect(Math.abs(slope / size - 1)).toBeLessThan(5e-3);
});
