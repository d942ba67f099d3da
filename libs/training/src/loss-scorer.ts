import type { Model, Pooling } from '@overture/models';
import type { Runtime, Tensors } from '@overture/runtime';
import { float32 } from '@overture/tensors';
import type { FlatParameters } from './flat-parameters.ts';
import { placementOn, scoredPerRun } from './graph-placement.ts';
import { Replicas } from './replicas.ts';
import { partOf, type LabeledBatch, type Objective } from './losses/objective.ts';
import { sequenceFeeds } from './sequences.ts';
import { lossGraph, normalizerInput } from './training-graph.ts';

const pooling: Pooling = 'last'; // unused: these tasks do not pool

interface LossScorerOptions {
  readonly parameters: FlatParameters;
  readonly objective: Objective;
  /** Whether a batch's common prefix is computed once. Default: false. */
  readonly beginning?: boolean;
}

/**
 * Computes the loss of an objective without gradients, with the current parameters to validate. Used for
 * tasks that have no other metric.
 */
export class LossScorer {
  readonly #replicas: Replicas;
  readonly #feeds: Tensors;
  readonly #objective: Objective;
  readonly #perRun: number;

  private constructor(replicas: Replicas, { parameters, objective }: LossScorerOptions, perRun: number) {
    this.#replicas = replicas;
    this.#feeds = replicas.known(parameters.evalFeeds());
    this.#objective = objective;
    this.#perRun = perRun;
  }

  /** Builds the loss graph and opens its sessions. */
  static async open(runtime: Runtime, model: Model, options: LossScorerOptions): Promise<LossScorer> {
    const perRun = scoredPerRun(runtime);
    return new LossScorer(
      await Replicas.open(
        runtime,
        lossGraph(model, perRun, { ...options, ...placementOn(runtime, options.parameters) }),
      ),
      options,
      perRun,
    );
  }

  /** The mean loss, normalized as in training. `onBatch` can stop the pass by throwing. */
  async meanLoss(batch: LabeledBatch, onBatch?: (done: number) => void): Promise<number> {
    const losses: number[] = [];
    const perRun = this.#perRun;
    await this.#replicas.byLength(
      batch.sequences.map(({ length }) => length),
      perRun,
      async (session, places, begun) => {
        onBatch?.(begun);
        const part = partOf(batch, places);
        const fed = {
          ...sequenceFeeds(part, perRun, pooling),
          ...this.#objective.feeds(part, perRun),
          [normalizerInput]: float32([], [1]),
        };
        const { loss } = await session.run({ ...this.#feeds, ...fed });
        losses[begun / perRun] = Number(loss.data[0]); // summed in order, whichever session is faster
      },
    );
    return losses.reduce((sum, loss) => sum + loss, 0) / this.#objective.normalizer(batch);
  }

  close(): Promise<void> {
    return this.#replicas.close();
  }
}
