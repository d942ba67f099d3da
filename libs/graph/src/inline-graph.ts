import type { Graph, GraphNode } from './graph.ts';
import type { GraphBuilder, Value } from './value.ts';

/**
 * Records a graph inside another one.
 * @param bindings values by name: for its inputs, and for constants to replace, for example with parameters
 * @returns its outputs by name
 */
export function inlineGraph(
  builder: GraphBuilder,
  graph: Graph,
  bindings: Readonly<Record<string, Value>>,
): Record<string, Value> {
  const values = new Map<string, Value>();
  for (const [name, tensor] of graph.constants)
    if (bindings[name] === undefined) values.set(name, builder.constant(tensor, `${graph.name}:${name}`));
  for (const [name, value] of Object.entries(bindings)) values.set(name, value);
  replay(builder, graph, { values });
  return Object.fromEntries(graph.outputs.map((name) => [name, values.get(name)!]));
}

/** Records a replacement for a node on its new inputs; undefined leaves the node unchanged. */
export type Replacement = (
  node: GraphNode,
  inputs: readonly (Value | undefined)[],
) => readonly Value[] | undefined;

/** Records a graph's nodes in order, replaces some of them, and adds their outputs to `values`. */
export function replay(
  builder: GraphBuilder,
  graph: Graph,
  { values, replace }: { readonly values: Map<string, Value>; readonly replace?: Replacement },
): void {
  for (const node of graph.nodes) {
    const inputs = node.inputs.map((name) => (name === '' ? undefined : values.get(name)));
    const outputs =
      replace?.(node, inputs) ?? builder.apply(node.op, inputs, node.attributes, node.outputs.length);
    node.outputs.forEach((name, i) => values.set(name, outputs[i]));
  }
}
