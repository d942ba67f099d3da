import { broadcastDims, formatShape, sameDims, type Shape } from '../dims.ts';
import { scalarLike } from '../elementwise-op.ts';
import type { GradientContext, OpRow } from '../op.ts';
import { elementwise } from '../reference-array.ts';
import { matrixProduct } from '../matrix-product.ts';
import { refuse } from '../refuse.ts';
import type { Value } from '../value.ts';
import { add } from './add.ts';
import { concat } from '../range-builders.ts';
import { expandLike } from './expand.ts';
import { fusedMatMul } from './fused-mat-mul.ts';
import { matmul } from './mat-mul.ts';
import { mul } from './mul.ts';
import { neg } from './neg.ts';
import { reduceSum } from './reduce-sum.ts';
import { reshape } from './reshape.ts';
import { slice } from '../range-builders.ts';
import { softmax, softmaxOp } from './softmax.ts';
import { sub } from './sub.ts';

/** Options of `attention`. */
export interface AttentionOptions {
  /**
   * Added to the scores before the softmax, broadcast to their shape; the same for all heads. A large
   * negative number masks a key. Not differentiated.
   */
  readonly bias?: Value;
  /**
   * Factors of the probabilities after the softmax, with the shape of the scores: a dropout mask. Not
   * differentiated.
   */
  readonly keep?: Value;
  /** Factor of the scores, usually 1/√(width of a head). */
  readonly scale: number;
}

/**
 * (keep ∘ softmax(scale · Q·Kᵀ + bias)) · V over the last two axes (Vaswani et al., arXiv:1706.03762).
 * Queries […, n, d], keys […, m, d], and values […, m, e] produce […, n, e].
 * Leading axes must be equal. Queries, however, can have several heads for each head of keys and values,
 * which adjacent query heads share (Ainslie et al., arXiv:2305.13245).
 * @throws AppError `GRAPH_TYPE_MISMATCH`
 */
export function attention(
  queries: Value,
  keys: Value,
  values: Value,
  { bias, keep, scale }: AttentionOptions,
): Value {
  const groups = groupsOf(queries, keys);
  const apply = (rows: Value, added: Value | undefined, kept: Value | undefined): Value =>
    queries.builder.apply(
      'ScaledDotProductAttention',
      kept === undefined ? [rows, keys, values, added] : [rows, keys, values, added, kept],
      { scale },
      2,
    )[0];
  if (groups === 1) return apply(queries, bias, keep);
  // rows of heads that share keys are adjacent, so they are already the rows of one larger product
  const [lead, heads, [n, d]] = [
    keys.shape.slice(0, -2),
    queries.shape.slice(0, -2),
    queries.shape.slice(-2),
  ];
  const rows = reshape(queries, [...lead, -1, d]);
  const context = apply(
    rows,
    bias && biasOfGroups(bias, groups),
    keep && reshape(keep, [...lead, -1, keep.shape[keep.shape.length - 1]]),
  );
  return reshape(context, [...heads, n, context.shape[context.shape.length - 1]]);
}

function groupsOf(queries: Value, keys: Value): number {
  const [heads, shared] = [queries, keys].map(({ shape }) => shape[shape.length - 3] ?? 1);
  if (heads === shared) return 1;
  if (typeof heads === 'number' && typeof shared === 'number' && heads % shared === 0) return heads / shared;
  return refuse(
    'ScaledDotProductAttention',
    `must get a whole number of query heads for each head of keys. Got ${heads} and ${shared} instead.`,
  );
}

function biasOfGroups(bias: Value, groups: number): Value {
  const rank = bias.shape.length;
  if (rank >= 3 && bias.shape[rank - 3] !== 1)
    refuse(
      'ScaledDotProductAttention',
      `with shared keys must get one bias for all heads. Got one of ${formatShape(bias.shape)} instead.`,
    );
  const sameForQueries = rank < 2 || bias.shape[rank - 2] === 1;
  return sameForQueries
    ? bias
    : concat(
        Array.from({ length: groups }, () => bias),
        rank - 2,
      );
}

