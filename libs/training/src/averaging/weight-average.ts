import type { FlatParameters } from '../flat-parameters.ts';
import { bytesOf } from '../kernels/vector-kernels.ts';
import { wasm, type WasmFunction } from '../kernels/wasm-assembler.ts';

/**
 * Opens the exponential moving average of the weights: average = decay · average + (1 − decay) · values after
 * every update.
 * The first update copies the values, so the average is not biased toward zero. The arithmetic is that of
 * torch.optim.swa_utils.AveragedModel with get_ema_multi_avg_fn(decay).
 * @param parameters created with `{ average: true }`
 * @param decay from 0 to under 1
 * @returns `update`, whose `step` counts from 1
 * @throws RangeError if the parameters have no average
 */
export function openWeightAverage(
  { loops, values, average, length }: FlatParameters,
  decay: number,
): { update(step: number): void } {
  if (average === undefined)
    throw new RangeError(
      'The parameters must keep an average. Got some without: make them with { average: true }.',
    );
  const { moveTowards } = loops.compile([moveTowardsKernel]);
  return {
    update(step) {
      if (step === 1) average.set(values);
      else
        moveTowards(average.byteOffset, values.byteOffset, average.byteOffset + bytesOf(length), 1 - decay);
    },
  };
}

const { get, set, tee, load, store } = wasm;
const [target, source, end, share, shares, value] = [0, 1, 2, 3, 4, 5];
const next = (local: number): number[] => [...get(local), ...wasm.i32Const(16), ...wasm.i32Add];

/** target += share · (source − target), four elements at a time. */
const moveTowardsKernel: WasmFunction = {
  name: 'moveTowards',
  parameters: ['i32', 'i32', 'i32', 'f32'],
  locals: ['v128', 'v128'],
  body: [
    ...[...get(share), ...wasm.f32x4Splat, ...set(shares)],
    ...wasm.repeatWhile([
      ...[
        ...get(target),
        ...get(target),
        ...load(),
        ...tee(value),
        ...get(source),
        ...load(),
        ...get(value),
        ...wasm.f32x4Sub,
      ],
      ...[...get(shares), ...wasm.f32x4Mul, ...wasm.f32x4Add, ...store()],
      ...[...next(source), ...set(source), ...next(target), ...tee(target), ...get(end), ...wasm.i32LtU],
    ]),
  ],
};
