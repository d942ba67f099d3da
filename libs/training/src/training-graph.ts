import { graphBuilder, mul, quantizeGraph, reduceSum, withGradients, type Graph, type GraphBuilder, type Value } from '@overture/graph';
import { packedLayout, parameterSource, readsOf, type DropoutRates, type DropoutSite, type Model, type Pooling } from '@overture/models';
import type { Tensor } from '@overture/tensors';
import type { GraphPlacement } from './graph-placement.ts';
import { classification, type Objective } from './losses/objective.ts';

/** float32 []: the input by which the sum over the sequences is divided. */
export const normaliserInput = 'normaliser';

/** A table's gradient: rows of `values` belong to the rows of the table named by `indices`. */
export interface TableGradient {
  readonly block: string;
  /** The output that holds the rows, float32 [n, hidden]; several tables may share it. */
  readonly values: string;
  /** The output that holds the places, int64 [n]. */
  readonly indices: string;
  /** n where it is always the same; undefined: one row per token. */
  readonly rows?: number;
}

/** One step's computation: loss and all gradients. */
export interface TrainingGraph {
  readonly graph: Graph;
  readonly loss: string;
  readonly logits: string;
  /** Output by dense block. */
  readonly dense: ReadonlyMap<string, string>;
  readonly tables: readonly TableGradient[];
  /** The masks that a run is fed. */
  readonly dropout: readonly DropoutSite[];
}

/** What every graph of a model is told. */
export interface ModelGraphOptions extends GraphPlacement {
  /** Of a classifier; what else is trained pools nothing. Default: mean. */
  readonly pooling?: Pooling;
}

export interface TrainingGraphOptions extends ModelGraphOptions {
  /** Default: classification by cross-entropy. */
  readonly objective?: Objective;
  /** Default: nothing is dropped. */
  readonly dropout?: DropoutRates;
  /** Whether batches have their common beginning once; default: not. */
  readonly beginning?: boolean;
  /**
   * Frozen matrices by block, which become constants in int8: what is multiplied with them, activations on the way up and gradients
   * on the way down, is quantised row by row. Default: frozen blocks are in float32.
   */
  readonly int8?: ReadonlyMap<string, Tensor>;
}

/**
 * The loss of a packed batch and its gradients by every parameter: loss = Σ over sequences / normaliser. With the sum of the
 * sequences' shares as normaliser it is PyTorch's mean; with that of a larger batch, a share of the larger batch's.
 */
export function trainingGraph(model: Model, sequences: number, options: TrainingGraphOptions = {}): TrainingGraph {
  const builder = graphBuilder('training-step');
  const { logits, parameters, loss, dropout } = packedLoss(builder, model, { sequences, ...options });
  builder.output('loss', loss);
  builder.output('logits', logits);
  const outputs = new Map<string, string>();
  const outputOf = (value: Value, called: string): string => {
    const known = outputs.get(value.name);
    if (known !== undefined) return known;
    builder.output(called, value);
    outputs.set(value.name, called);
    return called;
  };
  const dense = new Map<string, string>();
  const tables: TableGradient[] = [];
  for (const gradient of withGradients(loss, [...parameters.values()])) {
    const block = gradient.parameter.name;
    if (gradient.kind !== 'rows') dense.set(block, outputOf(gradient.value, `gradient ${block}`));
    if (gradient.kind === 'dense') continue;
    gradient.parts.forEach((part, i) => {
      const [rows] = part.indices.shape;
      const names = { values: outputOf(part.values, `rows ${i} ${block}`), indices: outputOf(part.indices, `places ${i} ${block}`) };
      tables.push({ block, ...names, rows: typeof rows === 'number' ? rows : undefined });
    });
  }
  const graph = builder.build();
  return { graph: options.int8 === undefined ? graph : quantizeGraph(graph, { scaleBy: 'row' }), loss: 'loss', logits: 'logits', dense, tables, dropout };
}

