import { packedInputs, type DropoutRates, type Model, type Pooling } from '@overture/models';
import type { Runtime, Session } from '@overture/runtime';
import { float32, type Tensor } from '@overture/tensors';
import { cutBatch, sequencesPerPart } from './batch-parts.ts';
import { DropoutMasks } from './dropout/dropout-masks.ts';
import type { FineTuneConfig } from './fine-tune-config.ts';
import type { FlatParameters, PlacedBlock } from './flat-parameters.ts';
import { placementOn } from './graph-placement.ts';
import { Lanes } from './lanes.ts';
import type { Loss } from './losses/loss.ts';
import { classification, partOf, type LabelledBatch, type Objective } from './losses/objective.ts';
import { sequenceFeeds } from './sequences.ts';
import { normaliserInput, probeGraph, trainingGraph, type TrainingGraph } from './training-graph.ts';

/** What one part of a batch gives, while it runs. */
interface PartRun {
  readonly session: Session;
  readonly feeds: Readonly<Record<string, Tensor>>;
  readonly into: Readonly<Record<string, Tensor>>;
  /** The part's own gradients by block; none for the first part, which writes into the flat buffer. */
  readonly apart: readonly (readonly [PlacedBlock, Float32Array])[];
}

/**
 * Computes losses and gradients into the flat buffers. A batch is cut into parts, which run side by side in as many lanes as there are
 * threads; their gradients are added in the order of the parts, so that the number of lanes changes no bit.
 */
export class GradientStep {
  readonly #runtime: Runtime;
  readonly #model: Model;
  readonly #lanes: Lanes;
  /** By lane, for gradients of parts after the first: float32 [parameters.length]. */
  readonly #buffers = new Map<number, Float32Array>();
  readonly #graph: TrainingGraph;
  readonly #parameters: FlatParameters;
  readonly #pooling: Pooling;
  readonly #objective: Objective;
  readonly #dropout: DropoutRates | undefined;
  readonly #beginning: boolean | undefined;
  /** By lane; none where nothing is dropped. */
  readonly #masks: readonly DropoutMasks[];
  readonly #perRun: number;
  readonly #feeds: Record<string, Tensor>;
  readonly #blocks: ReadonlyMap<string, PlacedBlock>;

  private constructor(runtime: Runtime, { lanes, graph, perRun, objective }: { lanes: Lanes; graph: TrainingGraph; perRun: number; objective: Objective }, options: GradientStepOptions) {
    this.#runtime = runtime;
    this.#model = options.model;
    this.#lanes = lanes;
    this.#graph = graph;
    this.#parameters = options.parameters;
    this.#pooling = options.pooling;
    this.#objective = objective;
    this.#dropout = options.dropout?.rates;
    this.#beginning = options.beginning;
    this.#masks = graph.dropout.length === 0 ? [] : lanes.sessions.map(() => new DropoutMasks(graph.dropout, options.dropout?.seed ?? 0));
    this.#perRun = perRun;
    this.#blocks = new Map(options.parameters.blocks.map((block) => [block.name, block]));
    this.#feeds = options.parameters.feeds();
  }

  static async open(runtime: Runtime, options: GradientStepOptions): Promise<GradientStep> {
    const perRun = sequencesPerPart(options.batchSize, runtime);
    const objective = options.objective ?? classification(options.loss, options.classWeights);
    const int8 = options.frozenWeights === 'int8' ? options.parameters.frozenMatrices(options.frozenLayers) : undefined;
    const graph = trainingGraph(options.model, perRun, { objective, dropout: options.dropout?.rates, beginning: options.beginning, int8, ...placementOn(runtime, options.parameters, options.dropout?.rates) });
    const lanes = await Lanes.open(runtime, graph.graph, Math.ceil(options.batchSize / perRun));
    return new GradientStep(runtime, { lanes, graph, perRun, objective }, options);
  }

