import type { LossName, OptimizerName } from '@overture/training-settings';
import { readFile } from 'node:fs/promises';
import { bertModel, loadWeights, parseBertConfig, type Pooling } from '@overture/models';
import { openRuntime } from '@overture/runtime';
import { parseSafetensors, type Tensor } from '@overture/tensors';
import { describe, expect, it } from 'vitest';
import { FlatParameters } from './flat-parameters.ts';
import { GradientStep } from './gradient-step.ts';
import { rateFactor } from './learning-rate.ts';
import { lossTable } from './losses/loss-table.ts';
import type { Loss } from './losses/loss.ts';
import { openOptimizer } from './optimizers/optimizer.ts';
import { optimizerTable } from './optimizers/optimizer-table.ts';
import { relativeErrors } from './relative-errors.ts';

// Numbers from PyTorch: tools/reference/pytorch/small_bert.py, losses.py and optimizers.py
interface Curve {
  readonly losses: number[];
  readonly gradientNorms: number[];
}
interface Reference {
  readonly config: unknown;
  readonly classWeights: [number, number];
  readonly optimizer: { learningRate: number; warmupSteps: number; weightDecay: number; maxGradNorm: number };
  readonly batches: { ids: number[][]; labels: number[] }[];
  readonly poolings: Record<Pooling, Curve & { loss: number }>;
}

const file = (name: string): URL => new URL(`./reference/${name}`, import.meta.url);
const tensorsOf = async (name: string): Promise<ReadonlyMap<string, Tensor>> =>
  parseSafetensors(await readFile(file(name)), name).tensors;
const reference = JSON.parse(await readFile(file('small-bert.json'), 'utf8')) as Reference;
const model = bertModel(parseBertConfig(reference.config, 'small-bert.json'));
const weights = loadWeights(await tensorsOf('small-bert.safetensors'), model, {
  where: 'small-bert.safetensors',
  seed: 0,
});

async function openStep(
  pooling: Pooling,
  batchSize: number,
  { loss, moments = 2 }: { loss?: Loss; moments?: number } = {},
): Promise<{ parameters: FlatParameters; step: GradientStep }> {
  const parameters = new FlatParameters(model, moments);
  parameters.load(weights);
  const step = await GradientStep.open(openRuntime({ threads: 1 }), {
    model,
    parameters,
    batchSize,
    pooling,
    classWeights: reference.classWeights,
    loss,
  });
  return { parameters, step };
}

describe.each(['mean', 'cls'] as const)('against PyTorch, %s pooling', (pooling) => {
  const expected = reference.poolings[pooling];

  it('computes the gradient of every parameter, relative error at most 1e-4', async () => {
    const { parameters, step } = await openStep(pooling, 4);
    const { ids, labels } = reference.batches[0];
    const loss = await step.run({ sequences: ids, labels });
    await step.close();
    expect(loss).toBeCloseTo(expected.loss, 5);
    const errors = relativeErrors(
      parameters.toGradients(),
      await tensorsOf(`small-bert-gradients-${pooling}.safetensors`),
    );
    expect(errors.size).toBe(weights.size);
    for (const [name, error] of errors) expect(error, name).toBeLessThan(1e-4);
  });

  it('accumulates a batch in parts to the same gradients', async () => {
    const { parameters, step } = await openStep(pooling, 3);
    const { ids, labels } = reference.batches[0];
    await step.run({ sequences: ids, labels });
    await step.close();
    const errors = relativeErrors(
      parameters.toGradients(),
      await tensorsOf(`small-bert-gradients-${pooling}.safetensors`),
    );
    for (const [name, error] of errors) expect(error, name).toBeLessThan(1e-4);
  });

  it('follows the loss curve of 50 AdamW steps, each loss within 1e-3', async () => {
    await follow(expected, await openStep(pooling, 4));
  });
});

const { curves } = JSON.parse(await readFile(file('losses.json'), 'utf8')) as {
  curves: Record<string, Curve & { loss: LossName; labelSmoothing?: number; focalGamma?: number }>;
};

describe.each(Object.entries(curves))(
  'against PyTorch, %s',
  (_, { loss, labelSmoothing = 0, focalGamma = 2, ...expected }) => {
    it('follows the loss curve of 50 AdamW steps, each loss within 1e-3', async () => {
      await follow(
        expected,
        await openStep('mean', 4, { loss: lossTable[loss]({ labelSmoothing, focalGamma }) }),
      );
    });
  },
);

const optimizers = (
  JSON.parse(await readFile(file('optimizers.json'), 'utf8')) as { curves: (Curve & UnderTest)[] }
).curves;

describe.each(optimizers.map((curve) => [curve.optimizer, curve] as const))(
  'against PyTorch, %s',
  (optimizer, { losses, gradientNorms, ...settings }) => {
    it('follows the loss curve of 50 steps, each loss within 1e-3', async () => {
      await follow(
        { losses, gradientNorms },
        await openStep('mean', 4, { moments: optimizerTable[optimizer].moments }),
        settings,
      );
    });
  },
);

interface UnderTest {
  readonly optimizer: OptimizerName;
  readonly learningRate?: number;
  readonly momentum?: number;
}

async function follow(
  expected: Curve,
  { parameters, step }: { parameters: FlatParameters; step: GradientStep },
  settings: UnderTest = { optimizer: 'adamW' },
): Promise<void> {
  const { learningRate, warmupSteps, ...shared } = { ...reference.optimizer, ...settings };
  const optimizer = openOptimizer(parameters, shared);
  const schedule = { schedule: 'linear', warmupSteps, totalSteps: reference.batches.length } as const;
  for (const [i, { ids, labels }] of reference.batches.entries()) {
    const loss = await step.run({ sequences: ids, labels });
    expect(Math.abs(loss - expected.losses[i]), `loss of step ${i}`).toBeLessThan(1e-3);
    const norm = optimizer.gradientNorm();
    expect(Math.abs(norm / expected.gradientNorms[i] - 1), `norm of step ${i}`).toBeLessThan(5e-3);
    optimizer.update(i + 1, learningRate * rateFactor(i, schedule), norm);
  }
  await step.close();
}
