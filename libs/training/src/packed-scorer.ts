import { packBatch, type Model, type Pooling } from '@overture/models';
import type { Runtime, Session } from '@overture/runtime';
import { float32, type Tensor } from '@overture/tensors';
import type { FlatParameters } from './flat-parameters.ts';
import { scoringGraph } from './training-graph.ts';

const sequencesPerRun = 16;

/** Scores sequences with the parameters as they are now. */
export class PackedScorer {
  readonly #session: Session;
  readonly #feeds: Record<string, Tensor>;
  readonly #pooling: Pooling;
  readonly #outputs: number;

  private constructor(session: Session, { outputs }: Model, parameters: FlatParameters, pooling: Pooling) {
    this.#session = session;
    this.#outputs = outputs;
    this.#feeds = parameters.feeds();
    this.#pooling = pooling;
  }

  static async open(runtime: Runtime, model: Model, { parameters, pooling }: { parameters: FlatParameters; pooling: Pooling }): Promise<PackedScorer> {
    return new PackedScorer(await runtime.load(scoringGraph(model, sequencesPerRun)), model, parameters, pooling);
  }

  /** Logits, float32 [n, outputs], in the order of the sequences; `onBatch` may stop the work by throwing. */
  async score(sequences: readonly ArrayLike<number>[], onBatch?: () => void): Promise<Float32Array> {
    const width = this.#outputs;
    const logits = new Float32Array(sequences.length * width);
    const byLength = sequences.map((_, i) => i).sort((a, b) => sequences[a].length - sequences[b].length);
    for (let start = 0; start < byLength.length; start += sequencesPerRun) {
      onBatch?.();
      const batch = byLength.slice(start, start + sequencesPerRun);
      const into = { logits: float32([sequencesPerRun, width]) };
      await this.#session.run({ ...this.#feeds, ...packBatch(batch.map((i) => sequences[i]), sequencesPerRun, this.#pooling) }, into);
      batch.forEach((example, row) => logits.set((into.logits.data as Float32Array).subarray(width * row, width * (row + 1)), width * example));
    }
    return logits;
  }

  close(): Promise<void> {
    return this.#session.close();
  }
}
