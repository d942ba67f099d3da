import type { Graph } from './graph.ts';

/**
 * Removes nodes and constants that no output depends on. Inputs are kept, because they are the graph's
 * signature.
 */
export function removeDeadCode(graph: Graph): Graph {
  const needed = new Set(graph.outputs);
  const nodes = [...graph.nodes].reverse().filter((node) => {
    if (!node.outputs.some((name) => needed.has(name))) return false;
    for (const name of node.inputs) needed.add(name);
    return true;
  });
  for (const { name } of graph.inputs) needed.add(name);
  for (const node of nodes) for (const name of node.outputs) needed.add(name);
  const constants = new Map([...graph.constants].filter(([name]) => needed.has(name)));
  const types = new Map([...graph.types].filter(([name]) => needed.has(name)));
  return { ...graph, nodes: nodes.reverse(), constants, types };
}
