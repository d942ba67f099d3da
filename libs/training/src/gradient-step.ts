import { packedInputs, type DropoutRates, type Model, type Pooling } from '@overture/models';
import type { Runtime } from '@overture/runtime';
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
  readonly lane: number;
  readonly feeds: Readonly<Record<string, Tensor>>;
  readonly into: Readonly<Record<string, Tensor>>;
  /** The part's own dense gradients, as they lie in the flat buffer; none for the first part, which writes there. */
  readonly apart: Float32Array | undefined;
}

/**
 * Computes losses and gradients into the flat buffers. A batch is cut into parts, which run side by side in as many lanes as there are
 * threads; their gradients are added in the order of the parts, so that the number of lanes changes no bit.
 */
export class GradientStep {
  readonly #runtime: Runtime;
  readonly #model: Model;
  readonly #lanes: Lanes;
  /** By slot, for gradients of parts after the first: float32 [dense]. */
  readonly #buffers = new Map<number, Float32Array>();
  /** By slot, and for the first part of a batch by -1: where dense gradients are written. */
  readonly #denseInto = new Map<number, Readonly<Record<string, Tensor>>>();
  /** By slot and output: memory for rows of tables, which grows with the longest part so far. */
  readonly #rows = new Map<string, Float32Array>();
  /** Elements of the flat buffer, from its start, in which dense gradients lie. */
  readonly #dense: number;
  /** Names in the graph, which itself may hold a model's weights and lives in the lanes. */
  readonly #graph: Omit<TrainingGraph, 'graph'>;
  readonly #parameters: FlatParameters;
  readonly #pooling: Pooling;
  readonly #objective: Objective;
  readonly #dropout: DropoutRates | undefined;
  readonly #beginning: boolean | undefined;
  /** By slot; none where nothing is dropped. */
  readonly #masks: readonly DropoutMasks[];
  readonly #perRun: number;
  readonly #feeds: Record<string, Tensor>;
  readonly #blocks: ReadonlyMap<string, PlacedBlock>;
  /** By table that is only read by rows: those that have a gradient now. */
  readonly #touched = new Map<string, Set<number>>();

