import {
  graphBuilder,
  mul,
  quantizeGraph,
  reduceSum,
  withGradients,
  type Graph,
  type GraphBuilder,
  type Value,
} from '@overture/graph';
import {
  packedLayout,
  parameterSource,
  readsOf,
  type DropoutRates,
  type DropoutSite,
  type Model,
  type Pooling,
} from '@overture/models';
import type { Tensor } from '@overture/tensors';
import type { GraphPlacement } from './graph-placement.ts';
import { classification, type Objective } from './losses/objective.ts';

/** Name of the float32 [] input by which the sum over the sequences is divided. */
export const normalizerInput = 'normalizer';

/** A table's gradient: row i of `values` is added to the table row that `indices` names. */
export interface TableGradient {
  readonly block: string;
  /** Output with the rows, float32 [n, hidden]; several tables can share it. */
  readonly values: string;
  /** Output with the row numbers, int64 [n]. */
  readonly indices: string;
  /** n if it is fixed; undefined: one row per token. */
  readonly rows?: number;
}

/** The graph of one step: the loss and all gradients. */
export interface TrainingGraph {
  readonly graph: Graph;
  readonly loss: string;
  readonly logits: string;
  /** Output names by dense block. */
  readonly dense: ReadonlyMap<string, string>;
  readonly tables: readonly TableGradient[];
  /** Dropout sites, whose masks are inputs of a run. */
  readonly dropout: readonly DropoutSite[];
}

/** Options of every graph of a model. */
export interface ModelGraphOptions extends GraphPlacement {
  /** Pooling of a classifier; other tasks do not pool. Default: mean. */
  readonly pooling?: Pooling;
}

/** Options of `trainingGraph`. */
export interface TrainingGraphOptions extends ModelGraphOptions {
  /** Default: classification with cross-entropy. */
  readonly objective?: Objective;
  /** Default: no dropout. */
  readonly dropout?: DropoutRates;
  /** Whether a batch's common prefix is computed once. Default: false. */
  readonly beginning?: boolean;
  /**
   * Frozen matrices by block that become int8 constants. The tensors multiplied with them (activations in the
   * forward pass, gradients in the backward pass) are quantized row by row. Default: frozen blocks are
   * float32.
   */
  readonly int8?: ReadonlyMap<string, Tensor>;
}

/**
 * Builds the loss of a packed batch and its gradients with respect to every parameter: loss = Σ over
 * sequences / normalizer. If the normalizer is the sum of the sequences' shares, the loss is PyTorch's mean.
 * If it is the sum for a larger batch, the loss is this part's share of that batch's loss.
 */
export function trainingGraph(
  model: Model,
  sequences: number,
  options: TrainingGraphOptions = {},
): TrainingGraph {
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
      const names = {
        values: outputOf(part.values, `rows ${i} ${block}`),
        indices: outputOf(part.indices, `places ${i} ${block}`),
      };
      tables.push({ block, ...names, rows: typeof rows === 'number' ? rows : undefined });
    });
  }
  const graph = builder.build();
  return {
    graph: options.int8 === undefined ? graph : quantizeGraph(graph, { scaleBy: 'row' }),
    loss: 'loss',
    logits: 'logits',
    dense,
    tables,
    dropout,
  };
}

/** A graph with one output per value of the forward pass: 0 if all elements are finite, otherwise NaN. */
export interface ProbeGraph {
  readonly graph: Graph;
  /** Outputs in the order of computation, parameters first, each with the name of the value it checks. */
  readonly probes: readonly { readonly output: string; readonly value: string }[];
}

/** Builds the forward pass of `trainingGraph` with outputs that show where it stops being finite. */
export function probeGraph(model: Model, sequences: number, options: TrainingGraphOptions = {}): ProbeGraph {
  const builder = graphBuilder('probe');
  const { parameters, loss } = packedLoss(builder, model, { sequences, ...options });
  const computed = builder
    .applications()
    .flatMap(({ outputs }) => outputs)
    .filter(({ dtype }) => dtype === 'float32');
  const probes = [...parameters.values(), ...computed].map((value, i) => {
    const output = `probe.${i}`;
    builder.output(output, reduceSum(mul(value, 0)));
    return { output, value: value === loss ? 'the loss' : value.name };
  });
  return { graph: builder.build(), probes };
}

/** Builds only the loss of a packed batch, output `loss`, for tasks that are validated by it. */
export function lossGraph(
  model: Model,
  sequences: number,
  options: Pick<TrainingGraphOptions, 'objective' | 'beginning' | keyof ModelGraphOptions>,
): Graph {
  const builder = graphBuilder('loss');
  builder.output('loss', packedLoss(builder, model, { sequences, ...options }).loss);
  return builder.build();
}

/** Builds the logits of a packed batch, for evaluation during training. */
export function scoringGraph(model: Model, sequences: number, options: ModelGraphOptions = {}): Graph {
  const builder = graphBuilder('scoring');
  builder.output('logits', packedModel(builder, model, { sequences, ...options }).logits);
  return builder.build();
}

/** Builds the inputs of a classifier's head for a packed batch: output `pooled`, [sequences, hidden]. */
export function poolingGraph(model: Model, sequences: number, options: ModelGraphOptions = {}): Graph {
  const builder = graphBuilder('pooling');
  packedModel(builder, model, {
    sequences,
    ...options,
    onPooled: (pooled) => builder.output('pooled', pooled),
  });
  return builder.build();
}

function packedLoss(
  builder: GraphBuilder,
  model: Model,
  { objective = classification(), int8, ...options }: TrainingGraphOptions & { readonly sequences: number },
): ReturnType<typeof packedModel> & { readonly loss: Value } {
  const packed = packedModel(builder, model, { ...options, constants: int8 ?? options.constants });
  const normalizer = builder.input(normalizerInput, 'float32', []);
  return { ...packed, loss: objective.loss(packed.logits, options.sequences, normalizer) };
}

interface PackedModelOptions extends ModelGraphOptions {
  readonly sequences: number;
  readonly onPooled?: (pooled: Value) => void;
  readonly dropout?: DropoutRates;
  readonly beginning?: boolean;
}

function packedModel(
  builder: GraphBuilder,
  model: Model,
  { sequences, pooling = 'mean', constants, attention, onPooled, dropout, beginning }: PackedModelOptions,
): { logits: Value; parameters: ReadonlyMap<string, Value>; dropout: readonly DropoutSite[] } {
  const parameters = new Map(
    model.parameters.map(({ name, shape }) => [name, builder.parameter(name, shape)]),
  );
  const shapes = new Map(model.frozen.map(({ name, shape }) => [name, shape]));
  const frozen = new Map<string, Value>();
  // created on demand: a graph that starts from cached states does not use the layers below
  const frozenInput = (name: string): Value | undefined => {
    const shape = shapes.get(name);
    const constant = constants?.get(name);
    if (shape !== undefined && !frozen.has(name))
      frozen.set(
        name,
        constant === undefined ? builder.input(name, 'float32', shape) : builder.constant(constant, name),
      );
    return frozen.get(name);
  };
  const layout = packedLayout(builder, sequences, {
    reads: readsOf(model, pooling),
    dropout,
    beginning,
    attention,
  });
  const pool = (chosen: Value): Value => {
    const pooled = layout.pool(chosen);
    onPooled?.(pooled);
    return pooled;
  };
  const logits = model.logits(
    { ...layout, pool },
    parameterSource((name) => parameters.get(name) ?? frozenInput(name)),
  );
  return { logits, parameters, dropout: layout.dropout };
}
