import { AppError } from '@overture/core';
import { elementCount } from '@overture/tensors';
import { formatShape } from './dims.ts';
import type { Graph, GraphNode, ValueType } from './graph.ts';
import { opTable } from './table.ts';

const rows = new Map(opTable.map((row) => [row.name, row]));

/** Validates a graph and returns all problems in the order of the graph; an empty list if it is valid. */
export function checkGraph(graph: Graph): readonly string[] {
  const problems: string[] = [];
  const defined = new Set<string>();
  const define = (name: string, where: string): void => {
    if (defined.has(name)) problems.push(`${where}: ${JSON.stringify(name)} is defined twice.`);
    if (!graph.types.has(name)) problems.push(`${where}: ${JSON.stringify(name)} has no type.`);
    defined.add(name);
  };
  for (const { name } of graph.inputs) define(name, 'inputs');
  for (const [name, { shape, data }] of graph.constants) {
    define(name, 'constants');
    if (elementCount(shape) !== data.length)
      problems.push(
        `constants: ${JSON.stringify(name)} of shape ${formatShape(shape)} holds ${data.length} elements.`,
      );
  }
  for (const node of graph.nodes) {
    const missing = node.inputs.filter((name) => name !== '' && !defined.has(name));
    for (const name of missing)
      problems.push(`node ${node.name}: input ${JSON.stringify(name)} is not defined before it.`);
    problems.push(...checkNode(graph, node, missing.length === 0));
    for (const name of node.outputs) define(name, `node ${node.name}`);
  }
  if (graph.outputs.length === 0) problems.push('outputs: there is none.');
  for (const name of graph.outputs)
    if (!defined.has(name)) problems.push(`outputs: ${JSON.stringify(name)} is not defined.`);
  return problems;
}

/**
 * Throws if a graph is invalid.
 * @throws AppError `GRAPH_UNSOUND` with every problem
 */
export function assertSound(graph: Graph): void {
  const problems = checkGraph(graph);
  if (problems.length === 0) return;
  throw new AppError(
    'GRAPH_UNSOUND',
    `Graph ${graph.name} must be sound. It has ${problems.length} problem${problems.length === 1 ? '' : 's'}:\n${problems.map((problem) => `- ${problem}`).join('\n')}`,
    {
      details: { problems: [...problems] },
    },
  );
}

function checkNode(graph: Graph, node: GraphNode, complete: boolean): string[] {
  const row = rows.get(node.op);
  if (row === undefined) return [`node ${node.name}: operator ${node.op} is not in the table.`];
  const problems: string[] = [];
  const [least, most] = row.arity;
  if (node.inputs.length < least || node.inputs.length > most)
    problems.push(
      `node ${node.name}: ${node.op} takes ${least === most ? least : `${least} to ${most}`} inputs, got ${node.inputs.length}.`,
    );
  for (const name of Object.keys(node.attributes))
    if (row.attributes?.[name] === undefined)
      problems.push(`node ${node.name}: ${node.op} has no attribute ${JSON.stringify(name)}.`);
  if (problems.length > 0 || !complete) return problems;
  try {
    const inferred = row.infer(
      node.inputs.map((name) => graph.types.get(name)),
      node.attributes,
      node.outputs.length,
    );
    node.outputs.forEach((name, i) => {
      const stated = graph.types.get(name);
      if (stated !== undefined && spell(stated) !== spell(inferred[i]))
        problems.push(
          `node ${node.name}: ${JSON.stringify(name)} is said to be ${spell(stated)}, and comes out as ${spell(inferred[i])}.`,
        );
    });
  } catch (thrown) {
    if (!(thrown instanceof AppError)) throw thrown;
    problems.push(`node ${node.name}: ${thrown.message}`);
  }
  return problems;
}

function spell({ dtype, shape }: ValueType): string {
  return `${dtype} ${formatShape(shape)}`;
}
