import type { TrainingSettings } from '@overture/training-settings';
import { fineTune, type SplitName } from '@overture/contracts';
import type { ArtifactRef } from '@overture/protocol';
import { counterRandom, shuffled } from '@overture/core';
import { resolveTagSet } from '@overture/dialogue';
import { writeBundle, type BundleContent, type ValidationExamples } from '@overture/inference';
import { classCount, parseNetwork, readWeights, sequenceClassifier } from '@overture/models';
import { decodeTokenSet, examplesOfSplit, idsOf, lengthsOf, type TokenSet } from '@overture/tokenization';
import { fineTuneOutputs, type FineTuneSummary } from '@overture/training';
import { createReadStream } from 'node:fs';
import { join } from 'node:path';
import type { z } from 'zod';
import type { ComputeContext } from '../compute/compute-messages.ts';
import { inChild } from '../compute/in-child.ts';
import { costMetrics } from '../cost-metrics.ts';
import { implement } from '../implement.ts';
import { trainInChild } from '../train-in-child.ts';

/** Fine-tunes a base model with a classification head and writes both as a bundle. */
export const fineTuneStage = implement(fineTune, async (input, context) => {
  const { artifacts, workDir, metrics } = context;
  const { int8LargestDrop: _, ...training } = input.training;
  const [tokens, weights, modelConfig, output] = ['tokens', 'weights', 'config.json', 'trained'].map((name) =>
    join(workDir, name),
  ) as [string, string, string, string];
  await artifacts.materialize(input.tokens, tokens);
  await artifacts.materialize(input.weights, weights);
  await artifacts.materialize(input.config, modelConfig);
  const trained = await trainInChild(
    { tokens, weights, modelConfig, output, config: training },
    fineTune.name,
    context,
  );

  const { bundle, tokens: read } = await bundleInChild(
    { input, trained, weights: join(output, fineTuneOutputs.weights) },
    context,
  );
  metrics(costMetrics(fineTune.name, { tokens: read }));
  return {
    bundle,
    log: await artifacts.put('training-log', createReadStream(join(output, fineTuneOutputs.log))),
    summary: {
      steps: trained.steps,
      bestEpoch: trained.bestEpoch,
      threshold: trained.threshold,
      temperature: trained.temperature,
      validMacroF1: trained.history[trained.bestEpoch - 1]?.macroF1 ?? null,
    },
  };
});

/** The input of a bundle. */
interface Trained {
  readonly input: z.output<typeof fineTune.input>;
  readonly trained: FineTuneSummary;
  /** File of the trained parameters. */
  readonly weights: string;
}

/**
 * Writes a trained model as a bundle. If int8 is requested, it is quantized and compared on the validation
 * split.
 * @returns the bundle, and the number of tokens that the training read
 */
export async function storeBundle(
  { input, trained, weights }: Trained,
  { artifacts, settings: { threads }, signal, workDir, heartbeat }: ComputeContext,
): Promise<{ bundle: ArtifactRef<'bundle'>; tokens: number }> {
  heartbeat({ message: 'writing the bundle' });
  const { protocol, base } = input;
  const { int8LargestDrop: largestDrop, ...training } = input.training;
  const modelConfig = new TextDecoder().decode(await artifacts.readBytes(input.config));
  const model = sequenceClassifier(parseNetwork(modelConfig), { classes: classCount });
  const tokenSet = decodeTokenSet(await artifacts.readBytes(input.tokens), `tokens ${input.tokens.digest}`);
  const validation = validationExamples(tokenSet, training.seed);
  const bundleDir = join(workDir, 'bundle');
  await writeBundle(bundleDir, {
    name: `System initiative predictor on ${base}`,
    model,
    protocol,
    base: {
      name: base,
      digests: {
        weights: input.weights.digest,
        tokenizer: input.tokenizer.digest,
        config: input.config.digest,
      },
    },
    weights: await readWeights(weights, model, { where: weights, seed: training.seed }),
    tokenizer: await artifacts.readBytes(input.tokenizer),
    tagSet: resolveTagSet(input.tagSet),
    pooling: training.pooling,
    maxLength: training.maxLength,
    threshold: trained.threshold,
    temperature: trained.temperature,
    training: {
      settings: {
        ...settingsOf(training),
        ...(tokenSet.weakLabels !== undefined && { labels: tokenSet.weakLabels }),
      },
      measured: measuredIn(trained.history[trained.bestEpoch - 1]),
    },
    int8: validation && largestDrop !== null ? { validation, largestDrop, threads, signal } : undefined,
  });
  return {
    bundle: await artifacts.putTree('bundle', bundleDir),
    tokens: trained.history.length * tokensOf(tokenSet, 'train'),
  };
}

const bundleInChild = inChild(import.meta.url, storeBundle, {
  stage: `${fineTune.name}:bundle`,
  work: ({ input }) => input.tokens.bytes + input.weights.bytes / 8,
});

/**
 * Maximum number of validation examples for comparing the int8 graph. Each is run alone and twice. With this
 * many, the standard error of a difference in macro-F1 is about 0.0015 if 1 % of decisions differ.
 */
const mostCompared = 5000;

/** The validation split or a random sample of it, in order; undefined if there is none. */
function validationExamples(tokens: TokenSet, seed: number): ValidationExamples | undefined {
  const all = Array.from(examplesOfSplit(tokens, 'valid'));
  const valid =
    all.length <= mostCompared
      ? all
      : shuffled(all, counterRandom(seed, 'int8'))
          .slice(0, mostCompared)
          .sort((a, b) => a - b);
  return valid.length === 0
    ? undefined
    : { sequences: valid.map((i) => idsOf(tokens, i)), labels: valid.map((i) => tokens.labels[i] as number) };
}

function tokensOf(tokens: TokenSet, split: SplitName): number {
  const lengths = lengthsOf(tokens);
  return examplesOfSplit(tokens, split).reduce((sum, i) => sum + lengths[i]!, 0);
}

function settingsOf(
  training: Omit<TrainingSettings, 'int8LargestDrop'>,
): BundleContent['training']['settings'] {
  return Object.fromEntries(
    Object.entries(training).map(([key, value]) => [
      key,
      value === null ? 'none' : typeof value === 'object' ? JSON.stringify(value) : value,
    ]),
  );
}

function measuredIn(
  best: FineTuneSummary['history'][number] | undefined,
): BundleContent['training']['measured'] {
  return Object.fromEntries(
    Object.entries(best ?? {}).filter((entry): entry is [string, number] => typeof entry[1] === 'number'),
  );
}
