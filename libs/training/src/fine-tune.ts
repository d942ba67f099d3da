import type { Weights } from '@overture/models';
import type { Runtime } from '@overture/runtime';
import { examplesOfSplit, idsOf, lengthsOf, planBatches } from '@overture/tokenization';
import type { CheckpointStore } from './checkpoints/checkpoint-store.ts';
import { classWeights } from './class-weights.ts';
import { firstBrokenGradient, lossDiverged, refuseBrokenParameters } from './divergence.ts';
import { checkJob, jobDigest, type FineTuneJob } from './fine-tune-job.ts';
import { FlatParameters, type PlacedBlock } from './flat-parameters.ts';
import { GradientStep } from './gradient-step.ts';
import { layerRate, rateFactor } from './learning-rate.ts';
import { lossTable } from './losses/loss-table.ts';
import type { Loss } from './losses/loss.ts';
import type { LabelledBatch } from './losses/objective.ts';
import { checkMemory } from './memory-estimate.ts';
import { openOptimizer, type Optimizer } from './optimizers/optimizer.ts';
import { optimizerTable } from './optimizers/optimizer-table.ts';
import { linearProbe } from './linear-probe.ts';
import { PackedScorer } from './packed-scorer.ts';
import { isBetter, isOutOfPatience } from './selection.ts';
import type { EpochRecord, TrainingProgress } from './training-progress.ts';
import { restoreCheckpoint, startOfTraining, toCheckpoint, type TrainingPosition } from './training-state.ts';
import { calibrate, meanLoss, validationScores, type ScoredSplit } from './validation.ts';

export interface FineTuneOptions extends FineTuneJob {
  readonly runtime: Runtime;
  /** Milliseconds of a monotonic clock, for rates only. */
  readonly now: () => number;
  /** Where to go on from and where to leave checkpoints. Default: none. */
  readonly checkpoints?: CheckpointStore;
  /** Honoured between steps. */
  readonly signal?: AbortSignal;
  /** Memory that may be used; what does not fit is refused before it is allocated. Default: not looked at. */
  readonly freeBytes?: number;
  readonly onProgress?: (progress: TrainingProgress) => void;
}

export interface FineTuned {
  /** Of the best epoch; what is frozen is as it came. */
  readonly weights: Weights;
  /** One record per epoch. */
  readonly history: readonly EpochRecord[];
  /** 1-based. */
  readonly bestEpoch: number;
  readonly steps: number;
  /** [noInitiative, initiative], as used in the loss. */
  readonly classWeights: readonly [number, number];
  /** Tuned on the validation split of the best epoch; 0.5 without one. */
  readonly threshold: number;
  /** Fitted on the validation split of the best epoch; 1 without one. */
  readonly temperature: number;
}

/**
 * Fine-tunes encoder and head, and returns the epoch that is best on the split "valid" by `selectionMetric` (ties: lower loss), which
 * after `patience` epochs without a better one is not the last. Exact: the same job gives the same bits, also when it was interrupted and goes on from a checkpoint.
 * @throws AppError `TRAINING_…`, `CHECKPOINT_…`; what `signal` was aborted with
 */
export async function fineTune(options: FineTuneOptions): Promise<FineTuned> {
  checkJob(options);
  if (options.freeBytes !== undefined) checkMemory(options, options.freeBytes);
  await using run = await FineTuneRun.open(options);
  return await run.toTheEnd(); // awaited here, before the run is closed
}

class FineTuneRun {
  readonly #options: FineTuneOptions;
  readonly #job: ReturnType<typeof jobDigest>;
  readonly #parameters: FlatParameters;
  readonly #train: Int32Array;
  readonly #valid: Int32Array;
  readonly #weights: readonly [number, number];
  readonly #loss: Loss;
  readonly #optimizer: Optimizer;
  readonly #step: GradientStep;
  readonly #scorer: PackedScorer;
  readonly #totalSteps: number;
  #position: TrainingPosition = startOfTraining;
  #best: Float32Array | undefined;
  #saved = -1;

  private constructor(options: FineTuneOptions, parts: { parameters: FlatParameters; weights: readonly [number, number]; loss: Loss; step: GradientStep; scorer: PackedScorer }) {
    const { config, tokens } = options;
    this.#options = options;
    this.#job = jobDigest(options);
    this.#parameters = parts.parameters;
    this.#weights = parts.weights;
    this.#loss = parts.loss;
    this.#step = parts.step;
    this.#scorer = parts.scorer;
    this.#train = examplesOfSplit(tokens, 'train');
    this.#valid = examplesOfSplit(tokens, 'valid');
    const rateOf = ({ depth }: PlacedBlock): number => layerRate(depth, options.model.network.size.layers, config.layerDecay);
    this.#optimizer = openOptimizer(parts.parameters, { ...config, rateOf });
    this.#totalSteps = config.epochs * Math.ceil(this.#train.length / config.batchSize);
  }

  static async open(options: FineTuneOptions): Promise<FineTuneRun> {
    const { config, model, tokens, runtime } = options;
    const weights = classWeights(config.classWeights, [...examplesOfSplit(tokens, 'train')].map((i) => tokens.labels[i]));
    const parameters = new FlatParameters(model, optimizerTable[config.optimizer].moments);
    parameters.load(options.weights);
    const loss = lossTable[config.loss].make(config);
    const step = await GradientStep.open(runtime, { model, parameters, batchSize: config.batchSize, pooling: config.pooling, classWeights: weights, loss });
    const scorer = await PackedScorer.open(runtime, model, { parameters, pooling: config.pooling });
    return new FineTuneRun(options, { parameters, weights, loss, step, scorer });
  }

