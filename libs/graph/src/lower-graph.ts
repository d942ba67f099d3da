import { graphBuilder } from './builder.ts';
import type { Graph } from './graph.ts';
import { replay, type Replacement } from './inline-graph.ts';
import { opNamed } from './table.ts';
import type { GraphBuilder, Value } from './value.ts';

/**
 * Replaces operators that ONNX runtimes do not support (domain `overture`), and those with a faster
 * equivalent, by ONNX operators.
 */
export function lowerGraph(graph: Graph): Graph {
  if (graph.nodes.every(({ op }) => opNamed(op).lower === undefined)) return graph;
  return rebuild(graph, ({ op, attributes, outputs }, inputs) =>
    opNamed(op).lower?.(inputs as readonly Value[], attributes, outputs.length),
  ).build();
}

/** Records a graph in a new builder and replaces some nodes. */
export function rebuild(graph: Graph, replace?: Replacement): GraphBuilder {
  const builder = graphBuilder(graph.name);
  const values = new Map<string, Value>();
  for (const { name, kind } of graph.inputs) {
    const { dtype, shape } = graph.types.get(name)!;
    values.set(
      name,
      kind === 'parameter'
        ? builder.parameter(name, shape as readonly number[])
        : builder.input(name, dtype, shape),
    );
  }
  for (const [name, tensor] of graph.constants) values.set(name, builder.constant(tensor, name));
  replay(builder, graph, { values, replace });
  for (const name of graph.outputs) builder.output(name, values.get(name)!);
  return builder;
}
