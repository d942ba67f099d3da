import { aboveDepth } from '@overture/models';
import { examplesOfSplit, idsOf, lengthsOf, planBatches } from '@overture/tokenization';
import { openWeightAverage } from './averaging/weight-average.ts';
import { controlled, passesThrough, type AppliedControl } from './controls/training-controls.ts';
import { firstBrokenGradient, lossDiverged, refuseBrokenParameters } from './divergence.ts';
import { jobDigest } from './job-digest.ts';
import type { FineTuned, FineTuneOptions } from './fine-tune-options.ts';
import { dropoutRates } from './dropout/dropout-rates.ts';
import { FlatParameters, type PlacedBlock } from './flat-parameters.ts';
import { FrozenActivations } from './freezing/frozen-activations.ts';
import { GradientStep } from './gradient-step.ts';
import { digestOfWeights, originOf, type WeightsFeatureCache } from './feature-cache/feature-cache.ts';
import { layerRate, rateFactor } from './learning-rate.ts';
import type { LabeledBatch } from './losses/objective.ts';
import { activationBudget } from './memory-estimate.ts';
import { openOptimizer, type Optimizer } from './optimizers/optimizer.ts';
import { optimizerTable } from './optimizers/optimizer-table.ts';
import { isBetter, shouldStopEarly } from './selection.ts';
import type { Sequences } from './sequences.ts';
import { prefixTokensOf } from './prefix-tokens.ts';
import { taskTable } from './tasks/task-table.ts';
import type { TrainingTask } from './tasks/training-task.ts';
import type { EpochRecord, TrainingProgress } from './training-progress.ts';
import {
  positionIn,
  restoreCheckpoint,
  startOfTraining,
  toCheckpoint,
  type TrainingPosition,
} from './training-state.ts';

interface RunParts {
  readonly parameters: FlatParameters;
  readonly train: readonly number[];
  readonly task: TrainingTask;
  readonly step: GradientStep;
  readonly activations: FrozenActivations | undefined;
  sequencesOf(examples: readonly number[]): Sequences;
}

/**
 * One attempt at a job, from its start or newest checkpoint to its end. The task defines objective and
 * metrics.
 */
export class TrainingRun {
  /** Without the weights: the parameters have copied all of them. */
  readonly #options: Omit<FineTuneOptions, 'weights'>;
  readonly #job: ReturnType<typeof jobDigest>;
  readonly #parts: RunParts;
  readonly #parameters: FlatParameters;
  readonly #optimizer: Optimizer;
  readonly #average: ReturnType<typeof openWeightAverage> | undefined;
  readonly #stepsPerEpoch: number;
  readonly #totalSteps: number;
  #position: TrainingPosition = startOfTraining;
  #best: Float32Array | undefined;
  #saved = -1;

  private constructor(options: FineTuneOptions, parts: RunParts) {
    const { weights: _weights, ...others } = options;
    const { config, model } = others;
    this.#options = others;
    this.#job = jobDigest(options);
    this.#parts = parts;
    this.#parameters = parts.parameters;
    const rateOf = ({ depth }: PlacedBlock): number =>
      layerRate(depth, model.network.size.layers, config.layerDecay);
    this.#optimizer = openOptimizer(parts.parameters, { ...config, rateOf });
    this.#average = config.ema === 0 ? undefined : openWeightAverage(parts.parameters, config.ema);
    this.#stepsPerEpoch = Math.ceil(parts.train.length / config.batchSize);
    this.#totalSteps = config.epochs * this.#stepsPerEpoch;
  }

  /** Loads the weights and opens the task and the graphs. */
  static async open(options: FineTuneOptions): Promise<TrainingRun> {
    const { config, model, tokens, runtime, signal } = options;
    const [train, valid] = ['train', 'valid'].map((split) => [...examplesOfSplit(tokens, split)]);
    const parameters = new FlatParameters(model, optimizerTable[config.optimizer].moments, {
      average: config.ema > 0,
      threads: runtime.separateMemory ? 1 : runtime.threads,
    });
    parameters.load(options.weights);
    const kept = options.kept && {
      rows: options.kept,
      weights: digestOfWeights(model.network, options.weights),
    };
    const activations = cachedActivations(options, { kept, parameters, examples: [...train, ...valid] });
    const prefixTokens = prefixTokensOf(options);
    const beginning = prefixTokens === 0 ? undefined : idsOf(tokens, train[0]).subarray(0, prefixTokens);
    const sequencesOf = (examples: readonly number[]): Sequences => ({
      sequences: examples.map((i) => idsOf(tokens, i).subarray(prefixTokens)),
      beginning,
      states: activations?.of(examples),
    });
    const recorded = activations === undefined ? model : aboveDepth(model, config.freezeLayers);
    const task = await taskTable[model.task].open({
      runtime,
      model: recorded,
      parameters,
      config,
      tokens,
      train,
      valid,
      sequencesOf,
      sharedTokens: prefixTokens,
      kept,
      signal,
    });
    const { frozenWeights, freezeLayers: frozenLayers } = config;
    const rates = dropoutRates(config);
    const dropout = rates && { rates, seed: config.seed };
    const step = await GradientStep.open(runtime, {
      model: recorded,
      parameters,
      batchSize: config.batchSize,
      pooling: config.pooling,
      objective: task.objective,
      frozenWeights,
      frozenLayers,
      dropout,
      beginning: beginning !== undefined,
    });
    return new TrainingRun(options, { parameters, train, task, step, activations, sequencesOf });
  }

