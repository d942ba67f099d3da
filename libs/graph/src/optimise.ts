import type { Graph } from './graph.ts';
import { dropIdle } from './passes/drop-idle.ts';
import { foldConstants } from './passes/fold-constants.ts';
import { mergeEqual } from './passes/merge-equal.ts';

/** In this order: what is folded can become equal to something, and idle. */
const passes = [foldConstants, dropIdle, mergeEqual] as const;

/** The same computation in fewer nodes, every bit of its results as it was. */
export function optimise(graph: Graph): Graph {
  return passes.reduce((before, pass) => pass(before), graph);
}
