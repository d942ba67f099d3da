import { unary } from '../elementwise-op.ts';
import type { OpRow } from '../op.ts';
import type { Value } from '../value.ts';

/** The same value under another name. */
export function identity(x: Value): Value {
  return unary('Identity', x);
}

/** Operator row of `Identity`. */
export const identityOp: OpRow = {
  name: 'Identity',
  domain: '',
  exact: true,
  arity: [1, 1],
  infer: ([x]) => [x!],
  evaluate: ([x]) => [x!],
  gradient: ({ outputGradients: [dy] }) => [dy],
  cases: [{ name: 'matrix', inputs: [{ shape: [2, 3] }], build: ([x]) => identity(x) }],
};