  /** Trains to the end and returns the best epoch. */
  async toTheEnd(): Promise<FineTuned> {
    await this.#begin();
    const { task } = this.#parts;
    const { epochs, patience } = this.#options.config;
    while (
      this.#position.epoch < Math.min(epochs, this.#controlled.lastEpoch) &&
      !shouldStopEarly(this.#position, patience)
    )
      await this.#epoch();
    const { step: steps, epoch, history, bestEpoch, controls, evaluations } = this.#position;
    this.#parameters.evalParameters.set(this.#best!);
    const calibration = await task.calibrate(bestEpoch === epoch);
    return {
      weights: this.#parameters.toWeights(),
      history,
      bestEpoch,
      steps,
      controls,
      evaluations,
      classWeights: task.classWeights,
      ...calibration,
    };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#parts.step.close();
    await this.#parts.task.close();
    await this.#parameters.close();
  }

  /** Resumes from the newest checkpoint, or initializes the head. */
  async #begin(): Promise<void> {
    const applied = this.#options.controls?.applied ?? [];
    const checkpoint = await this.#options.checkpoints?.latest((state) =>
      passesThrough(applied, positionIn(state)),
    );
    if (checkpoint !== undefined) {
      ({ position: this.#position, best: this.#best } = restoreCheckpoint(
        this.#job,
        checkpoint,
        this.#parameters,
      ));
      this.#saved = this.#position.step;
      this.#report({ kind: 'resumed', step: this.#position.step, totalSteps: this.#totalSteps });
    }
    const { activations, task, train } = this.#parts;
    const { runtime, tokens, signal } = this.#options;
    const watched =
      (kind: 'activations' | 'probe') =>
      (done: number, total: number): void => {
        signal?.throwIfAborted();
        this.#report({ kind, done, total });
      };
    const everything = train.length + examplesOfSplit(tokens, 'valid').length;
    await activations?.compute(runtime, (done) => watched('activations')(done, everything));
    if (checkpoint === undefined) await task.startHead(watched('probe'));
  }

  async #epoch(): Promise<void> {
    const { config, tokens } = this.#options;
    const { train } = this.#parts;
    const lengths = lengthsOf(tokens);
    const trainLengths = train.map((i) => lengths[i]);
    const { epoch } = this.#position;
    const batches = planBatches(trainLengths, {
      batchSize: config.batchSize,
      seed: config.seed,
      epoch,
      lengthGrouped: config.lengthGrouped,
    });
    for (const batch of batches.slice(this.#position.batch)) {
      await this.#stopIfAborted();
      await this.#applyControls();
      await this.#oneStep(batch.map((i) => train[i]));
      // at the end of an epoch the checkpoint is written after the evaluation, so that it includes it
      if (this.#position.step % config.checkpointEverySteps === 0 && this.#position.batch < batches.length)
        await this.#save();
    }
    await this.#endEpoch(batches.length);
    await this.#save();
  }

  /** An aborted training is usually resumed elsewhere, so its progress is saved first. */
  async #stopIfAborted(): Promise<void> {
    const { signal } = this.#options;
    if (!signal?.aborted) return;
    // If another attempt has taken over, it refuses this checkpoint. The abort reason is thrown either way.
    await this.#save().catch(() => undefined);
    signal.throwIfAborted();
  }

  get #controlled(): ReturnType<typeof controlled> {
    return controlled(this.#position.controls, this.#stepsPerEpoch);
  }

  /** Applies the controls that earlier attempts applied at this step, then new requests. */
  async #applyControls(): Promise<void> {
    const { controls, config } = this.#options;
    if (controls === undefined) return;
    const { step, epoch, controls: allApplied } = this.#position;
    for (const control of controls.applied)
      if (control.step === step && !allApplied.some(({ id }) => id === control.id))
        await this.#apply(control);
    for (const request of controls.take()) {
      const changesResult =
        request.action === 'stopAfterEpoch' ? epoch + 1 < config.epochs : request.action !== 'evaluateNow';
      const control: AppliedControl = { ...request, step, changesResult };
      await controls.record(control);
      await this.#apply(control);
    }
  }

  async #apply(control: AppliedControl): Promise<void> {
    this.#position = { ...this.#position, controls: [...this.#position.controls, control] };
    this.#report({ kind: 'controlled', control, totalSteps: this.#totalSteps });
    if (control.action !== 'evaluateNow') return;
    const { step, epoch, evaluations } = this.#position;
    const record = { step, epoch: epoch + 1, ...(await this.#parts.task.validate()) };
    this.#position = { ...this.#position, evaluations: [...evaluations, record] };
    this.#report({ kind: 'evaluated', record, totalSteps: this.#totalSteps });
  }

  async #oneStep(examples: readonly number[]): Promise<void> {
    const { config, now } = this.#options;
    const { step: gradients, task, sequencesOf } = this.#parts;
    const start = now();
    const batch: LabeledBatch = {
      ...sequencesOf(examples),
      labels: examples.map((i) => task.labelOf(i)),
      step: this.#position.step,
    };
    const loss = await gradients.run(batch);
    const gradientNorm = this.#optimizer.gradientNorm();
    const { step, epoch } = this.#position;
    if (!Number.isFinite(loss) || !Number.isFinite(gradientNorm))
      throw lossDiverged(
        step + 1,
        loss,
        (await gradients.firstNotFinite(batch)) ?? firstBrokenGradient(this.#parameters),
      );
    const learningRate =
      config.learningRate *
      this.#controlled.rate *
      rateFactor(step, {
        schedule: config.schedule,
        warmupSteps: Math.ceil(this.#totalSteps * config.warmupRatio),
        totalSteps: this.#totalSteps,
      });
    this.#optimizer.update(step + 1, learningRate, gradientNorm);
    this.#average?.update(step + 1);
    this.#position = {
      ...this.#position,
      step: step + 1,
      batch: this.#position.batch + 1,
      epochLoss: this.#position.epochLoss + loss,
    };
    const count = batch.sequences.reduce((sum, { length }) => sum + length, batch.beginning?.length ?? 0);
    const tokensPerSecond = (1000 * count) / Math.max(now() - start, 1e-3);
    this.#report({
      kind: 'step',
      step: step + 1,
      totalSteps: this.#totalSteps,
      epoch: epoch + 1,
      loss,
      learningRate,
      gradientNorm,
      tokensPerSecond,
    });
  }

  async #endEpoch(batches: number): Promise<void> {
    const { step, epoch, epochLoss, history, bestEpoch } = this.#position;
    const record: EpochRecord = {
      epoch: epoch + 1,
      step,
      trainLoss: epochLoss / batches,
      ...(await this.#parts.task.validate()),
    };
    const better = isBetter(
      record,
      history[bestEpoch - 1],
      this.#parts.task.selectionMetric ?? this.#options.config.selectionMetric,
    );
    if (better) this.#best = this.#parameters.evalParameters.slice();
    this.#position = {
      ...this.#position,
      epoch: epoch + 1,
      batch: 0,
      epochLoss: 0,
      history: [...history, record],
      bestEpoch: better ? epoch + 1 : bestEpoch,
    };
    this.#report({ kind: 'epoch', record, totalSteps: this.#totalSteps });
  }

  async #save(): Promise<void> {
    if (this.#saved === this.#position.step) return;
    const { checkpoints } = this.#options;
    if (checkpoints !== undefined) refuseBrokenParameters(this.#parameters, this.#position.step);
    await checkpoints?.save(toCheckpoint(this.#job, this.#position, this.#parameters, this.#best));
    this.#saved = this.#position.step;
  }

  #report(progress: TrainingProgress): void {
    this.#options.onProgress?.(progress);
  }
}

/**
 * Creates the store of frozen activations if layers are frozen and it fits in memory; reports an event if it
 * does not.
 */
function cachedActivations(
  options: FineTuneOptions,
  {
    kept,
    parameters,
    examples,
  }: {
    readonly kept: WeightsFeatureCache | undefined;
    readonly parameters: FlatParameters;
    readonly examples: readonly number[];
  },
): FrozenActivations | undefined {
  const { config, model, tokens, onProgress, runtime } = options;
  if (config.freezeLayers === 0) return undefined;
  const [bytes, budget] = [
    FrozenActivations.bytesFor({ model, tokens, examples }),
    activationBudget(options),
  ];
  if (bytes <= budget)
    return new FrozenActivations({
      model,
      depth: config.freezeLayers,
      parameters,
      tokens,
      examples,
      kept: kept && {
        rows: kept.rows,
        origin: originOf({
          what: 'activations',
          network: model.network,
          weights: kept.weights,
          config,
          runtime,
        }),
      },
    });
  onProgress?.({ kind: 'activationsTooLarge', bytes, budget });
  return undefined;
}
