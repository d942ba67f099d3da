import { packedInputs, type Model, type Pooling } from '@overture/models';
import type { Runtime, Session } from '@overture/runtime';
import { float32, type Tensor } from '@overture/tensors';
import type { FlatParameters, PlacedBlock } from './flat-parameters.ts';
import type { Loss } from './losses/loss.ts';
import { classification, partOf, type LabelledBatch, type Objective } from './losses/objective.ts';
import { sequenceFeeds } from './sequences.ts';
import { normaliserInput, probeGraph, trainingGraph, type TrainingGraph } from './training-graph.ts';

/** Sequences per run of the graph at most; larger batches are accumulated. Bounds the size of graph and activations. */
export const sequencesPerRun = 16;

/** Computes losses and gradients into the flat buffers. */
export class GradientStep {
  readonly #runtime: Runtime;
  readonly #model: Model;
  readonly #session: Session;
  readonly #graph: TrainingGraph;
  readonly #parameters: FlatParameters;
  readonly #pooling: Pooling;
  readonly #objective: Objective;
  readonly #perRun: number;
  readonly #feeds: Record<string, Tensor>;
  readonly #blocks: ReadonlyMap<string, PlacedBlock>;

  private constructor(runtime: Runtime, { session, graph, perRun, objective }: { session: Session; graph: TrainingGraph; perRun: number; objective: Objective }, options: GradientStepOptions) {
    this.#runtime = runtime;
    this.#model = options.model;
    this.#session = session;
    this.#graph = graph;
    this.#parameters = options.parameters;
    this.#pooling = options.pooling;
    this.#objective = objective;
    this.#perRun = perRun;
    this.#blocks = new Map(options.parameters.blocks.map((block) => [block.name, block]));
    this.#feeds = options.parameters.feeds();
  }

  static async open(runtime: Runtime, options: GradientStepOptions): Promise<GradientStep> {
    const perRun = Math.min(options.batchSize, sequencesPerRun);
    const objective = options.objective ?? classification(options.loss, options.classWeights);
    const graph = trainingGraph(options.model, perRun, objective);
    return new GradientStep(runtime, { session: await runtime.load(graph.graph), graph, perRun, objective }, options);
  }

  /** The batch's loss; its gradients replace those in the flat buffers. */
  async run(batch: LabelledBatch): Promise<number> {
    let loss = 0;
    for (const [i, feeds] of this.#partsOf(batch).entries()) loss += await this.#runPart(feeds, i === 0);
    return loss;
  }

  /**
   * The first value on the way to the loss that is not finite: a parameter, or what an operator made of finite ones. Slow, for messages.
   * @returns undefined where all of them are finite: then the gradients overflow
   */
  async firstNotFinite(batch: LabelledBatch): Promise<string | undefined> {
    const { graph, probes } = probeGraph(this.#model, this.#perRun, this.#objective);
    await using session = await this.#runtime.load(graph);
    for (const feeds of this.#partsOf(batch)) {
      const results = await session.run(feeds);
      const found = probes.find(({ output }) => results[output].data[0] !== 0);
      if (found !== undefined) return found.value;
    }
    return undefined;
  }

  close(): Promise<void> {
    return this.#session.close();
  }

  /** The feeds of every run that a batch takes. */
  #partsOf(batch: LabelledBatch): Record<string, Tensor>[] {
    const normaliser = this.#objective.normaliser(batch);
    return Array.from({ length: Math.ceil(batch.sequences.length / this.#perRun) }, (_, part) => {
      const start = part * this.#perRun;
      const places = Array.from({ length: Math.min(this.#perRun, batch.sequences.length - start) }, (__, i) => start + i);
      return this.#feedsOf(partOf(batch, places), normaliser);
    });
  }

  #feedsOf(part: LabelledBatch, normaliser: number): Record<string, Tensor> {
    return {
      ...this.#feeds,
      ...sequenceFeeds(part, this.#perRun, this.#pooling),
      ...this.#objective.feeds(part, this.#perRun),
      [normaliserInput]: float32([], [normaliser]),
    };
  }

  async #runPart(feeds: Readonly<Record<string, Tensor>>, first: boolean): Promise<number> {
    const tokens = feeds[packedInputs.positions].data.length;
    const { into, targetsOf } = this.#outputs(tokens, first);
    await this.#session.run(feeds, into);
    if (!first) for (const [block, part] of targetsOf) addTo(this.#parameters.gradient(block).data as Float32Array, part);
    this.#addTables(into, first);
    return (into[this.#graph.loss].data as Float32Array)[0];
  }

  /** Where the run writes: dense gradients straight into the flat buffer, unless there is something in it to add to. */
  #outputs(tokens: number, first: boolean): { into: Record<string, Tensor>; targetsOf: [PlacedBlock, Float32Array][] } {
    const into: Record<string, Tensor> = { [this.#graph.loss]: float32([]) };
    const targetsOf: [PlacedBlock, Float32Array][] = [];
    for (const [name, output] of this.#graph.dense) {
      const block = this.#blocks.get(name)!;
      into[output] = first ? this.#parameters.gradient(block) : float32(block.shape);
      targetsOf.push([block, into[output].data as Float32Array]);
    }
    for (const { block, values, indices, rows: count = tokens } of this.#graph.tables) {
      const width = this.#blocks.get(block)!.shape[1];
      into[values] ??= float32([count, width]);
      into[indices] ??= { dtype: 'int64', shape: [count], data: new BigInt64Array(count) };
    }
    return { into, targetsOf };
  }

  /** Adds rows to their places in token order: the same sum every time. A table that is also used whole has its dense part there already. */
  #addTables(into: Record<string, Tensor>, first: boolean): void {
    const begun = new Set(this.#graph.dense.keys());
    for (const { block: name, values, indices } of this.#graph.tables) {
      const block = this.#blocks.get(name)!;
      const width = block.shape[1];
      const target = this.#parameters.gradient(block).data as Float32Array;
      if (first && !begun.has(name)) target.fill(0);
      begun.add(name);
      const rows = into[values].data as Float32Array;
      const places = into[indices].data as BigInt64Array;
      for (let i = 0; i < places.length; i++) {
        const to = Number(places[i]) * width;
        const from = i * width;
        for (let k = 0; k < width; k++) target[to + k] += rows[from + k];
      }
    }
  }
}

export interface GradientStepOptions {
  readonly model: Model;
  readonly parameters: FlatParameters;
  readonly batchSize: number;
  readonly pooling: Pooling;
  /** One per output of a classifier. */
  readonly classWeights?: readonly number[];
  /** Of a classifier. Default: cross-entropy. */
  readonly loss?: Loss;
  /** Default: classification by `loss` and `classWeights`. */
  readonly objective?: Objective;
}

function addTo(target: Float32Array, part: Float32Array): void {
  for (let i = 0; i < target.length; i++) target[i] += part[i];
}
