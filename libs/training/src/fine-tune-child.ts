import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { freemem } from 'node:os';
import { join } from 'node:path';
import {
  adapterFiles,
  causalLanguageModel,
  encodeAdapter,
  encodeWeights,
  parseNetwork,
  readWeights,
  type LoraModel,
  type Model,
  type Network,
  type Weights,
} from '@overture/models';
import { openRuntime, type ChildJob } from '@overture/runtime';
import { decodeTokenSet } from '@overture/tokenization';
import { fileCheckpoints } from './checkpoints/file-checkpoints.ts';
import { controlsFromParent } from './controls/controls-over-messages.ts';
import type { AppliedControl } from './controls/training-controls.ts';
import { fineTune } from './fine-tune.ts';
import { parseFineTuneConfig, type FineTuneConfig } from './fine-tune-config.ts';
import { featureCacheFiles } from './feature-cache/feature-cache-files.ts';
import { asConfigured, mergedWeights, trainableModel } from './trainable-model.ts';
import {
  fineTuneOutputs,
  type FineTuneFiles,
  type FineTuneSummary,
  type TrainingLog,
} from './fine-tune-in-child.ts';

/** The child process's job, started by `fineTuneInChild`. */
const fineTuneChild: ChildJob<
  FineTuneFiles & { readonly applied?: readonly AppliedControl[] },
  FineTuneSummary
> = async (files, context) => {
  const { send, signal } = context;
  const config = parseFineTuneConfig(files.config);
  const network = parseNetwork(await readFile(files.modelConfig, 'utf8'), files.modelConfig);
  const model = modelOf(files, network, config);
  const tokens = decodeTokenSet(await readFile(files.tokens), files.tokens);
  const stepLog: TrainingLog['stepLog'][number][] = [];
  const checkpoints = await fileCheckpoints(files.checkpoints);
  const { weights: tuned, ...result } = await weightsOf(files, model, config).then((weights) =>
    fineTune({
      config,
      model,
      weights,
      tokens,
      signal,
      checkpoints,
      controls: controlsFromParent(files.applied ?? [], context),
      kept: files.kept === undefined ? undefined : featureCacheFiles(files.kept),
      // the smaller of the machine's free memory and the container's limit
      freeBytes: Math.min(freemem(), process.constrainedMemory() || Infinity),
      runtime: openRuntime({ threads: config.threads, executionProvider: files.executionProvider }),
      now: () => performance.now(),
      onProgress: (progress) => {
        // a failed send means that the parent is gone and this process is about to end
        send(progress).catch(() => undefined);
        if (progress.kind !== 'step') return;
        const { step, loss, learningRate, gradientNorm, tokensPerSecond } = progress;
        stepLog.push({ step, loss, learningRate, gradientNorm, tokensPerSecond });
      },
    }),
  );
  const summary: FineTuneSummary = { config, ...result };
  await mkdir(files.output, { recursive: true });
  await writeWhole(join(files.output, fineTuneOutputs.weights), encodeWeights(mergedWeights(model, tuned)));
  if ('lora' in model)
    await writeAdapter(
      join(files.output, fineTuneOutputs.adapter),
      encodeAdapter(model, tuned, { baseModel: network.family }),
    );
  await writeWhole(
    join(files.output, fineTuneOutputs.log),
    JSON.stringify({ ...summary, stepLog } satisfies TrainingLog, undefined, 1),
  );
  return summary;
};

export default fineTuneChild;

function weightsOf({ weights }: FineTuneFiles, model: Model, { seed }: FineTuneConfig): Promise<Weights> {
  return readWeights(weights, model, { where: weights, seed });
}

function modelOf({ task }: FineTuneFiles, network: Network, config: FineTuneConfig): Model | LoraModel {
  return task === 'causal'
    ? asConfigured(causalLanguageModel(network), config)
    : trainableModel(network, config);
}

async function writeAdapter(
  folder: string,
  { config, weights }: ReturnType<typeof encodeAdapter>,
): Promise<void> {
  await mkdir(folder, { recursive: true });
  await writeWhole(join(folder, adapterFiles.weights), weights);
  await writeWhole(join(folder, adapterFiles.config), JSON.stringify(config, undefined, 1));
}

async function writeWhole(path: string, content: Uint8Array | string): Promise<void> {
  await writeFile(`${path}.part`, content);
  await rename(`${path}.part`, path);
}
