import { AppError } from '@overture/core';
import type { OpRow } from './op.ts';
import { addOp } from './ops/add.ts';
import { andOp } from './ops/and.ts';
import { attentionOp } from './ops/attention.ts';
import { castOp } from './ops/cast.ts';
import { clipOp } from './ops/clip.ts';
import { concatOp } from './ops/concat.ts';
import { divOp } from './ops/div.ts';
import { dynamicQuantizeLinearOp } from './ops/dynamic-quantize-linear.ts';
import { equalOp } from './ops/equal.ts';
import { erfOp } from './ops/erf.ts';
import { expOp } from './ops/exp.ts';
import { expandOp } from './ops/expand.ts';
import { fusedMatMulOp } from './ops/fused-mat-mul.ts';
import { gatherOp } from './ops/gather.ts';
import { gatherRowsOp } from './ops/gather-rows.ts';
import { geluOp } from './ops/gelu.ts';
import { gemmOp } from './ops/gemm.ts';
import { greaterOrEqualOp } from './ops/greater-or-equal.ts';
import { greaterOp } from './ops/greater.ts';
import { hardSigmoidOp } from './ops/hard-sigmoid.ts';
import { identityOp } from './ops/identity.ts';
import { layerNormalizationOp } from './ops/layer-normalization.ts';
import { logOp } from './ops/log.ts';
import { logSoftmaxOp } from './ops/log-softmax.ts';
import { matMulOp } from './ops/mat-mul.ts';
import { matMulIntegerOp } from './ops/mat-mul-integer.ts';
import { maxOp } from './ops/max.ts';
import { minOp } from './ops/min.ts';
import { mulOp } from './ops/mul.ts';
import { negOp } from './ops/neg.ts';
import { powOp } from './ops/pow.ts';
import { reciprocalOp } from './ops/reciprocal.ts';
import { reduceMaxOp } from './ops/reduce-max.ts';
import { reduceMeanOp } from './ops/reduce-mean.ts';
import { reduceSumOp } from './ops/reduce-sum.ts';
import { reduceSumSquareOp } from './ops/reduce-sum-square.ts';
import { reluOp } from './ops/relu.ts';
import { reshapeOp } from './ops/reshape.ts';
import { rmsNormalizationOp } from './ops/rms-normalization.ts';
import { rotaryEmbeddingOp } from './ops/rotary-embedding.ts';
import { shapeOp } from './ops/shape.ts';
import { sigmoidOp } from './ops/sigmoid.ts';
import { siluOp } from './ops/silu.ts';
import { sliceOp } from './ops/slice.ts';
import { softmaxOp } from './ops/softmax.ts';
import { splitOp } from './ops/split.ts';
import { sqrtOp } from './ops/sqrt.ts';
import { squeezeOp } from './ops/squeeze.ts';
import { subOp } from './ops/sub.ts';
import { tanhOp } from './ops/tanh.ts';
import { transposeOp } from './ops/transpose.ts';
import { unsqueezeOp } from './ops/unsqueeze.ts';
import { whereOp } from './ops/where.ts';

/** All operators of the library, one row and one file each. */
export const opTable: readonly OpRow[] = [
  addOp,
  andOp,
  attentionOp,
  castOp,
  clipOp,
  concatOp,
  divOp,
  dynamicQuantizeLinearOp,
  equalOp,
  erfOp,
  expOp,
  expandOp,
  fusedMatMulOp,
  gatherOp,
  gatherRowsOp,
  geluOp,
  gemmOp,
  greaterOp,
  greaterOrEqualOp,
  hardSigmoidOp,
  identityOp,
  layerNormalizationOp,
  logOp,
  logSoftmaxOp,
  matMulOp,
  matMulIntegerOp,
  maxOp,
  minOp,
  mulOp,
  negOp,
  powOp,
  reciprocalOp,
  reduceMaxOp,
  reduceMeanOp,
  reduceSumOp,
  reduceSumSquareOp,
  reluOp,
  reshapeOp,
  rmsNormalizationOp,
  rotaryEmbeddingOp,
  shapeOp,
  sigmoidOp,
  siluOp,
  sliceOp,
  softmaxOp,
  splitOp,
  sqrtOp,
  squeezeOp,
  subOp,
  tanhOp,
  transposeOp,
  unsqueezeOp,
  whereOp,
];

const byName = new Map(opTable.map((row) => [row.name, row]));

/**
 * Finds the row of an operator.
 * @throws AppError `GRAPH_OP_UNKNOWN`
 */
export function opNamed(name: string): OpRow {
  const row = byName.get(name);
  if (row !== undefined) return row;
  throw new AppError(
    'GRAPH_OP_UNKNOWN',
    `An operator must be in the table of libs/graph. Got ${JSON.stringify(name)} instead: add a file to src/ops and a row to src/table.ts.`,
    { details: { op: name } },
  );
}