  async toTheEnd(): Promise<FineTuned> {
    await this.#begin();
    const { epochs, patience } = this.#options.config;
    while (this.#position.epoch < epochs && !isOutOfPatience(this.#position, patience)) await this.#epoch();
    this.#parameters.values.set(this.#best!);
    const valid = await this.#score();
    const { history, bestEpoch, step: steps } = this.#position;
    const calibration = valid === undefined ? { threshold: 0.5, temperature: 1 } : calibrate(valid);
    return { weights: this.#parameters.toWeights(), history, bestEpoch, steps, classWeights: this.#weights, ...calibration };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#step.close();
    await this.#scorer.close();
  }

  /** Goes on from the newest checkpoint, or gives the head its first values. */
  async #begin(): Promise<void> {
    const checkpoint = await this.#options.checkpoints?.latest();
    if (checkpoint === undefined) return this.#options.config.headStart === 'linearProbe' ? this.#probe() : undefined;
    ({ position: this.#position, best: this.#best } = restoreCheckpoint(this.#job, checkpoint, this.#parameters));
    this.#saved = this.#position.step;
    this.#report({ kind: 'resumed', step: this.#position.step, totalSteps: this.#totalSteps });
  }

  /** One pass over the training split without gradients; exact, so that a run without a checkpoint may simply do it again. */
  async #probe(): Promise<void> {
    const { runtime, model, tokens, config, signal } = this.#options;
    await using pooler = await PackedScorer.openPooling(runtime, model, { parameters: this.#parameters, pooling: config.pooling });
    const pooled = await pooler.score([...this.#train].map((i) => idsOf(tokens, i)), (done) => {
      signal?.throwIfAborted();
      this.#report({ kind: 'probe', done, total: this.#train.length });
    });
    if (!pooled.every(Number.isFinite)) return; // the first step stops, and says which value of the network is not finite
    const [weight, bias] = this.#parameters.blocks.filter(({ head }) => head);
    const head = linearProbe(pooled, [...this.#train].map((i) => tokens.labels[i]), { classWeights: this.#weights, bias: bias !== undefined });
    this.#parameters.values.set(head.weight, weight.offset);
    if (bias !== undefined) this.#parameters.values.set(head.bias, bias.offset);
  }

  async #epoch(): Promise<void> {
    const { config, tokens } = this.#options;
    const lengths = lengthsOf(tokens);
    const trainLengths = this.#train.map((i) => lengths[i]);
    const { epoch } = this.#position;
    const batches = planBatches(trainLengths, { batchSize: config.batchSize, seed: config.seed, epoch, lengthGrouped: config.lengthGrouped });
    for (const batch of batches.slice(this.#position.batch)) {
      this.#options.signal?.throwIfAborted();
      await this.#oneStep(batch.map((i) => this.#train[i]));
      // at the end of an epoch, its evaluation belongs into the checkpoint
      if (this.#position.step % config.checkpointEverySteps === 0 && this.#position.batch < batches.length) await this.#save();
    }
    await this.#endEpoch(batches.length);
    await this.#save();
  }

  async #oneStep(examples: readonly number[]): Promise<void> {
    const { config, tokens, now } = this.#options;
    const start = now();
    const batch: LabelledBatch = { sequences: examples.map((i) => idsOf(tokens, i)), labels: examples.map((i) => tokens.labels[i]) };
    const loss = await this.#step.run(batch);
    const gradientNorm = this.#optimizer.gradientNorm();
    const { step, epoch } = this.#position;
    if (!Number.isFinite(loss) || !Number.isFinite(gradientNorm)) throw lossDiverged(step + 1, loss, (await this.#step.firstNotFinite(batch)) ?? firstBrokenGradient(this.#parameters));
    const learningRate = config.learningRate * rateFactor(step, { schedule: config.schedule, warmupSteps: Math.ceil(this.#totalSteps * config.warmupRatio), totalSteps: this.#totalSteps });
    this.#optimizer.update(step + 1, learningRate, gradientNorm);
    this.#position = { ...this.#position, step: step + 1, batch: this.#position.batch + 1, epochLoss: this.#position.epochLoss + loss };
    const count = batch.sequences.reduce((sum, { length }) => sum + length, 0);
    const tokensPerSecond = (1000 * count) / Math.max(now() - start, 1e-3);
    this.#report({ kind: 'step', step: step + 1, totalSteps: this.#totalSteps, epoch: epoch + 1, loss, learningRate, gradientNorm, tokensPerSecond });
  }

  async #endEpoch(batches: number): Promise<void> {
    const { step, epoch, epochLoss, history, bestEpoch } = this.#position;
    const valid = await this.#score();
    const scores = valid === undefined ? { macroF1: null, positiveRecall: null, auc: null, averagePrecision: null } : validationScores(valid);
    const validLoss = valid === undefined ? null : meanLoss(valid, this.#loss, this.#weights);
    const record: EpochRecord = { epoch: epoch + 1, step, trainLoss: epochLoss / batches, validLoss, ...scores };
    const better = isBetter(record, history[bestEpoch - 1], this.#options.config.selectionMetric);
    if (better) this.#best = this.#parameters.values.slice();
    this.#position = { step, epoch: epoch + 1, batch: 0, epochLoss: 0, history: [...history, record], bestEpoch: better ? epoch + 1 : bestEpoch };
    this.#report({ kind: 'epoch', record, totalSteps: this.#totalSteps });
  }

  /** The validation split as the current parameters see it; undefined when there is none. */
  async #score(): Promise<ScoredSplit | undefined> {
    if (this.#valid.length === 0) return undefined;
    const { tokens, signal } = this.#options;
    const examples = [...this.#valid];
    const logits = await this.#scorer.score(examples.map((i) => idsOf(tokens, i)), () => signal?.throwIfAborted());
    return { labels: examples.map((i) => tokens.labels[i]), logits };
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
