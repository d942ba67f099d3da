import type { OpRow } from '../op.ts';
import { referenceArray } from '../reference-array.ts';
import { refuse } from '../refuse.ts';
import type { Value } from '../value.ts';

/** A tensor quantized to bytes: x ≈ scale · (quantized − zeroPoint). */
export interface DynamicallyQuantized {
  /** uint8, with the shape of x */
  readonly quantized: Value;
  /** float32 scalar */
  readonly scale: Value;
  /** uint8 scalar */
  readonly zeroPoint: Value;
}

/** Quantizes x to 256 levels between its smallest and largest element; zero stays exact. */
export function dynamicQuantizeLinear(x: Value): DynamicallyQuantized {
  const [quantized, scale, zeroPoint] = x.builder.apply('DynamicQuantizeLinear', [x], {}, 3);
  return { quantized, scale, zeroPoint };
}

/** Rounds to the nearest integer, ties to even, limited to a byte. */
function toByte(value: number): number {
  const baseline = Math.floor(value);
  const rest = value - baseline;
  const rounded = rest > 0.5 || (rest === 0.5 && baseline % 2 !== 0) ? baseline + 1 : baseline;
  return Math.min(255, Math.max(0, rounded));
}

/** Operator row of `DynamicQuantizeLinear`. */
export const dynamicQuantizeLinearOp: OpRow = {
  name: 'DynamicQuantizeLinear',
  domain: '',
  arity: [1, 1],
  infer: ([x], _, outputCount) => {
    if (x!.dtype !== 'float32') refuse('DynamicQuantizeLinear', `must get float32. Got ${x!.dtype} instead.`);
    return (
      [
        { dtype: 'uint8', shape: x!.shape },
        { dtype: 'float32', shape: [] },
        { dtype: 'uint8', shape: [] },
      ] as const
    ).slice(0, outputCount);
  },
  // in float32, as in ONNX's definition: a more precise scale would round some elements differently
  evaluate: ([x], _, outputCount) => {
    const [low, high] = x!.data.reduce(
      ([least, most], value) => [Math.min(least, value), Math.max(most, value)],
      [0, 0],
    );
    const scale = Math.fround((Math.fround(high) - Math.fround(low)) / 255);
    const zeroPoint = scale === 0 ? 0 : toByte(Math.fround(-low / scale));
    return [
      referenceArray('uint8', x!.shape, (i) =>
        scale === 0 ? 0 : toByte(toEven(Math.fround(x!.data[i] / scale)) + zeroPoint),
      ),
      referenceArray('float32', [], () => scale),
      referenceArray('uint8', [], () => zeroPoint),
    ].slice(0, outputCount);
  },
  // no gradient: rounding is not differentiable
  cases: [
    { name: 'both signs', inputs: [{ shape: [3, 5], differentiate: false }], build: ([x]) => allOf(x) },
    {
      name: 'positive',
      inputs: [{ shape: [7], values: 'positive', differentiate: false }],
      build: ([x]) => allOf(x),
    },
    {
      name: 'ties',
      inputs: [{ shape: [6], values: [-128, -0.5, 0.5, 1.5, 2.5, 127], differentiate: false }],
      build: ([x]) => allOf(x),
    },
  ],
};

function toEven(value: number): number {
  const rounded = Math.round(value);
  return rounded - value === 0.5 && rounded % 2 !== 0 ? rounded - 1 : rounded;
}

function allOf(x: Value): readonly Value[] {
  const { quantized, scale, zeroPoint } = dynamicQuantizeLinear(x);
  return [quantized, scale, zeroPoint];
}
