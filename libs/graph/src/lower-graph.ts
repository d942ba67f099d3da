import { graphBuilder } from './builder.ts';
import type { Graph } from './graph.ts';
import { opNamed } from './table.ts';
import type { GraphBuilder, Value } from './value.ts';

/** The same computation in operators that an ONNX runtime knows: `overture` operators replaced by what they stand for. */
export function lowerGraph(graph: Graph): Graph {
  return graph.nodes.some(({ op }) => opNamed(op).lower !== undefined) ? rebuild(graph, true).build() : graph;
}

/** Records a graph in a fresh builder; `lower` says whether `overture` operators are replaced on the way. */
export function rebuild(graph: Graph, lower: boolean): GraphBuilder {
  const builder = graphBuilder(graph.name);
  const values = new Map<string, Value>();
  for (const { name, kind } of graph.inputs) {
    const { dtype, shape } = graph.types.get(name)!;
    values.set(name, kind === 'parameter' ? builder.parameter(name, shape as readonly number[]) : builder.input(name, dtype, shape));
  }
  for (const [name, tensor] of graph.constants) values.set(name, builder.constant(tensor, name));
  const renamed = new Set(graph.outputs);
  for (const node of graph.nodes) {
    const row = opNamed(node.op);
    const inputs = node.inputs.map((name) => (name === '' ? undefined : values.get(name)));
    const outputs =
      lower && row.lower !== undefined
        ? row.lower(inputs as readonly Value[], node.attributes, node.outputs.length)
        : builder.apply(node.op, inputs, node.attributes, node.outputs.length);
    node.outputs.forEach((name, i) => values.set(name, outputs[i]));
  }
  for (const name of renamed) builder.output(name, values.get(name)!);
  return builder;
}
