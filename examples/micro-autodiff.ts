/**
 * Reverse-mode differentiation on one page, from graph to graph: what `libs/graph` is, with two dozen
 * operators and tensors less. A value is a number, an input, or an operator applied to values. A gradient is
 * one row of a table, written with the operators themselves; the backward pass is a walk that records more
 * values. Nothing is computed until somebody evaluates. After karpathy/micrograd and tinygrad's gradient.py.
 */
export interface Value {
  readonly op: Op | 'input' | 'constant';
  readonly inputs: readonly Value[];
  /** Of a constant its number, of an input its name. */
  readonly given?: number | string;
}

type Op = 'add' | 'mul' | 'tanh' | 'exp';

interface Row {
  compute(...inputs: number[]): number;
  /** The gradient of the loss by each input, given that by the output y. */
  gradient(dy: Value, y: Value, ...inputs: Value[]): readonly Value[];
}

const apply = (op: Op, ...inputs: Value[]): Value => ({ op, inputs });
export const constant = (given: number): Value => ({ op: 'constant', inputs: [], given });
export const input = (given: string): Value => ({ op: 'input', inputs: [], given });
export const add = (a: Value, b: Value): Value => apply('add', a, b);
export const mul = (a: Value, b: Value): Value => apply('mul', a, b);
export const tanh = (x: Value): Value => apply('tanh', x);
export const exp = (x: Value): Value => apply('exp', x);

/** One row an operator. */
const table: Readonly<Record<Op, Row>> = {
  add: { compute: (a, b) => a + b, gradient: (dy) => [dy, dy] },
  mul: { compute: (a, b) => a * b, gradient: (dy, _, a, b) => [mul(dy, b), mul(dy, a)] },
  tanh: {
    compute: Math.tanh,
    gradient: (dy, y) => [mul(dy, add(constant(1), mul(constant(-1), mul(y, y))))],
  },
  exp: { compute: Math.exp, gradient: (dy, y) => [mul(dy, y)] },
};

/** Every value that a result needs, each after its inputs. */
function inOrder(result: Value, seen = new Set<Value>()): Value[] {
  if (seen.has(result)) return [];
  seen.add(result);
  return [...result.inputs.flatMap((each) => inOrder(each, seen)), result];
}

/** The gradients of a loss by some values, as values: print them, evaluate them, differentiate them again. */
export function gradients(loss: Value, by: readonly Value[]): readonly Value[] {
  const known = new Map<Value, Value>([[loss, constant(1)]]);
  for (const y of inOrder(loss).reverse()) {
    if (y.op === 'input' || y.op === 'constant') continue;
    table[y.op].gradient(known.get(y)!, y, ...y.inputs).forEach((dx, i) => {
      const sofar = known.get(y.inputs[i]!);
      // Several ways lead to a value: their gradients add up.
      known.set(y.inputs[i]!, sofar === undefined ? dx : add(sofar, dx));
    });
  }
  return by.map((value) => known.get(value) ?? constant(0));
}

export function evaluate(result: Value, feeds: Readonly<Record<string, number>>): number {
  const numbers = new Map<Value, number>();
  for (const value of inOrder(result)) {
    const { op, given } = value;
    numbers.set(
      value,
      op === 'constant'
        ? (given as number)
        : op === 'input'
          ? feeds[given as string]!
          : table[op].compute(...value.inputs.map((each) => numbers.get(each)!)),
    );
  }
  return numbers.get(result)!;
}

export function print(value: Value): string {
  return value.op === 'input' || value.op === 'constant'
    ? String(value.given)
    : `${value.op}(${value.inputs.map(print).join(', ')})`;
}

if (import.meta.main) {
  const [w, x] = [input('w'), input('x')];
  const error = add(tanh(mul(w, x)), constant(-0.5)); // is tanh(w x) one half?
  const loss = mul(error, error);
  const [slope] = gradients(loss, [w]);
  console.log(print(slope!));
  let at = 0;
  for (let step = 0; step < 50; step++) at -= 0.2 * evaluate(slope!, { w: at, x: 2 });
  console.log(`w = ${at.toFixed(4)}, loss ${evaluate(loss, { w: at, x: 2 }).toExponential(1)}`);
}
