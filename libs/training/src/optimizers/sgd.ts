import { updateKernel } from '../kernels/update-kernel.ts';
import { wasm } from '../kernels/wasm-assembler.ts';
import type { OptimizerRow } from './optimizer-row.ts';

const { get, tee, load, store } = wasm;

/**
 * Gradient descent with momentum as in torch.optim.SGD: weight decay is part of the gradient, and momentum
 * has no dampening.
 */
export const sgd: OptimizerRow = {
  moments: 1,
  factors: ({ learningRate, weightDecay, gradientScale, momentum }) => [
    weightDecay,
    momentum,
    learningRate,
    gradientScale,
  ],
  kernel: updateKernel(
    'sgd',
    { moments: 1, factors: 4, temporaries: 2 },
    ({ parameters: p, gradient: g, moments: [m], factors, temporaries: [value, velocity] }) => {
      const [decay, momentum, rate, scale] = factors;
      return [
        // m = m · momentum + (g · scale + decay · p)
        ...[...get(m), ...get(m), ...load(), ...get(momentum), ...wasm.f32x4Mul],
        ...[
          ...get(g),
          ...load(),
          ...get(scale),
          ...wasm.f32x4Mul,
          ...get(decay),
          ...get(p),
          ...load(),
          ...tee(value),
          ...wasm.f32x4Mul,
          ...wasm.f32x4Add,
        ],
        ...[...wasm.f32x4Add, ...tee(velocity), ...store()],
        // p −= rate · m
        ...[
          ...get(p),
          ...get(value),
          ...get(rate),
          ...get(velocity),
          ...wasm.f32x4Mul,
          ...wasm.f32x4Sub,
          ...store(),
        ],
      ];
    },
  ),
};
