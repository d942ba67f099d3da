import { describe, expect, it } from 'vitest';
import { elementCount, float32, int64, sameShape, tensor, tensorBytes, zeros } from './tensor.ts';
import { toFloat32 } from './to-float32.ts';

describe('tensor', () => {
  it('counts elements, one for a scalar', () => {
    expect([elementCount([]), elementCount([2, 3]), elementCount([0, 9])]).toEqual([1, 6, 0]);
  });

  it('takes typed arrays as they are and converts numbers', () => {
    const data = Float32Array.of(1, 2);
    expect(float32([2], data).data).toBe(data);
    expect(int64([2], [1, -2]).data).toEqual(BigInt64Array.of(1n, -2n));
    expect(zeros('bool', [2]).data).toEqual(new Uint8Array(2));
  });

  it('refuses data that does not fit', () => {
    expect(() => float32([2, 2], [1])).toThrow(
      'A tensor of shape [2, 2] must hold 4 elements. Got 1 instead.',
    );
    expect(() => tensor('float32', [1], new Int32Array(1))).toThrow(
      'A float32 tensor must hold its elements in a Float32Array. Got Int32Array instead.',
    );
    expect(() => zeros('int8', [-1])).toThrow(
      'A shape must be a list of non-negative integers. Got [-1] instead.',
    );
  });

  it('shows its bytes without copying', () => {
    const source = int64([1], [258]);
    expect([...tensorBytes(source)]).toEqual([2, 1, 0, 0, 0, 0, 0, 0]);
    expect(tensorBytes(source).buffer).toBe(source.data.buffer);
  });

  it('compares shapes', () => {
    expect([sameShape([1, 2], [1, 2]), sameShape([1], [1, 1]), sameShape([2], [3])]).toEqual([
      true,
      false,
      false,
    ]);
  });
});

describe('toFloat32', () => {
  it('widens halves exactly', () => {
    const half = tensor('float16', [6], Uint16Array.of(0x3c00, 0xc000, 0x0001, 0x7c00, 0x7bff, 0x8000));
    expect([...toFloat32(half)]).toEqual([1, -2, 2 ** -24, Infinity, 65504, -0]);
    expect(toFloat32(tensor('float16', [1], Uint16Array.of(0x7e00)))[0]).toBeNaN();
    expect([...toFloat32(tensor('bfloat16', [2], Uint16Array.of(0x3f80, 0xc040)))]).toEqual([1, -3]);
  });

  it('refuses integers', () => {
    expect(() => toFloat32(int64([1]))).toThrow('Got int64 instead.');
  });
});
