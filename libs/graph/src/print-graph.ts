import { elementCount, type Tensor } from '@overture/tensors';
import { formatShape } from './dims.ts';
import type { Attributes, Graph, ValueType } from './graph.ts';

const shownElements = 8;

/**
 * Formats a graph as text, one line per node: `name: type [shape] = Operator(inputs) {attributes}`. Short
 * constants are shown where they are used, longer ones on separate lines.
 */
export function printGraph(graph: Graph): string {
  const typeOf = (name: string): string => formatType(graph.types.get(name));
  const shown = (name: string): string => {
    const constant = graph.constants.get(name);
    if (name === '') return '–';
    return constant !== undefined && isShort(constant) ? formatConstant(constant) : name;
  };
  const lines = [`graph ${graph.name}`];
  for (const { name, kind } of graph.inputs) lines.push(`  ${kind} ${name}: ${typeOf(name)}`);
  for (const [name, tensor] of graph.constants)
    if (!isShort(tensor)) lines.push(`  constant ${name}: ${typeOf(name)}`);
  for (const { op, inputs, outputs, attributes } of graph.nodes) {
    lines.push(
      `  ${outputs.map((name) => `${name}: ${typeOf(name)}`).join(', ')} = ${op}(${inputs.map(shown).join(', ')})${formatAttributes(attributes)}`,
    );
  }
  return [...lines, `  return ${graph.outputs.join(', ')}`, ''].join('\n');
}

function isShort({ shape }: Tensor): boolean {
  return elementCount(shape) <= shownElements;
}

function formatConstant({ shape, data }: Tensor): string {
  const elements = Array.from(data as ArrayLike<number | bigint>, (element) =>
    typeof element === 'bigint' ? `${element}` : `${Number(element.toPrecision(6))}`,
  );
  return shape.length === 0 ? elements[0] : `[${elements.join(' ')}]`;
}

function formatType(type: ValueType | undefined): string {
  return type === undefined ? 'unknown' : `${type.dtype} ${formatShape(type.shape)}`;
}

function formatAttributes(attributes: Attributes): string {
  const entries = Object.entries(attributes);
  return entries.length === 0
    ? ''
    : ` {${entries.map(([name, value]) => `${name}: ${Array.isArray(value) ? `[${value.join(' ')}]` : String(value)}`).join(', ')}}`;
}
