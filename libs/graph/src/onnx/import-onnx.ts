import { AppError } from '@overture/core';
import { elementCount, type Tensor } from '@overture/tensors';
import { typeOfTensor } from '../builder.ts';
import { formatShape } from '../dims.ts';
import type { Graph, GraphInput, GraphNode, ValueType } from '../graph.ts';
import { fromReference, toReference } from '../reference-array.ts';
import { optimize } from '../optimize.ts';
import { opNamed } from '../table.ts';
import { conversions, foldOnly, type ForeignNode } from './conversions.ts';
import {
  decodeAttributes,
  decodeInfo,
  decodeTensor,
  inferInto,
  inferNode,
  invalid,
  parseModel,
  type WireNode,
} from './decode-onnx.ts';

/** Options of `importOnnx`. */
export interface ImportOptions {
  /** A number for every named length of the inputs, such as `{ batch_size: 8, sequence_length: 128 }`. */
  readonly lengths: Readonly<Record<string, number>>;
}

const largestFold = 2 ** 22; // elements: masks of 2,048 × 2,048

/**
 * Imports an ONNX file from another exporter, such as optimum or PyTorch, as a differentiable graph. Since
 * all lengths are given, computations of shapes and positions are constant and folded. The remaining
 * operators must be in the table.
 * Weights are the constants that the file names; `inlineGraph` turns them into parameters, and
 * `replaceInitializers` writes them back.
 * @param where the file's name, for messages
 * @throws AppError `ONNX_INVALID`, `ONNX_LENGTH_MISSING`, `ONNX_DTYPE_UNKNOWN`, `GRAPH_OP_UNKNOWN`,
 * `GRAPH_TYPE_MISMATCH`
 */
export function importOnnx(bytes: Uint8Array, where: string, { lengths }: ImportOptions): Graph {
  const wire = parseModel(bytes, where);
  const importer = new Importer(where);
  for (const initializer of wire.initializer ?? [])
    importer.constant(initializer.name, decodeTensor(initializer, where), { weight: true });
  for (const info of wire.input ?? [])
    importer.input(info.name, () => bound(decodeInfo(info, where), lengths, where));
  for (const [i, node] of (wire.node ?? []).entries()) importer.node(node, i);
  const outputs = (wire.output ?? []).map(({ name }) => name);
  return optimize(importer.graph(wire.name ?? '', outputs));
}

function bound({ dtype, shape }: ValueType, lengths: ImportOptions['lengths'], where: string): ValueType {
  const missing = shape.filter((dim) => typeof dim === 'string' && lengths[dim] === undefined);
  if (missing.length > 0) {
    throw new AppError(
      'ONNX_LENGTH_MISSING',
      `${where} must be imported with a number for each named length of its inputs. Missing: ${missing.join(', ')}.`,
      { details: { where, missing: missing.map(String) } },
    );
  }
  return { dtype, shape: shape.map((dim) => (typeof dim === 'string' ? lengths[dim]! : dim)) };
}

class Importer {
  readonly #where: string;
  readonly #types = new Map<string, ValueType>();
  readonly #constants = new Map<string, Tensor>();
  readonly #inputs: GraphInput[] = [];
  readonly #nodes: GraphNode[] = [];
  /** Constants that may be trained and therefore must not be folded. */
  readonly #weights = new Set<string>();

  constructor(where: string) {
    this.#where = where;
  }

  constant(name: string, tensor: Tensor, { weight = false } = {}): void {
    this.#constants.set(name, tensor);
    this.#types.set(name, typeOfTensor(tensor));
    if (weight && tensor.dtype === 'float32' && tensor.shape.length > 0) this.#weights.add(name);
  }

  input(name: string, type: () => ValueType): void {
    if (this.#constants.has(name)) return; // old files list initializers as inputs, too
    this.#types.set(name, type());
    this.#inputs.push({ name, kind: 'input' });
  }

  node(wire: WireNode, index: number): void {
    const foreign: ForeignNode = {
      op: wire.opType,
      name: wire.name || `${wire.opType}#${index}`,
      inputs: wire.input ?? [],
      outputs: wire.output ?? [],
      attributes: wire.attribute ?? [],
    };
    const convert = conversions[foreign.op];
    const known = {
      where: this.#where,
      typeOf: (name: string): ValueType =>
        this.#types.get(name) ??
        invalid(
          this.#where,
          `node ${foreign.name} reads ${JSON.stringify(name)}, which nothing before it defines`,
        ),
      constantOf: (name: string): Tensor | undefined => this.#constants.get(name),
      addConstant: (name: string, tensor: Tensor): string => {
        this.constant(name, tensor);
        return name;
      },
    };
    try {
      const nodes =
        convert === undefined
          ? [{ ...foreign, attributes: decodeAttributes(foreign.attributes, foreign.op) }]
          : convert(foreign, known);
      for (const node of nodes) if (!this.#fold(node)) this.#record(node);
    } catch (thrown) {
      if (thrown instanceof AppError) throw thrown;
      // a missing input, a number instead of a list, and so on: each operator can fail differently
      throw new AppError(
        'ONNX_INVALID',
        `${this.#where} must be an ONNX file that this library understands: node ${foreign.name.slice(0, 200)} does not fit its operator ${foreign.op.slice(0, 80)}.`,
        { details: { where: this.#where }, cause: thrown },
      );
    }
  }

  graph(name: string, outputs: readonly string[]): Graph {
    for (const output of outputs)
      if (!this.#types.has(output)) invalid(this.#where, `output ${JSON.stringify(output)} is not defined`);
    return {
      name,
      inputs: this.#inputs,
      constants: this.#constants,
      nodes: this.#nodes,
      outputs,
      types: this.#types,
    };
  }

  #record(node: GraphNode): void {
    inferInto(this.#types, node, this.#where);
    this.#nodes.push(node);
  }

  /** Evaluates a node if all its inputs are constant, or a Shape node if its input's shape is known. */
  #fold(node: GraphNode): boolean {
    const { op, inputs, outputs, attributes } = node;
    if (op === 'Shape') {
      const shape = this.#types.get(inputs[0] ?? '')?.shape;
      if (shape === undefined || !shape.every((dim) => typeof dim === 'number')) return false;
      this.constant(outputs[0], {
        dtype: 'int64',
        shape: [shape.length],
        data: BigInt64Array.from(shape, BigInt),
      });
      return true;
    }
    const tensors = inputs.map((name) => (name === '' ? undefined : this.#constants.get(name)));
    if (inputs.some((name, i) => name !== '' && (tensors[i] === undefined || this.#weights.has(name))))
      return false;
    const computeAway = foldOnly[op];
    if (computeAway === undefined) {
      for (const { shape } of inferNode(this.#types, node, this.#where)) {
        if (elementCount(shape as readonly number[]) > largestFold)
          invalid(
            this.#where,
            `node ${node.name} computes a constant of ${formatShape(shape)}, which is too large`,
          );
      }
    }
    const results = (computeAway ?? opNamed(op).evaluate)(
      tensors.map((tensor) => tensor && toReference(tensor)),
      attributes,
      outputs.length,
    );
    outputs.forEach((name, i) => this.constant(name, fromReference(results[i]!)));
    return true;
  }
}
