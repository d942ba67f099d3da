import { AppError } from '@overture/core';
import type { Tensor } from '@overture/tensors';
import { formatShape } from './dims.ts';
import type { Graph } from './graph.ts';
import { fromReference, toReference, type ReferenceArray } from './reference-array.ts';
import { opNamed } from './table.ts';

/**
 * Evaluates a graph in float64 from the definitions of its operators; slow, for tests and reference results.
 * Results are rounded to their types.
 * @throws AppError `GRAPH_FEED_MISSING`, `GRAPH_FEED_MISMATCH`
 */
export function evaluate(graph: Graph, feeds: Readonly<Record<string, Tensor>>): Record<string, Tensor> {
  const arrays = Object.fromEntries(
    Object.entries(feeds).map(([name, tensor]) => [name, toReference(tensor)]),
  );
  return Object.fromEntries(
    [...evaluateExactly(graph, arrays)].map(([name, array]) => [name, fromReference(array)]),
  );
}

/**
 * Same as `evaluate` without rounding, for finite differences.
 * @throws AppError `GRAPH_FEED_MISSING`, `GRAPH_FEED_MISMATCH`
 */
export function evaluateExactly(
  graph: Graph,
  feeds: Readonly<Record<string, ReferenceArray>>,
): Map<string, ReferenceArray> {
  const values = new Map<string, ReferenceArray>();
  for (const [name, tensor] of graph.constants) values.set(name, toReference(tensor));
  for (const { name } of graph.inputs) {
    const fed = feeds[name];
    const { dtype, shape } = graph.types.get(name)!;
    if (fed === undefined)
      throw new AppError(
        'GRAPH_FEED_MISSING',
        `Graph ${graph.name} must be fed ${name} (${dtype} ${formatShape(shape)}). Got nothing.`,
        { details: { input: name } },
      );
    if (
      fed.dtype !== dtype ||
      fed.shape.length !== shape.length ||
      shape.some((dim, axis) => typeof dim === 'number' && dim !== fed.shape[axis])
    ) {
      throw new AppError(
        'GRAPH_FEED_MISMATCH',
        `Input ${name} must be ${dtype} ${formatShape(shape)}. Got ${fed.dtype} ${formatShape(fed.shape)} instead.`,
        { details: { input: name } },
      );
    }
    values.set(name, fed);
  }
  for (const node of graph.nodes) {
    const inputs = node.inputs.map((name) => (name === '' ? undefined : values.get(name)));
    const outputs = opNamed(node.op).evaluate(inputs, node.attributes, node.outputs.length);
    node.outputs.forEach((name, i) => values.set(name, outputs[i]));
  }
  return new Map(graph.outputs.map((name) => [name, values.get(name)!]));
}
