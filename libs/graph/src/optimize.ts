import type { Graph } from './graph.ts';
import { dropIdle } from './passes/drop-idle.ts';
import { foldConstants } from './passes/fold-constants.ts';
import { mergeEqual } from './passes/merge-equal.ts';

/** The order matters: folding can produce equal expressions and nodes without effect. */
const passes = [foldConstants, dropIdle, mergeEqual] as const;

/** Simplifies a graph to fewer nodes. The results stay the same, bit for bit. */
export function optimize(graph: Graph): Graph {
  return passes.reduce((before, pass) => pass(before), graph);
}