/** Operator row of `ScaledDotProductAttention`. */
export const attentionOp: OpRow = {
  name: 'ScaledDotProductAttention',
  domain: 'overture',
  attributes: { scale: 'float' },
  arity: [3, 5],
  infer: ([q, k, v, bias, keep]) => {
    const batch = q!.shape.slice(0, -2);
    const [n, d] = q!.shape.slice(-2);
    const [m, e] = v!.shape.slice(-2);
    const scores: Shape = [...batch, n, m];
    const fits =
      sameDims(k!.shape, [...batch, m, d]) &&
      sameDims(v!.shape, [...batch, m, e]) &&
      (bias === undefined || sameDims(broadcastDims(bias.shape, scores) ?? [], scores));
    if (keep !== undefined && !sameDims(keep.shape, scores))
      refuse(
        'ScaledDotProductAttention',
        `must get factors of the scores' shape ${formatShape(scores)}. Got ${formatShape(keep.shape)} instead.`,
      );
    if (!fits)
      refuse(
        'ScaledDotProductAttention',
        `must get queries, keys, values and bias that fit. Got ${[q, k, v, bias].map((type) => (type ? formatShape(type.shape) : 'none')).join(', ')} instead.`,
      );
    return [
      { dtype: 'float32', shape: [...batch, n, e] },
      { dtype: 'float32', shape: scores },
    ];
  },
  evaluate: ([q, k, v, bias, keep], attributes) => {
    const product = matrixProduct(q!, k!, { a: false, b: true }, attributes['scale'] as number);
    const scores = bias === undefined ? product : elementwise('float32', [product, bias], (x, y) => x + y);
    const [probabilities] = softmaxOp.evaluate([scores], { axis: -1 }, 1);
    const kept =
      keep === undefined ? probabilities : elementwise('float32', [probabilities, keep], (x, y) => x * y);
    return [matrixProduct(kept, v!, { a: false, b: false }), probabilities];
  },
  gradient: attentionGradient,
  lower: ([q, k, v, bias, keep], attributes) => {
    const alpha = attributes['scale'] as number;
    const probabilities = softmax(
      bias === undefined ? fusedMatMul(q, k, { transB: true, alpha }) : biasedScores(q, k, bias, alpha),
    );
    return [matmul(keep === undefined ? probabilities : mul(probabilities, keep), v), probabilities];
  },
  cases: [
    {
      name: 'plain',
      inputs: [{ shape: [2, 2, 3, 4] }, { shape: [2, 2, 5, 4] }, { shape: [2, 2, 5, 6] }],
      build: ([q, k, v]) => attention(q, k, v, { scale: 0.5 }),
    },
    {
      name: 'keys hidden',
      inputs: [
        { shape: [2, 2, 3, 4] },
        { shape: [2, 2, 3, 4] },
        { shape: [2, 2, 3, 4] },
        { shape: [2, 1, 1, 3], values: [0, 0, -1e4, 0, -1e4, -1e4], differentiate: false },
      ],
      build: ([q, k, v, bias]) => attention(q, k, v, { bias, scale: 0.5 }),
    },
    {
      name: 'bias for every score',
      inputs: [
        { shape: [2, 3, 4] },
        { shape: [2, 3, 4] },
        { shape: [2, 3, 4] },
        { shape: [3, 3], values: [0, -1e4, -1e4, 0, 0, -1e4, 0, 0, 0], differentiate: false },
      ],
      build: ([q, k, v, bias]) => attention(q, k, v, { bias, scale: 0.5 }),
    },
    {
      name: 'some probabilities dropped',
      inputs: [
        { shape: [2, 3, 4] },
        { shape: [2, 3, 4] },
        { shape: [2, 3, 4] },
        {
          shape: [2, 3, 3],
          values: [2, 0, 2, 2, 2, 0, 0, 0, 2, 2, 2, 2, 0, 0, 0, 0, 2, 2],
          differentiate: false,
        },
      ],
      build: ([q, k, v, keep]) => attention(q, k, v, { keep, scale: 0.5 }),
    },
    {
      name: 'keys shared, later ones hidden, some probabilities dropped',
      inputs: [
        { shape: [2, 3, 4] },
        { shape: [1, 3, 4] },
        { shape: [1, 3, 4] },
        { shape: [3, 3], values: [0, -1e9, -1e9, 0, 0, -1e9, 0, 0, 0], differentiate: false },
        {
          shape: [2, 3, 3],
          values: [2, 0, 2, 2, 2, 0, 0, 0, 2, 2, 2, 2, 0, 2, 0, 0, 2, 2],
          differentiate: false,
        },
      ],
      build: ([q, k, v, bias, keep]) => attention(q, k, v, { bias, keep, scale: 0.5 }),
    },
    {
      name: 'keys shared by three heads',
      inputs: [{ shape: [2, 6, 3, 4] }, { shape: [2, 2, 5, 4] }, { shape: [2, 2, 5, 3] }],
      build: ([q, k, v]) => attention(q, k, v, { scale: 0.5 }),
    },
    {
      name: 'keys shared, later ones hidden',
      inputs: [
        { shape: [4, 3, 4] },
        { shape: [2, 3, 4] },
        { shape: [2, 3, 4] },
        { shape: [3, 3], values: [0, -1e9, -1e9, 0, 0, -1e9, 0, 0, 0], differentiate: false },
      ],
      build: ([q, k, v, bias]) => attention(q, k, v, { bias, scale: 0.5 }),
    },
  ],
};

