import { readFile } from 'node:fs/promises';
import { causalLanguageModel, loadWeights, parseNetwork } from '@overture/models';
import { openRuntime } from '@overture/runtime';
import { parseSafetensors } from '@overture/tensors';
import { expect, it } from 'vitest';
import { FlatParameters } from './flat-parameters.ts';
import { GradientStep } from './gradient-step.ts';
import { rateFactor } from './learning-rate.ts';
import { answerTokens } from './losses/objective.ts';
import { openOptimizer } from './optimizers/optimizer.ts';

// Numbers from PyTorch: tools/reference/pytorch/answer_tokens.py, the network from small_networks.py
interface Reference {
  readonly optimizer: {
    readonly learningRate: number;
    readonly warmupSteps: number;
    readonly weightDecay: number;
    readonly maxGradNorm: number;
  };
  readonly batches: readonly { readonly ids: number[][]; readonly answerStarts: number[] }[];
  readonly losses: readonly number[];
  readonly gradientNorms: readonly number[];
}

const bytesOf = (name: string): Promise<Uint8Array> =>
  readFile(new URL(`./reference/${name}`, import.meta.url));
const jsonOf = async (name: string): Promise<unknown> =>
  JSON.parse(new TextDecoder().decode(await bytesOf(name)));
const {
  optimizer: settings,
  batches,
  losses,
  gradientNorms,
} = (await jsonOf('answer-tokens.json')) as Reference;
const { causal } = (await jsonOf('networks/networks.json')) as { causal: { config: unknown } };
const model = causalLanguageModel(parseNetwork(causal.config));
const weights = loadWeights(
  parseSafetensors(await bytesOf('networks/llama-causal.safetensors'), 'llama').tensors,
  model,
  { where: 'llama', seed: 0 },
);

// with three sequences per run, batches of four are also accumulated and padded
it.each([4, 3])(
  'a Llama that learns answers follows the loss curve of 50 AdamW steps, each loss within 1e-3, %i sequences at a time',
  async (room) => {
    const parameters = new FlatParameters(model);
    parameters.load(weights);
    const step = await GradientStep.open(openRuntime({ threads: 1 }), {
      model,
      parameters,
      batchSize: room,
      pooling: 'last',
      objective: answerTokens(),
    });
    const optimizer = openOptimizer(parameters, settings);
    for (const [i, { ids, answerStarts }] of batches.entries()) {
      const loss = await step.run({ sequences: ids, labels: answerStarts });
      expect(Math.abs(loss - losses[i]), `loss of step ${i}`).toBeLessThan(1e-3);
      const norm = optimizer.gradientNorm();
      expect(Math.abs(norm / gradientNorms[i] - 1), `norm of step ${i}`).toBeLessThan(5e-3);
      optimizer.update(
        i + 1,
        settings.learningRate *
          rateFactor(i, {
            schedule: 'linear',
            warmupSteps: settings.warmupSteps,
            totalSteps: batches.length,
          }),
        norm,
      );
    }
    await step.close();
  },
);
