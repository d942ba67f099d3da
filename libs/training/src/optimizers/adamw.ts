import { updateKernel } from '../kernels/update-kernel.ts';
import { wasm } from '../kernels/wasm-assembler.ts';
import type { OptimizerRow } from './optimizer-row.ts';

const { get, set, tee, load, store } = wasm;
const [beta1, beta2, epsilon] = [0.9, 0.999, 1e-8]; // the defaults of torch.optim.AdamW

/**
 * torch.optim.AdamW (Loshchilov & Hutter 2019, arXiv:1711.05101, algorithm 2), with the same operations in
 * the same order.
 */
export const adamW: OptimizerRow = {
  moments: 2,
  factors: ({ learningRate, weightDecay, step, gradientScale }) => [
    ...[1 - learningRate * weightDecay, 1 - beta1, beta2, 1 - beta2],
    ...[1 / Math.sqrt(1 - beta2 ** step), epsilon, learningRate / (1 - beta1 ** step), gradientScale],
  ],
  kernel: updateKernel(
    'adamW',
    { moments: 2, factors: 8, temporaries: 3 },
    ({ parameters: p, gradient: g, moments: [m, v], factors, temporaries: [grad, mean, square] }) => {
      const [keep, oneMinusBeta1, decay2, oneMinusBeta2, correction, small, stepSize, scale] = factors;
      return [
        ...[...get(g), ...load(), ...get(scale), ...wasm.f32x4Mul, ...set(grad)],
        // m += (g − m)(1 − β₁)
        ...[
          ...get(m),
          ...get(m),
          ...load(),
          ...tee(mean),
          ...get(grad),
          ...get(mean),
          ...wasm.f32x4Sub,
          ...get(oneMinusBeta1),
          ...wasm.f32x4Mul,
        ],
        ...[...wasm.f32x4Add, ...tee(mean), ...store()],
        // v = v β₂ + g² (1 − β₂)
        ...[...get(v), ...get(v), ...load(), ...get(decay2), ...wasm.f32x4Mul],
        ...[
          ...get(grad),
          ...get(grad),
          ...wasm.f32x4Mul,
          ...get(oneMinusBeta2),
          ...wasm.f32x4Mul,
          ...wasm.f32x4Add,
          ...tee(square),
          ...store(),
        ],
        // p = p · keep − stepSize · m / (√v · correction + ε), correction = 1 / √(1 − β₂ᵗ), stepSize = rate /
        // (1 − β₁ᵗ)
        ...[
          ...get(p),
          ...get(p),
          ...load(),
          ...get(keep),
          ...wasm.f32x4Mul,
          ...get(stepSize),
          ...get(mean),
          ...wasm.f32x4Mul,
        ],
        ...[
          ...get(square),
          ...wasm.f32x4Sqrt,
          ...get(correction),
          ...wasm.f32x4Mul,
          ...get(small),
          ...wasm.f32x4Add,
          ...wasm.f32x4Div,
        ],
        ...[...wasm.f32x4Sub, ...store()],
      ];
    },
  ),
};
