import type { Graph } from '@overture/graph';
import type { Model, Pooling } from '@overture/models';
import type { Runtime, Session } from '@overture/runtime';
import { float32, type Tensor } from '@overture/tensors';
import type { FlatParameters } from './flat-parameters.ts';
import { openLanes } from './lanes.ts';
import { chosenOf, sequenceFeeds, type Sequences } from './sequences.ts';
import { poolingGraph, scoringGraph } from './training-graph.ts';

const sequencesPerRun = 8;

interface ScorerOptions {
  readonly parameters: FlatParameters;
  readonly pooling: Pooling;
}

/** Computes one row of numbers per sequence with the parameters as they are judged now: logits, or what the head gets. */
export class PackedScorer {
  readonly #lanes: readonly Session[];
  readonly #feeds: Record<string, Tensor>;
  readonly #pooling: Pooling;
  readonly #output: string;
  readonly #width: number;

  private constructor(lanes: readonly Session[], { parameters, pooling }: ScorerOptions, width: number) {
    const [{ inputs, outputs }] = lanes;
    this.#lanes = lanes;
    this.#output = outputs[0];
    this.#width = width;
    this.#feeds = Object.fromEntries(Object.entries(parameters.judgedFeeds()).filter(([name]) => inputs.includes(name)));
    this.#pooling = pooling;
  }

  /** Gives logits, [n, outputs]. */
  static open(runtime: Runtime, model: Model, options: ScorerOptions): Promise<PackedScorer> {
    return PackedScorer.#of(runtime, scoringGraph(model, sequencesPerRun), { ...options, width: model.outputs });
  }

  /** Gives pooled hidden states, [n, hidden]. */
  static openPooling(runtime: Runtime, model: Model, options: ScorerOptions): Promise<PackedScorer> {
    return PackedScorer.#of(runtime, poolingGraph(model, sequencesPerRun), { ...options, width: model.network.size.hiddenSize });
  }

  static async #of(runtime: Runtime, graph: Graph, { width, ...options }: ScorerOptions & { width: number }): Promise<PackedScorer> {
    return new PackedScorer(await openLanes(runtime, graph, runtime.threads), options, width);
  }

  /** float32 [n, width], in the order of the sequences; `onBatch` may stop the work by throwing. */
  async score(inputs: Sequences, onBatch?: (done: number) => void): Promise<Float32Array> {
    const { sequences } = inputs;
    const width = this.#width;
    const rows = new Float32Array(sequences.length * width);
    const byLength = sequences.map((_, i) => i).sort((a, b) => sequences[a].length - sequences[b].length);
    let next = 0;
    const work = async (session: Session): Promise<void> => {
      for (let start = next; start < byLength.length; start = next) {
        next += sequencesPerRun;
        onBatch?.(start);
        const batch = byLength.slice(start, start + sequencesPerRun);
        const into = { [this.#output]: float32([sequencesPerRun, width]) };
        await session.run({ ...this.#feeds, ...sequenceFeeds(chosenOf(inputs, batch), sequencesPerRun, this.#pooling) }, into);
        batch.forEach((example, row) => rows.set((into[this.#output].data as Float32Array).subarray(width * row, width * (row + 1)), width * example));
      }
    };
    await Promise.all(this.#lanes.toReversed().map(work)); // the first lane blocks this thread, so the others begin before it
    return rows;
  }

  async close(): Promise<void> {
    await Promise.all(this.#lanes.map((session) => session.close()));
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }
}
