import { tensorBytes } from '@overture/tensors';
import { removeDeadCode } from '../dead-code.ts';
import type { Graph, GraphNode } from '../graph.ts';
import { isWeight } from './fold-constants.ts';

const largest = 64; // elements of constants that are compared: lists, scalars

/**
 * Merges nodes with the same operator, inputs, and attributes. A builder never records such duplicates, but
 * imported files can contain them.
 */
export function mergeEqual(graph: Graph): Graph {
  const kept = new Map<string, string>();
  const first = new Map<string, readonly string[]>();
  const outputs = new Set(graph.outputs);
  const called = (name: string): string => kept.get(name) ?? name;
  for (const [name, tensor] of graph.constants) {
    // weights stay separate even if they are equal now
    if (tensor.data.length > largest || isWeight(tensor)) continue;
    const key = `${tensor.dtype}[${tensor.shape}]${tensorBytes(tensor).join()}`;
    const known = first.get(key);
    if (known === undefined) first.set(key, [name]);
    else kept.set(name, known[0]!);
  }
  const nodes: GraphNode[] = [];
  for (const node of graph.nodes) {
    const inputs = node.inputs.map(called);
    const key = JSON.stringify([
      node.op,
      inputs,
      Object.entries(node.attributes).sort(([a], [b]) => (a < b ? -1 : 1)),
      node.outputs.length,
    ]);
    const known = first.get(key);
    if (known === undefined || node.outputs.some((name) => outputs.has(name))) {
      nodes.push({ ...node, inputs });
      if (known === undefined) first.set(key, node.outputs);
    } else {
      node.outputs.forEach((name, i) => kept.set(name, known[i]!));
    }
  }
  return removeDeadCode({ ...graph, nodes });
}
