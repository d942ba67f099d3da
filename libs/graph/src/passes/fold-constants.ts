import { elementCount, type Tensor } from '@overture/tensors';
import { typeOfTensor } from '../builder.ts';
import { removeDeadCode } from '../dead-code.ts';
import type { Graph, GraphNode, ValueType } from '../graph.ts';
import { fromReference, toReference } from '../reference-array.ts';
import { opNamed } from '../table.ts';

const largest = 2 ** 12; // elements: beyond that a constant costs more in a file than it saves in a run

/**
 * The graph with constants in place of what can be known before it runs: lists that shape inference knows, and small results of constants.
 * Only operators that are `exact` are computed, by their definition, so every bit stays as it was. Arrays of floats are weights, which
 * `inlineGraph` may bind to parameters: what is made of them is left alone.
 */
export function foldConstants(graph: Graph): Graph {
  const constants = new Map(graph.constants);
  const types = new Map(graph.types);
  const outputs = new Set(graph.outputs);
  const nodes = graph.nodes.filter((node) => {
    if (node.outputs.some((name) => outputs.has(name))) return true; // an output is computed: ONNX wants a node behind it
    const known = node.outputs.map((name) => knownList(types.get(name)!));
    const results = known.every((tensor) => tensor !== undefined) ? known : computed(node, constants, types);
    if (results === undefined) return true;
    node.outputs.forEach((name, i) => {
      constants.set(name, results[i]);
      types.set(name, typeOfTensor(results[i]));
    });
    return false;
  });
  return removeDeadCode({ ...graph, constants, nodes, types });
}

/** The elements that inference found, if it found them all. */
function knownList({ dtype, shape, contents }: ValueType): Tensor | undefined {
  if (dtype !== 'int64' || contents === undefined || !contents.every((dim) => typeof dim === 'number')) return undefined;
  return { dtype, shape: shape as readonly number[], data: BigInt64Array.from(contents, BigInt) };
}

function computed({ op, inputs, outputs, attributes }: GraphNode, constants: ReadonlyMap<string, Tensor>, types: ReadonlyMap<string, ValueType>): Tensor[] | undefined {
  const row = opNamed(op);
  const tensors = inputs.map((name) => constants.get(name));
  if (row.exact !== true || inputs.length === 0 || inputs.some((name, i) => name !== '' && (tensors[i] === undefined || isWeight(tensors[i])))) return undefined;
  const small = outputs.every((name) => {
    const { shape } = types.get(name)!;
    return shape.every((dim) => typeof dim === 'number') && elementCount(shape as readonly number[]) <= largest;
  });
  return small ? row.evaluate(tensors.map((tensor) => tensor && toReference(tensor)), attributes, outputs.length).map(fromReference) : undefined;
}

/** Whether a constant may be something to learn. */
export function isWeight({ dtype, shape }: Tensor): boolean {
  return dtype === 'float32' && shape.length > 0;
}