/** One output per value on the way to the loss: 0 where all of it is finite, NaN where not. */
export interface ProbeGraph {
  readonly graph: Graph;
  /** Outputs in the order of computation, parameters first, with the name of what they look at. */
  readonly probes: readonly { readonly output: string; readonly value: string }[];
}

/** The forward pass of `trainingGraph`, asked where it stops being finite. */
export function probeGraph(model: Model, sequences: number, options: TrainingGraphOptions = {}): ProbeGraph {
  const builder = graphBuilder('probe');
  const { parameters, loss } = packedLoss(builder, model, { sequences, ...options });
  const computed = builder.applications().flatMap(({ outputs }) => outputs).filter(({ dtype }) => dtype === 'float32');
  const probes = [...parameters.values(), ...computed].map((value, i) => {
    const output = `probe.${i}`;
    builder.output(output, reduceSum(mul(value, 0)));
    return { output, value: value === loss ? 'the loss' : value.name };
  });
  return { graph: builder.build(), probes };
}

/** The loss of a packed batch by itself, `loss`, for tasks that are judged by it. */
export function lossGraph(model: Model, sequences: number, options: Pick<TrainingGraphOptions, 'objective' | 'beginning' | keyof ModelGraphOptions>): Graph {
  const builder = graphBuilder('loss');
  builder.output('loss', packedLoss(builder, model, { sequences, ...options }).loss);
  return builder.build();
}

/** The logits of a packed batch, for evaluation during training. */
export function scoringGraph(model: Model, sequences: number, options: ModelGraphOptions = {}): Graph {
  const builder = graphBuilder('scoring');
  builder.output('logits', packedModel(builder, model, { sequences, ...options }).logits);
  return builder.build();
}

/** What the head of a classifier gets of a packed batch: `pooled`, [sequences, hidden]. */
export function poolingGraph(model: Model, sequences: number, options: ModelGraphOptions = {}): Graph {
  const builder = graphBuilder('pooling');
  packedModel(builder, model, { sequences, ...options, onPooled: (pooled) => builder.output('pooled', pooled) });
  return builder.build();
}

function packedLoss(
  builder: GraphBuilder,
  model: Model,
  { objective = classification(), int8, ...options }: TrainingGraphOptions & { readonly sequences: number },
): ReturnType<typeof packedModel> & { readonly loss: Value } {
  const packed = packedModel(builder, model, { ...options, constants: int8 ?? options.constants });
  const normaliser = builder.input(normaliserInput, 'float32', []);
  return { ...packed, loss: objective.loss(packed.logits, options.sequences, normaliser) };
}

interface PackedModelOptions extends ModelGraphOptions {
  readonly sequences: number;
  readonly onPooled?: (pooled: Value) => void;
  readonly dropout?: DropoutRates;
  readonly beginning?: boolean;
}

function packedModel(builder: GraphBuilder, model: Model, { sequences, pooling = 'mean', constants, attention, onPooled, dropout, beginning }: PackedModelOptions): { logits: Value; parameters: ReadonlyMap<string, Value>; dropout: readonly DropoutSite[] } {
  const parameters = new Map(model.parameters.map(({ name, shape }) => [name, builder.parameter(name, shape)]));
  const shapes = new Map(model.frozen.map(({ name, shape }) => [name, shape]));
  const frozen = new Map<string, Value>();
  // only what is asked for: what lies below the states that come with a batch is not
  const frozenInput = (name: string): Value | undefined => {
    const shape = shapes.get(name);
    const constant = constants?.get(name);
    if (shape !== undefined && !frozen.has(name)) frozen.set(name, constant === undefined ? builder.input(name, 'float32', shape) : builder.constant(constant, name));
    return frozen.get(name);
  };
  const layout = packedLayout(builder, sequences, { reads: readsOf(model, pooling), dropout, beginning, attention });
  const pool = (chosen: Value): Value => {
    const pooled = layout.pool(chosen);
    onPooled?.(pooled);
    return pooled;
  };
  const logits = model.logits({ ...layout, pool }, parameterSource((name) => parameters.get(name) ?? frozenInput(name)));
  return { logits, parameters, dropout: layout.dropout };
}
