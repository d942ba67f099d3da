import type { Model, Pooling } from '@overture/models';
import type { Runtime, Tensors } from '@overture/runtime';
import { float32 } from '@overture/tensors';
import type { FlatParameters } from './flat-parameters.ts';
import { placementOn, scoredPerRun } from './graph-placement.ts';
import { Replicas } from './replicas.ts';
import { chosenOf, sequenceFeeds, type Sequences } from './sequences.ts';
import { poolingGraph, scoringGraph } from './training-graph.ts';

interface ScorerOptions {
  readonly parameters: FlatParameters;
  readonly pooling: Pooling;
}

/** Computes one row per sequence with the current parameters to validate: logits or pooled hidden states. */
export class PackedScorer {
  readonly #replicas: Replicas;
  readonly #feeds: Tensors;
  readonly #pooling: Pooling;
  readonly #output: string;
  readonly #width: number;
  readonly #perRun: number;

  private constructor(
    replicas: Replicas,
    { parameters, pooling }: ScorerOptions,
    { width, perRun }: { readonly width: number; readonly perRun: number },
  ) {
    this.#replicas = replicas;
    this.#output = replicas.outputs[0];
    this.#width = width;
    this.#perRun = perRun;
    this.#feeds = replicas.known(parameters.evalFeeds());
    this.#pooling = pooling;
  }

  /** Opens a scorer that returns logits, [n, outputs]. */
  static open(runtime: Runtime, model: Model, options: ScorerOptions): Promise<PackedScorer> {
    return PackedScorer.#of(runtime, scoringGraph, { ...options, model, width: model.outputs });
  }

  /** Opens a scorer that returns pooled hidden states, [n, hidden]. */
  static openPooling(runtime: Runtime, model: Model, options: ScorerOptions): Promise<PackedScorer> {
    return PackedScorer.#of(runtime, poolingGraph, {
      ...options,
      model,
      width: model.network.size.hiddenSize,
    });
  }

  static async #of(
    runtime: Runtime,
    graph: typeof scoringGraph,
    { model, width, ...options }: ScorerOptions & { readonly model: Model; readonly width: number },
  ): Promise<PackedScorer> {
    const perRun = scoredPerRun(runtime);
    return new PackedScorer(
      await Replicas.open(
        runtime,
        graph(model, perRun, { pooling: options.pooling, ...placementOn(runtime, options.parameters) }),
      ),
      options,
      { width, perRun },
    );
  }

  /** float32 [n, width], in the order of the sequences. `onBatch` can stop the pass by throwing. */
  async score(inputs: Sequences, onBatch?: (done: number) => void): Promise<Float32Array> {
    const { sequences } = inputs;
    const [width, perRun] = [this.#width, this.#perRun];
    const rows = new Float32Array(sequences.length * width);
    await this.#replicas.byLength(
      sequences.map(({ length }) => length),
      perRun,
      async (session, places, begun) => {
        onBatch?.(begun);
        const into = { [this.#output]: float32([perRun, width]) };
        await session.run(
          { ...this.#feeds, ...sequenceFeeds(chosenOf(inputs, places), perRun, this.#pooling) },
          into,
        );
        places.forEach((example, row) =>
          rows.set(
            (into[this.#output].data as Float32Array).subarray(width * row, width * (row + 1)),
            width * example,
          ),
        );
      },
    );
    return rows;
  }

  close(): Promise<void> {
    return this.#replicas.close();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }
}
