import { packBatch, type BertConfig, type Pooling } from '@overture/models';
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

  private constructor(session: Session, parameters: FlatParameters, pooling: Pooling) {
    this.#session = session;
    this.#feeds = Object.fromEntries(parameters.blocks.map((block) => [block.name, parameters.value(block)]));
    this.#pooling = pooling;
  }

  static async open(runtime: Runtime, config: BertConfig, parameters: FlatParameters, pooling: Pooling): Promise<PackedScorer> {
    return new PackedScorer(await runtime.load(scoringGraph(config, sequencesPerRun)), parameters, pooling);
  }

  /** Logits, float32 [n, 2], in the order of the sequences; `onBatch` may stop the work by throwing. */
  async score(sequences: readonly ArrayLike<number>[], onBatch?: () => void): Promise<Float32Array> {
    const logits = new Float32Array(sequences.length * 2);
    const byLength = sequences.map((_, i) => i).sort((a, b) => sequences[a].length - sequences[b].length);
    for (let start = 0; start < byLength.length; start += sequencesPerRun) {
      onBatch?.();
      const batch = byLength.slice(start, start + sequencesPerRun);
      const into = { logits: float32([sequencesPerRun, 2]) };
      await this.#session.run({ ...this.#feeds, ...packBatch(batch.map((i) => sequences[i]), sequencesPerRun, this.#pooling) }, into);
      batch.forEach((example, row) => logits.set((into.logits.data as Float32Array).subarray(2 * row, 2 * row + 2), 2 * example));
    }
    return logits;
  }

  close(): Promise<void> {
    return this.#session.close();
  }
}
