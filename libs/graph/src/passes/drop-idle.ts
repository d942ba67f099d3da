import { sameDims } from '../dims.ts';
import { removeDeadCode } from '../dead-code.ts';
import type { Graph, GraphNode } from '../graph.ts';

/**
 * Removes nodes without effect: identities, and changes of shape, axis order, or type that change nothing.
 */
export function dropIdle(graph: Graph): Graph {
  const kept = new Map<string, string>();
  const outputs = new Set(graph.outputs);
  const nodes: GraphNode[] = [];
  for (const node of graph.nodes) {
    const inputs = node.inputs.map((name) => kept.get(name) ?? name);
    const [from, to] = [graph.types.get(inputs[0] ?? ''), graph.types.get(node.outputs[0]!)];
    const same =
      from !== undefined && to !== undefined && from.dtype === to.dtype && sameDims(from.shape, to.shape);
    const idle = same && node.outputs.length === 1 && !outputs.has(node.outputs[0]!) && isIdle(node);
    if (idle) kept.set(node.outputs[0]!, inputs[0]!);
    else nodes.push({ ...node, inputs });
  }
  return removeDeadCode({ ...graph, nodes });
}

/** Whether a node that keeps the type and shape of its input also keeps all elements. */
function isIdle({ op, attributes }: GraphNode): boolean {
  if (op === 'Transpose') return (attributes['perm'] as readonly number[]).every((axis, i) => axis === i);
  return shapeChanges.has(op);
}

const shapeChanges: ReadonlySet<string> = new Set([
  'Identity',
  'Reshape',
  'Expand',
  'Squeeze',
  'Unsqueeze',
  'Cast',
]);
