import { packedInputs, type DropoutRates, type Model, type Pooling } from '@overture/models';
import type { Runtime } from '@overture/runtime';
import { float32, type Tensor } from '@overture/tensors';
import { cutBatch, sequencesPerPart } from './batch-parts.ts';
import { DropoutMasks } from './dropout/dropout-masks.ts';
import type { FineTuneConfig } from './fine-tune-config.ts';
import type { FlatParameters, PlacedBlock } from './flat-parameters.ts';
import { placementOn } from './graph-placement.ts';
import { Replicas } from './replicas.ts';
import type { Loss } from './losses/loss.ts';
import { classification, partOf, type LabeledBatch, type Objective } from './losses/objective.ts';
import { sequenceFeeds } from './sequences.ts';
import { normalizerInput, probeGraph, trainingGraph, type TrainingGraph } from './training-graph.ts';

/** The inputs and outputs of one part of a batch. */
interface PartRun {
  readonly replica: number;
  readonly feeds: Readonly<Record<string, Tensor>>;
  readonly into: Readonly<Record<string, Tensor>>;
  /**
   * The part's own dense gradients, laid out as in the flat buffer; undefined for the first part, which
   * writes directly to that buffer.
   */
  readonly apart: Float32Array | undefined;
}

/**
 * Computes the loss and writes the gradients to the flat buffers. A batch is split into parts that run in
 * parallel sessions, one per thread. Their gradients are added in the order of the parts, so the result does
 * not depend on the number of sessions.
 */
export class GradientStep {
  readonly #runtime: Runtime;
  readonly #model: Model;
  readonly #replicas: Replicas;
  /** By slot: dense gradients of the parts after the first, float32 [dense]. */
  readonly #buffers = new Map<number, Float32Array>();
  /** By slot, with -1 for the first part of a batch: destinations of the dense gradients. */
  readonly #denseInto = new Map<number, Readonly<Record<string, Tensor>>>();
  /** By slot and output: memory for table rows, which grows to fit the longest part. */
  readonly #rows = new Map<string, Float32Array>();
  /** Number of elements at the start of the flat buffer that cover all dense gradients. */
  readonly #dense: number;
  /**
   * Names of the graph's outputs. The graph itself is not kept here, because it can contain a model's
   * weights.
   */
  readonly #graph: Omit<TrainingGraph, 'graph'>;
  readonly #parameters: FlatParameters;
  readonly #pooling: Pooling;
  readonly #objective: Objective;
  readonly #dropout: DropoutRates | undefined;
  readonly #beginning: boolean | undefined;
  /** By slot; empty without dropout. */
  readonly #masks: readonly DropoutMasks[];
  readonly #perRun: number;
  readonly #feeds: Record<string, Tensor>;
  readonly #blocks: ReadonlyMap<string, PlacedBlock>;
  /** By table that is only read by rows: the rows that currently have a gradient. */
  readonly #touched = new Map<string, Set<number>>();

  private constructor(
    runtime: Runtime,
    {
      replicas: replicas,
      graph,
      perRun,
      objective,
    }: { replicas: Replicas; graph: TrainingGraph; perRun: number; objective: Objective },
    options: GradientStepOptions,
  ) {
    this.#runtime = runtime;
    this.#model = options.model;
    this.#replicas = replicas;
    const { graph: _graph, ...names } = graph;
    this.#graph = names;
    this.#parameters = options.parameters;
    this.#pooling = options.pooling;
    this.#objective = objective;
    this.#dropout = options.dropout?.rates;
    this.#beginning = options.beginning;
    this.#masks =
      graph.dropout.length === 0
        ? []
        : Array.from(
            { length: slotsOf(replicas.count) },
            () => new DropoutMasks(graph.dropout, options.dropout?.seed ?? 0),
          );
    this.#perRun = perRun;
    this.#blocks = new Map(options.parameters.blocks.map((block) => [block.name, block]));
    this.#feeds = options.parameters.feeds();
    const ends = Array.from(graph.dense.keys(), (name) => this.#blocks.get(name)!).map(
      ({ offset, length }) => offset + length,
    );
    this.#dense = Math.max(0, ...ends);
  }

  /** Builds the training graph and opens its sessions. */
  static async open(runtime: Runtime, options: GradientStepOptions): Promise<GradientStep> {
    const perRun = sequencesPerPart(options.batchSize, runtime);
    const objective = options.objective ?? classification(options.loss, options.classWeights);
    const int8 =
      options.frozenWeights === 'int8' ? options.parameters.frozenMatrices(options.frozenLayers) : undefined;
    const graph = trainingGraph(options.model, perRun, {
      objective,
      pooling: options.pooling,
      dropout: options.dropout?.rates,
      beginning: options.beginning,
      int8,
      ...placementOn(runtime, options.parameters, options.dropout?.rates),
    });
    const replicas = await Replicas.open(runtime, graph.graph, Math.ceil(options.batchSize / perRun));
    return new GradientStep(runtime, { replicas: replicas, graph, perRun, objective }, options);
  }