  private constructor(runtime: Runtime, { lanes, graph, perRun, objective }: { lanes: Lanes; graph: TrainingGraph; perRun: number; objective: Objective }, options: GradientStepOptions) {
    this.#runtime = runtime;
    this.#model = options.model;
    this.#lanes = lanes;
    const { graph: _graph, ...names } = graph;
    this.#graph = names;
    this.#parameters = options.parameters;
    this.#pooling = options.pooling;
    this.#objective = objective;
    this.#dropout = options.dropout?.rates;
    this.#beginning = options.beginning;
    this.#masks = graph.dropout.length === 0 ? [] : Array.from({ length: slotsOf(lanes.count) }, () => new DropoutMasks(graph.dropout, options.dropout?.seed ?? 0));
    this.#perRun = perRun;
    this.#blocks = new Map(options.parameters.blocks.map((block) => [block.name, block]));
    this.#feeds = options.parameters.feeds();
    const ends = Array.from(graph.dense.keys(), (name) => this.#blocks.get(name)!).map(({ offset, length }) => offset + length);
    this.#dense = Math.max(0, ...ends);
  }

  static async open(runtime: Runtime, options: GradientStepOptions): Promise<GradientStep> {
    const perRun = sequencesPerPart(options.batchSize, runtime);
    const objective = options.objective ?? classification(options.loss, options.classWeights);
    const int8 = options.frozenWeights === 'int8' ? options.parameters.frozenMatrices(options.frozenLayers) : undefined;
    const graph = trainingGraph(options.model, perRun, { objective, pooling: options.pooling, dropout: options.dropout?.rates, beginning: options.beginning, int8, ...placementOn(runtime, options.parameters, options.dropout?.rates) });
    const lanes = await Lanes.open(runtime, graph.graph, Math.ceil(options.batchSize / perRun));
    return new GradientStep(runtime, { lanes, graph, perRun, objective }, options);
  }

  /** The batch's loss; its gradients replace those in the flat buffers. */
  async run(batch: LabelledBatch): Promise<number> {
    const [parts, normaliser] = [this.#partsOf(batch), this.#objective.normaliser(batch)];
    const slots = slotsOf(this.#lanes.count);
    let loss = 0;
    for (let start = 0; start < parts.length; start += slots) {
      const runs = parts.slice(start, start + slots).map((part, slot) => this.#prepare(this.#feedsOf(part, { normaliser, slot }), { slot, first: start + slot === 0 }));
      // the first lane blocks this thread, so the others are asked before it
      await Promise.all(runs.toSorted((a, b) => b.lane - a.lane).map(({ lane, feeds, into }) => this.#lanes.sessions[lane].run(feeds, into)));
      for (const run of runs) loss += this.#addUp(run);
    }
    return loss;
  }

  /**
   * The first value on the way to the loss that is not finite: a parameter, or what an operator made of finite ones. Slow, for messages.
   * @returns undefined where all of them are finite: then the gradients overflow
   */
  async firstNotFinite(batch: LabelledBatch): Promise<string | undefined> {
    const { graph, probes } = probeGraph(this.#model, this.#perRun, { objective: this.#objective, pooling: this.#pooling, dropout: this.#dropout, beginning: this.#beginning });
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

  /** @param slot whose memory for masks is written over */
  #feedsOf(part: LabelledBatch, { normaliser, slot = 0 }: { readonly normaliser: number; readonly slot?: number }): Record<string, Tensor> {
    const { step = 0, places = [] } = part;
    return {
      ...this.#feeds,
      ...this.#masks[slot]?.feeds({ step, places, lengths: part.sequences.map(({ length }) => length) }, this.#perRun),
      ...sequenceFeeds(part, this.#perRun, this.#pooling),
      ...this.#objective.feeds(part, this.#perRun),
      [normaliserInput]: float32([], [normaliser]),
    };
  }

  /** Where the part's run writes: the gradients of the first straight into the flat buffer, those of the others into one of their slot. */
  #prepare(feeds: Readonly<Record<string, Tensor>>, { slot, first }: { readonly slot: number; readonly first: boolean }): PartRun {
    const apart = first ? undefined : this.#bufferOf(slot);
    const into: Record<string, Tensor> = { [this.#graph.loss]: float32([]), ...this.#denseOf(first ? -1 : slot, apart ?? this.#parameters.gradients) };
    const tokens = feeds[packedInputs.positions].data.length;
    for (const { block, values, indices, rows: count = tokens } of this.#graph.tables) {
      const width = this.#blocks.get(block)!.shape[1];
      into[values] ??= float32([count, width], this.#rowsOf(`${slot} ${values}`, count * width));
      into[indices] ??= { dtype: 'int64', shape: [count], data: new BigInt64Array(count) };
    }
    return { lane: slot % this.#lanes.count, feeds, into, apart };
  }

  /** The same objects for a slot each time, so that a lane's thread is sent them once. */
  #denseOf(key: number, gradients: Float32Array): Readonly<Record<string, Tensor>> {
    let known = this.#denseInto.get(key);
    if (known === undefined) {
      const entries = Array.from(this.#graph.dense, ([name, output]) => {
        const { shape, offset, length } = this.#blocks.get(name)!;
        return [output, float32(shape, gradients.subarray(offset, offset + length))] as const;
      });
      this.#denseInto.set(key, (known = Object.fromEntries(entries)));
    }
    return known;
  }

  #rowsOf(key: string, elements: number): Float32Array {
    let memory = this.#rows.get(key);
    if (memory === undefined || memory.length < elements) this.#rows.set(key, (memory = new Float32Array(new SharedArrayBuffer(4 * Math.ceil(1.25 * elements)))));
    return memory.subarray(0, elements);
  }

  #bufferOf(slot: number): Float32Array {
    const known = this.#buffers.get(slot) ?? this.#parameters.spare(this.#dense);
    this.#buffers.set(slot, known);
    return known;
  }

  /** Adds the part's gradients to those before it. @returns its share of the loss */
  #addUp({ into, apart }: PartRun): number {
    if (apart !== undefined) this.#parameters.addToGradients(apart);
    this.#addTables(into, apart === undefined);
    return (into[this.#graph.loss].data as Float32Array)[0];
  }

  /** Zeros where the last step left something; at first, everywhere. */
  #clear(table: string, gradient: Float32Array, width: number): void {
    const touched = this.#touched.get(table);
    if (touched === undefined) gradient.fill(0);
    else for (const row of touched) gradient.fill(0, row * width, (row + 1) * width);
    this.#touched.set(table, new Set());
  }

  /** Adds rows to their places in token order: the same sum every time. A table that is also used whole has its dense part there already. */
  #addTables(into: Readonly<Record<string, Tensor>>, first: boolean): void {
    const begun = new Set(this.#graph.dense.keys());
    for (const { block: name, values, indices } of this.#graph.tables) {
      const block = this.#blocks.get(name)!;
      const width = block.shape[1];
      const target = this.#parameters.gradient(block).data as Float32Array;
      if (first && !begun.has(name)) this.#clear(name, target, width);
      begun.add(name);
      const touched = this.#touched.get(name);
      const rows = into[values].data as Float32Array;
      const places = into[indices].data as BigInt64Array;
      for (let i = 0; i < places.length; i++) {
        const to = Number(places[i]) * width;
        touched?.add(Number(places[i]));
        const from = i * width;
        for (let k = 0; k < width; k++) target[to + k] += rows[from + k];
      }
    }
  }
}

/** Parts that are under way or ready to be, two a lane: so no lane waits for another one's part to end. */
export function slotsOf(lanes: number): number {
  return 2 * lanes;
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
