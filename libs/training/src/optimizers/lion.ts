import { updateKernel } from '../kernels/update-kernel.ts';
import { wasm } from '../kernels/wasm-assembler.ts';
import type { OptimizerRow } from './optimizer-row.ts';

const { get, set, tee, load, store } = wasm;
const [beta1, beta2] = [0.9, 0.99]; // as in the paper

/**
 * Lion (Chen et al. 2023, arXiv:2302.06675, algorithm 2): each parameter moves by the learning rate in the
 * direction of the sign of an averaged gradient. It needs half of AdamW's memory, a learning rate 3 to 10
 * times smaller, and a weight decay as many times larger.
 */
export const lion: OptimizerRow = {
  moments: 1,
  factors: ({ learningRate, weightDecay, gradientScale }) => [
    1 - learningRate * weightDecay,
    beta1,
    1 - beta1,
    beta2,
    1 - beta2,
    learningRate,
    gradientScale,
  ],
  kernel: updateKernel(
    'lion',
    { moments: 1, factors: 7, temporaries: 3 },
    ({ parameters: p, gradient: g, moments: [m], factors, temporaries: [grad, mean, direction] }) => {
      const [keep, decay1, oneMinusBeta1, decay2, oneMinusBeta2, rate, scale] = factors;
      const sideOf = (comparison: readonly number[]): number[] => [
        ...get(direction),
        ...wasm.f32x4Zero,
        ...comparison,
        ...get(rate),
        ...wasm.v128And,
      ];
      return [
        ...[...get(g), ...load(), ...get(scale), ...wasm.f32x4Mul, ...set(grad)],
        // direction = m β₁ + g (1 − β₁)
        ...[
          ...get(m),
          ...load(),
          ...tee(mean),
          ...get(decay1),
          ...wasm.f32x4Mul,
          ...get(grad),
          ...get(oneMinusBeta1),
          ...wasm.f32x4Mul,
          ...wasm.f32x4Add,
          ...set(direction),
        ],
        // p = p · keep − rate · sign(direction)
        ...[...get(p), ...get(p), ...load(), ...get(keep), ...wasm.f32x4Mul],
        ...[...sideOf(wasm.f32x4Gt), ...sideOf(wasm.f32x4Lt), ...wasm.f32x4Sub, ...wasm.f32x4Sub, ...store()],
        // m = m β₂ + g (1 − β₂)
        ...[
          ...get(m),
          ...get(mean),
          ...get(decay2),
          ...wasm.f32x4Mul,
          ...get(grad),
          ...get(oneMinusBeta2),
          ...wasm.f32x4Mul,
          ...wasm.f32x4Add,
          ...store(),
        ],
      ];
    },
  ),
};
