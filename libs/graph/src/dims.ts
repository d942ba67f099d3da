import { AppError } from '@overture/core';

/**
 * The length of an axis: a number, or a name for a length that is known only at run time. Derived lengths
 * have a canonical form, such as `2*groups*length` or `(a+b)`, so that equal forms mean equal lengths.
 */
export type Dim = number | string;

/** Lengths of the axes; `[]` is a scalar. */
export type Shape = readonly Dim[];

interface Monomial {
  readonly factor: number;
  readonly names: readonly string[];
}

/** The product of lengths in canonical form: a number times sorted names. */
export function dimProduct(dims: Shape): Dim {
  return spell(dims.map(parse).reduce(times, { factor: 1, names: [] }));
}

/** The sum of lengths; a number if all are known. */
export function dimSum(dims: Shape): Dim {
  const known = dims.filter((dim) => typeof dim === 'number').reduce((sum, dim) => sum + dim, 0);
  const counts = new Map<string, number>();
  for (const dim of dims) if (typeof dim === 'string') counts.set(dim, (counts.get(dim) ?? 0) + 1);
  const terms: Dim[] = [...counts].map(([name, count]) => dimProduct([count, name])).sort();
  if (known !== 0 || terms.length === 0) terms.push(known);
  return terms.length === 1 ? terms[0] : `(${terms.join('+')})`;
}

/** `product / divisor` if it is exact, otherwise undefined. */
export function dimQuotient(product: Dim, divisor: Dim): Dim | undefined {
  const [over, under] = [parse(product), parse(divisor)];
  const names = [...over.names];
  for (const name of under.names) {
    const at = names.indexOf(name);
    if (at < 0) return undefined;
    names.splice(at, 1);
  }
  if (under.factor === 0 || over.factor % under.factor !== 0) return undefined;
  return spell({ factor: over.factor / under.factor, names });
}

/** Evaluates a length, given the values of its names. */
export function dimValue(dim: Dim, valueOf: (name: string) => number): number {
  if (typeof dim === 'number') return dim;
  const { factor, names } = parse(dim);
  return names.reduce(
    (product, name) =>
      product *
      (name.startsWith('(')
        ? splitAt('+', name.slice(1, -1)).reduce(
            (sum, term) => sum + dimValue(/^\d+$/.test(term) ? Number(term) : term, valueOf),
            0,
          )
        : valueOf(name)),
    factor,
  );
}

/** Whether two shapes are equal for all values of their names. */
export function sameDims(a: Shape, b: Shape): boolean {
  return a.length === b.length && a.every((dim, axis) => dim === b[axis]);
}

/**
 * The shape of an elementwise result (ONNX multidirectional broadcasting); undefined if the shapes are
 * incompatible.
 */
export function broadcastDims(a: Shape, b: Shape): Shape | undefined {
  const rank = Math.max(a.length, b.length);
  const result: Dim[] = [];
  for (let axis = 0; axis < rank; axis++) {
    const left = a[axis - rank + a.length] ?? 1;
    const right = b[axis - rank + b.length] ?? 1;
    if (left !== right && left !== 1 && right !== 1) return undefined;
    result.push(left === 1 ? right : left);
  }
  return result;
}

/**
 * Converts an axis to one counted from the front; negative axes count from the back.
 * @throws AppError `GRAPH_AXIS_INVALID`
 */
export function normalAxis(axis: number, rank: number): number {
  const normal = axis < 0 ? axis + rank : axis;
  if (Number.isInteger(normal) && normal >= 0 && normal < rank) return normal;
  throw new AppError(
    'GRAPH_AXIS_INVALID',
    `An axis of a tensor with ${rank} axes must be from ${-rank} to ${rank - 1}. Got ${axis} instead.`,
  );
}

/** Formats a shape for messages: `[rows, 384]`. */
export function formatShape(shape: Shape): string {
  return `[${shape.join(', ')}]`;
}

function parse(dim: Dim): Monomial {
  if (typeof dim === 'number') return { factor: dim, names: [] };
  const parts = splitAt('*', dim);
  const factor = /^\d+$/.test(parts[0]) ? Number(parts.shift()) : 1;
  return { factor, names: parts };
}

/** Splits at an operator outside parentheses. */
function splitAt(operator: '*' | '+', text: string): string[] {
  const parts = [''];
  let depth = 0;
  for (const character of text) {
    if (character === '(') depth++;
    if (character === ')') depth--;
    if (character === operator && depth === 0) parts.push('');
    else parts[parts.length - 1] += character;
  }
  return parts;
}

function times(a: Monomial, b: Monomial): Monomial {
  return { factor: a.factor * b.factor, names: [...a.names, ...b.names] };
}

function spell({ factor, names }: Monomial): Dim {
  if (names.length === 0 || factor === 0) return factor;
  const sorted = [...names].sort();
  return (factor === 1 ? sorted : [factor, ...sorted]).join('*');
}
