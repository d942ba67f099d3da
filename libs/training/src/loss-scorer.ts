import type { Model, Pooling } from '@overture/models';
import type { Runtime, Session } from '@overture/runtime';
import { float32, type Tensor } from '@overture/tensors';
import type { FlatParameters } from './flat-parameters.ts';
import { partOf, type LabelledBatch, type Objective } from './losses/objective.ts';
import { sequenceFeeds } from './sequences.ts';
import { lossGraph, normaliserInput } from './training-graph.ts';

const sequencesPerRun = 8;
const pooling: Pooling = 'last'; // of tasks that pool nothing

interface LossScorerOptions {
  readonly parameters: FlatParameters;
  readonly objective: Objective;
}

/** Computes an objective's loss with the parameters as they are judged now, without gradients: what has no other score is judged by it. */
export class LossScorer {
  readonly #session: Session;
  readonly #feeds: Readonly<Record<string, Tensor>>;
  readonly #objective: Objective;

  private constructor(session: Session, { parameters, objective }: LossScorerOptions) {
    this.#session = session;
    this.#feeds = Object.fromEntries(Object.entries(parameters.judgedFeeds()).filter(([name]) => session.inputs.includes(name)));
    this.#objective = objective;
  }

  static async open(runtime: Runtime, model: Model, options: LossScorerOptions): Promise<LossScorer> {
    return new LossScorer(await runtime.load(lossGraph(model, sequencesPerRun, options.objective)), options);
  }

  /** The mean over all that counts, as in training; `onBatch` may stop the work by throwing. */
  async meanLoss(batch: LabelledBatch, onBatch?: (done: number) => void): Promise<number> {
    const byLength = batch.sequences.map((_, i) => i).sort((a, b) => batch.sequences[a].length - batch.sequences[b].length);
    let sum = 0;
    for (let start = 0; start < byLength.length; start += sequencesPerRun) {
      onBatch?.(start);
      const part = partOf(batch, byLength.slice(start, start + sequencesPerRun));
      const fed = { ...sequenceFeeds(part, sequencesPerRun, pooling), ...this.#objective.feeds(part, sequencesPerRun), [normaliserInput]: float32([], [1]) };
      const { loss } = await this.#session.run({ ...this.#feeds, ...fed });
      sum += Number(loss.data[0]);
    }
    return sum / this.#objective.normaliser(batch);
  }

  close(): Promise<void> {
    return this.#session.close();
  }
}
