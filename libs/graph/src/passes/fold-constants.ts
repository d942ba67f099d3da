import { elementCount, type Tensor } from '@overture/tensors';
import { typeOfTensor } from '../builder.ts';
import { removeDeadCode } from '../dead-code.ts';
import type { Graph, GraphNode, ValueType } from '../graph.ts';
import { fromReference, toReference } from '../reference-array.ts';
import { opNamed } from '../table.ts';

const largest = 2 ** 12; // elements: a larger constant costs more in a file than it saves in a run

/**
 * Replaces values that are known before a run by constants: lists found by shape inference, and small results
 * computed from constants.
 * Only operators that are `exact` are evaluated, so results stay the same, bit for bit. Float arrays are
 * weights, which `inlineGraph` can bind to parameters, so they are not folded.
 */
export function foldConstants(graph: Graph): Graph {
  const constants = new Map(graph.constants);
  const types = new Map(graph.types);
  const outputs = new Set(graph.outputs);
  const nodes = graph.nodes.filter((node) => {
    // ONNX requires that a node computes each output
    if (node.outputs.some((name) => outputs.has(name))) return true;
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

/** The elements found by shape inference, if all are known. */
function knownList({ dtype, shape, contents }: ValueType): Tensor | undefined {
  if (dtype !== 'int64' || contents === undefined || !contents.every((dim) => typeof dim === 'number'))
    return undefined;
  return { dtype, shape: shape as readonly number[], data: BigInt64Array.from(contents, BigInt) };
}

function computed(
  { op, inputs, outputs, attributes }: GraphNode,
  constants: ReadonlyMap<string, Tensor>,
  types: ReadonlyMap<string, ValueType>,
): Tensor[] | undefined {
  const row = opNamed(op);
  const tensors = inputs.map((name) => constants.get(name));
  if (
    row.exact !== true ||
    inputs.length === 0 ||
    inputs.some((name, i) => name !== '' && (tensors[i] === undefined || isWeight(tensors[i])))
  )
    return undefined;
  const small = outputs.every((name) => {
    const { shape } = types.get(name)!;
    return (
      shape.every((dim) => typeof dim === 'number') && elementCount(shape as readonly number[]) <= largest
    );
  });
  return small
    ? row
        .evaluate(
          tensors.map((tensor) => tensor && toReference(tensor)),
          attributes,
          outputs.length,
        )
        .map(fromReference)
    : undefined;
}

/** Whether a constant may be a trainable weight. */
export function isWeight({ dtype, shape }: Tensor): boolean {
  return dtype === 'float32' && shape.length > 0;
}
