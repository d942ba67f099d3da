import { dtypes } from '@overture/tensors';
import { dimValue } from './dims.ts';
import type { Graph } from './graph.ts';
import { lowerGraph } from './lower-graph.ts';

/**
 * Peak memory of computed values in bytes, if nodes run in order and each value is freed after its last use.
 * Feeds and constants are not included. A runtime needs slightly more, for workspace and gaps between
 * buffers.
 * @param lengthOf value of a named length
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
    const at = lastUse.get(name) ?? -1; // never used: freed at once, and counted only at its own node
    dropped.set(at, [...(dropped.get(at) ?? []), name]);
  }
  let [now, peak] = [0, 0];
  nodes.forEach((node, at) => {
    for (const name of node.outputs) if (name !== '') now += sizeOf(name);
    peak = Math.max(peak, now);
    for (const name of [
      ...(dropped.get(at) ?? []),
      ...node.outputs.filter((output) => output !== '' && !lastUse.has(output)),
    ])
      now -= sizeOf(name);
  });
  return peak;
}