/**
 * Adds a bias to the scores. Every pass over the scores is as large as the product itself. A bias that is the
 * same for all queries therefore becomes one more column of the keys, multiplied by a column of ones in the
 * queries.
 */
function biasedScores(q: Value, k: Value, bias: Value, alpha: number): Value {
  if (bias.shape.length < 2 || bias.shape[bias.shape.length - 2] !== 1)
    return add(fusedMatMul(q, k, { transB: true, alpha }), bias);
  const rank = bias.shape.length;
  const column = bias.builder.apply('Transpose', [bias], {
    perm: [...Array(rank).keys()].map((axis) =>
      axis === rank - 1 ? rank - 2 : axis === rank - 2 ? rank - 1 : axis,
    ),
  })[0];
  const keyColumn = add(mul(slice(k, -1, 0, 1), 0), mul(column, 1 / alpha));
  return fusedMatMul(
    withColumn(q, expandLike(scalarLike(q, 1), slice(q, -1, 0, 1))),
    withColumn(k, keyColumn),
    { transB: true, alpha },
  );
}

/**
 * With probabilities P and O = P·V: dV = Pᵀ·dO, dP = dO·Vᵀ, dS = P ∘ (dP − δ), where δ = rowsum(P ∘ dP) =
 * rowsum(O ∘ dO) (Dao et al., arXiv:2205.14135, appendix B). δ becomes one more column of the product, so dS
 * takes a single pass.
 * With a dropout mask M: O = (P ∘ M)·V, dV = (P ∘ M)ᵀ·dO, dP = M ∘ dO·Vᵀ, with the same δ.
 */
function attentionGradient({
  inputs,
  outputs,
  attributes,
  outputGradients: [dO, dP],
  wants,
}: GradientContext): readonly (Value | undefined)[] {
  if (dP !== undefined)
    refuse(
      'ScaledDotProductAttention',
      'is differentiated through its first output only. Got a loss that depends on the probabilities.',
    );
  if (dO === undefined) return [];
  if (wants[4])
    refuse(
      'ScaledDotProductAttention',
      'is not differentiated by its factors. Got some that depend on a parameter: multiply with softmax and matmul instead.',
    );
  if (wants[3])
    refuse(
      'ScaledDotProductAttention',
      'is not differentiated by its bias. Got one that depends on a parameter: add it with softmax and matmul instead.',
    );
  const [q, k, v, , keep] = inputs as readonly Value[];
  const [context, probabilities] = outputs;
  const alpha = attributes['scale'] as number;
  const dV = wants[2]
    ? fusedMatMul(keep === undefined ? probabilities : mul(probabilities, keep), dO, { transA: true })
    : undefined;
  if (!wants[0] && !wants[1]) return [undefined, undefined, dV];
  const delta = reduceSum(mul(dO, context), { axes: [-1], keepDims: true });
  const ones = expandLike(scalarLike(v, 1), slice(v, -1, 0, 1));
  const change = (): Value =>
    keep === undefined
      ? fusedMatMul(withColumn(dO, neg(delta)), withColumn(v, ones), { transB: true })
      : sub(mul(keep, fusedMatMul(dO, v, { transB: true })), delta);
  const dScores = mul(probabilities, change());
  return [
    wants[0] ? fusedMatMul(dScores, k, { alpha }) : undefined,
    wants[1] ? fusedMatMul(dScores, q, { transA: true, alpha }) : undefined,
    dV,
  ];
}

function withColumn(x: Value, column: Value): Value {
  return concat([x, column], x.shape.length - 1);
}
