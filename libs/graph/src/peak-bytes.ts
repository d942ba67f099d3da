import { dtypes } from '@overture/tensors';
import { dimValue } from './dims.ts';
import type { Graph } from './graph.ts';
import { lowerGraph } from './lower-graph.ts';

/**
 * The most bytes that computed values take at once, when nodes run in their order and a value is dropped after its last use. What is
 * fed and constants are not counted. A runtime needs somewhat more: work space, and gaps between buffers.
 * @param lengthOf what a named length comes to
 */
export function peakBytes(graph: Graph, lengthOf: (name: string) => number): number {
  const { nodes, outputs, types } = lowerGraph(graph);
  const lastUse = new Map<string, number>();
  nodes.forEach(({ inputs }, at) => inputs.forEach((name) => lastUse.set(name, at)));
  for (const name of outputs) lastUse.set(name, nodes.length);
  const sizeOf = (name: string): number => {
    const { dtype, shape } = types.get(name)!;
    return shape.reduce<number>((size, dim) => size * dimValue(dim, lengthOf), dtypes[dtype].bytes);
  };
  const dropped = new Map<number, string[]>();
  const computed = new Set(nodes.flatMap((node) => node.outputs).filter((name) => name !== ''));
  for (const name of computed) {
    const at = lastUse.get(name) ?? -1; // never used: dropped at once, and counted at its own node only
    dropped.set(at, [...(dropped.get(at) ?? []), name]);
  }
  let [now, peak] = [0, 0];
  nodes.forEach((node, at) => {
    for (const name of node.outputs) if (name !== '') now += sizeOf(name);
    peak = Math.max(peak, now);
    for (const name of [...(dropped.get(at) ?? []), ...node.outputs.filter((output) => output !== '' && !lastUse.has(output))]) now -= sizeOf(name);
  });
  return peak;
}