  /** Computes the batch's loss and replaces the gradients in the flat buffers. */
  async run(batch: LabeledBatch): Promise<number> {
    const [parts, normalizer] = [this.#partsOf(batch), this.#objective.normalizer(batch)];
    const slots = slotsOf(this.#replicas.count);
    let loss = 0;
    for (let start = 0; start < parts.length; start += slots) {
      const runs = parts
        .slice(start, start + slots)
        .map((part, slot) =>
          this.#prepare(this.#feedsOf(part, { normalizer, slot }), { slot, first: start + slot === 0 }),
        );
      // the first session blocks this thread, so the others are started before it
      await Promise.all(
        runs
          .toSorted((a, b) => b.replica - a.replica)
          .map(({ replica, feeds, into }) => this.#replicas.sessions[replica].run(feeds, into)),
      );
      for (const run of runs) loss += this.#addUp(run);
    }
    return loss;
  }

  /**
   * Finds the first value in the forward pass that is not finite: a parameter or an intermediate result.
   * Slow; meant for error messages.
   * @returns the value's name; undefined if all values are finite, which means that the gradients overflow
   */
  async firstNotFinite(batch: LabeledBatch): Promise<string | undefined> {
    const { graph, probes } = probeGraph(this.#model, this.#perRun, {
      objective: this.#objective,
      pooling: this.#pooling,
      dropout: this.#dropout,
      beginning: this.#beginning,
    });
    await using session = await this.#runtime.load(graph);
    const normalizer = this.#objective.normalizer(batch);
    for (const part of this.#partsOf(batch)) {
      const results = await session.run(this.#feedsOf(part, { normalizer }));
      const found = probes.find(({ output }) => results[output].data[0] !== 0);
      if (found !== undefined) return found.value;
    }
    return undefined;
  }

  /** Closes the sessions. */
  close(): Promise<void> {
    return this.#replicas.close();
  }

  #partsOf(batch: LabeledBatch): LabeledBatch[] {
    return cutBatch(
      batch.sequences.map(({ length }) => length),
      this.#perRun,
    ).map((places) => partOf(batch, places));
  }

  /** @param options.slot whose mask memory is overwritten */
  #feedsOf(
    part: LabeledBatch,
    { normalizer, slot = 0 }: { readonly normalizer: number; readonly slot?: number },
  ): Record<string, Tensor> {
    const { step = 0, places = [] } = part;
    return {
      ...this.#feeds,
      ...this.#masks[slot]?.feeds(
        { step, places, lengths: part.sequences.map(({ length }) => length) },
        this.#perRun,
      ),
      ...sequenceFeeds(part, this.#perRun, this.#pooling),
      ...this.#objective.feeds(part, this.#perRun),
      [normalizerInput]: float32([], [normalizer]),
    };
  }

  /**
   * Chooses where the part's run writes: the first part directly to the flat gradient buffer, the others to
   * the buffer of their slot.
   */
  #prepare(
    feeds: Readonly<Record<string, Tensor>>,
    { slot, first }: { readonly slot: number; readonly first: boolean },
  ): PartRun {
    const apart = first ? undefined : this.#bufferOf(slot);
    const into: Record<string, Tensor> = {
      [this.#graph.loss]: float32([]),
      ...this.#denseOf(first ? -1 : slot, apart ?? this.#parameters.gradients),
    };
    const tokens = feeds[packedInputs.positions].data.length;
    for (const { block, values, indices, rows: count = tokens } of this.#graph.tables) {
      const width = this.#blocks.get(block)!.shape[1];
      into[values] ??= float32([count, width], this.#rowsOf(`${slot} ${values}`, count * width));
      into[indices] ??= { dtype: 'int64', shape: [count], data: new BigInt64Array(count) };
    }
    return { replica: slot % this.#replicas.count, feeds, into, apart };
  }

  /** Returns the same objects every time for a slot, so that they are sent to its thread only once. */
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
    if (memory === undefined || memory.length < elements)
      this.#rows.set(key, (memory = new Float32Array(new SharedArrayBuffer(4 * Math.ceil(1.25 * elements)))));
    return memory.subarray(0, elements);
  }

  #bufferOf(slot: number): Float32Array {
    const known = this.#buffers.get(slot) ?? this.#parameters.spare(this.#dense);
    this.#buffers.set(slot, known);
    return known;
  }

  /**
   * Adds the part's gradients to those of the previous parts.
   * @returns its share of the loss
   */
  #addUp({ into, apart }: PartRun): number {
    if (apart !== undefined) this.#parameters.addToGradients(apart);
    this.#addTables(into, apart === undefined);
    return (into[this.#graph.loss].data as Float32Array)[0];
  }

  /** Zeroes the rows that the last step wrote, or the whole table the first time. */
  #clear(table: string, gradient: Float32Array, width: number): void {
    const touched = this.#touched.get(table);
    if (touched === undefined) gradient.fill(0);
    else for (const row of touched) gradient.fill(0, row * width, (row + 1) * width);
    this.#touched.set(table, new Set());
  }

  /**
   * Adds rows to their table in token order, so that the sum is always the same. The dense gradient of a
   * table that is also used as a whole is already there.
   */
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

/**
 * Number of parts in progress or queued: two per session, so that no session waits for the part of another.
 */
export function slotsOf(replicas: number): number {
  return 2 * replicas;
}

/** Options of `GradientStep`. */
export interface GradientStepOptions {
  readonly model: Model;
  readonly parameters: FlatParameters;
  readonly batchSize: number;
  readonly pooling: Pooling;
  /** One per output of a classifier. */
  readonly classWeights?: readonly number[];
  /** Loss of a classifier. Default: cross-entropy. */
  readonly loss?: Loss;
  /** Precision of the frozen matrices in training steps. Default: float32. */
  readonly frozenWeights?: FineTuneConfig['frozenWeights'];
  /**
   * Number of lowest layers that are computed in float32 regardless of `frozenWeights`, because their outputs
   * are cached. Default 0.
   */
  readonly frozenLayers?: number;
  /** Default: classification with `loss` and `classWeights`. */
  readonly objective?: Objective;
  /** Whether a batch's common prefix is computed once. Default: false. */
  readonly beginning?: boolean;
  /** Default: no dropout. With dropout, batches must have a `step`. */
  readonly dropout?: { readonly rates: DropoutRates; readonly seed: number };
}