  /** The batch's loss; its gradients replace those in the flat buffers. */
  async run(batch: LabelledBatch): Promise<number> {
    const [parts, normaliser] = [this.#partsOf(batch), this.#objective.normaliser(batch)];
    let loss = 0;
    for (let start = 0; start < parts.length; start += this.#lanes.count) {
      const runs = parts.slice(start, start + this.#lanes.count).map((part, lane) => this.#prepare(this.#feedsOf(part, { normaliser, lane }), { lane, first: start + lane === 0 }));
      // the first lane blocks this thread, so the others are asked before it
      await Promise.all(runs.toReversed().map(({ session, feeds, into }) => session.run(feeds, into)));
      for (const run of runs) loss += this.#addUp(run);
    }
    return loss;
  }

  /**
   * The first value on the way to the loss that is not finite: a parameter, or what an operator made of finite ones. Slow, for messages.
   * @returns undefined where all of them are finite: then the gradients overflow
   */
  async firstNotFinite(batch: LabelledBatch): Promise<string | undefined> {
    const { graph, probes } = probeGraph(this.#model, this.#perRun, { objective: this.#objective, dropout: this.#dropout, beginning: this.#beginning });
    await using session = await this.#runtime.load(graph);
    const normaliser = this.#objective.normaliser(batch);
    for (const part of this.#partsOf(batch)) {
      const results = await session.run(this.#feedsOf(part, { normaliser }));
      const found = probes.find(({ output }) => results[output].data[0] !== 0);
      if (found !== undefined) return found.value;
    }
    return undefined;
  }

  close(): Promise<void> {
    return this.#lanes.close();
  }

  #partsOf(batch: LabelledBatch): LabelledBatch[] {
    return cutBatch(batch.sequences.map(({ length }) => length), this.#perRun).map((places) => partOf(batch, places));
  }

  /** @param lane whose memory for masks is written over */
  #feedsOf(part: LabelledBatch, { normaliser, lane = 0 }: { readonly normaliser: number; readonly lane?: number }): Record<string, Tensor> {
    const { step = 0, places = [] } = part;
    return {
      ...this.#feeds,
      ...this.#masks[lane]?.feeds({ step, places, lengths: part.sequences.map(({ length }) => length) }, this.#perRun),
      ...sequenceFeeds(part, this.#perRun, this.#pooling),
      ...this.#objective.feeds(part, this.#perRun),
      [normaliserInput]: float32([], [normaliser]),
    };
  }

  /** Where the part's run writes: the gradients of the first straight into the flat buffer, those of the others into one of their lane. */
  #prepare(feeds: Readonly<Record<string, Tensor>>, { lane, first }: { readonly lane: number; readonly first: boolean }): PartRun {
    const into: Record<string, Tensor> = { [this.#graph.loss]: float32([]) };
    const apart: [PlacedBlock, Float32Array][] = [];
    for (const [name, output] of this.#graph.dense) {
      const block = this.#blocks.get(name)!;
      const target = first ? this.#parameters.gradient(block) : float32(block.shape, this.#bufferOf(lane).subarray(block.offset, block.offset + block.length));
      into[output] = target;
      if (!first) apart.push([block, target.data as Float32Array]);
    }
    const tokens = feeds[packedInputs.positions].data.length;
    for (const { block, values, indices, rows: count = tokens } of this.#graph.tables) {
      const width = this.#blocks.get(block)!.shape[1];
      into[values] ??= float32([count, width], new Float32Array(new SharedArrayBuffer(4 * count * width)));
      into[indices] ??= { dtype: 'int64', shape: [count], data: new BigInt64Array(count) };
    }
    return { session: this.#lanes.sessions[lane], feeds, into, apart };
  }

  #bufferOf(lane: number): Float32Array {
    const known = this.#buffers.get(lane) ?? new Float32Array(new SharedArrayBuffer(4 * this.#parameters.length));
    this.#buffers.set(lane, known);
    return known;
  }

  /** Adds the part's gradients to those before it. @returns its share of the loss */
  #addUp({ into, apart }: PartRun): number {
    for (const [block, part] of apart) addTo(this.#parameters.gradient(block).data as Float32Array, part);
    this.#addTables(into, apart.length === 0);
    return (into[this.#graph.loss].data as Float32Array)[0];
  }

  /** Adds rows to their places in token order: the same sum every time. A table that is also used whole has its dense part there already. */
  #addTables(into: Readonly<Record<string, Tensor>>, first: boolean): void {
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
  /** How steps compute with what is frozen; default float32. */
  readonly frozenWeights?: FineTuneConfig['frozenWeights'];
  /** The lowest layers, which are computed in float32 whatever `frozenWeights` says: as where their results are kept. Default 0. */
  readonly frozenLayers?: number;
  /** Default: classification by `loss` and `classWeights`. */
  readonly objective?: Objective;
  /** Whether batches have their common beginning once; default: not. */
  readonly beginning?: boolean;
  /** Default: nothing is dropped. Batches then say their step. */
  readonly dropout?: { readonly rates: DropoutRates; readonly seed: number };
}

function addTo(target: Float32Array, part: Float32Array): void {
  for (let i = 0; i < target.length; i++) target[i] += part[i];
}
