import { describe, expect, it } from 'vitest';
import { encodeSafetensors, parseSafetensors } from './safetensors.ts';
import { float32, int64, tensor } from './tensor.ts';

const sample = new Map([
  ['b', float32([2, 2], [1, 2, 3, 4])],
  ['a', int64([1], [-5])],
  ['flag', tensor('bool', [3], Uint8Array.of(1, 0, 1))],
  ['empty', float32([0, 4])],
  ['scalar', float32([], [7])],
]);

function file(header: unknown, dataBytes = 0): Uint8Array {
  const text = new TextEncoder().encode(typeof header === 'string' ? header : JSON.stringify(header));
  const bytes = new Uint8Array(8 + text.length + dataBytes);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(text.length), true);
  bytes.set(text, 8);
  return bytes;
}

describe('safetensors', () => {
  it('gives back what was written', () => {
    const { tensors, metadata } = parseSafetensors(encodeSafetensors(sample, { step: '3' }), 'x');
    expect(metadata).toEqual({ step: '3' });
    expect([...tensors.keys()].sort()).toEqual([...sample.keys()].sort());
    for (const [name, expected] of sample) expect(tensors.get(name)).toEqual(expected);
  });

  it('writes equal bytes whatever the order of names', () => {
    expect(encodeSafetensors(new Map([...sample].reverse()))).toEqual(encodeSafetensors(sample));
  });

  it('gives views where aligned, copies elsewhere', () => {
    const bytes = encodeSafetensors(sample);
    expect(parseSafetensors(bytes, 'x').tensors.get('b')!.data.buffer).toBe(bytes.buffer);
    const shifted = new Uint8Array(bytes.length + 1);
    shifted.set(bytes, 1);
    expect(parseSafetensors(shifted.subarray(1), 'x').tensors.get('b')).toEqual(sample.get('b'));
  });

  it.each([
    ['too few bytes', new Uint8Array(3), 'too few for a header length'],
    [
      'a header longer than the file',
      Uint8Array.of(255, 255, 255, 255, 255, 255, 255, 255, 1),
      'header should have 18446744073709551615 bytes',
    ],
    ['no JSON', file('{{{'), 'header is not JSON'],
    ['a list', file([]), 'not a JSON object'],
    [
      'an unknown dtype',
      file({ w: { dtype: 'F8', shape: [1], data_offsets: [0, 1] } }, 1),
      'unknown dtype "F8"',
    ],
    [
      'a negative length',
      file({ w: { dtype: 'F32', shape: [-1], data_offsets: [0, 4] } }, 4),
      'no valid shape',
    ],
    [
      'a shape past 2^53',
      file({ w: { dtype: 'F32', shape: [1e9, 1e9], data_offsets: [0, 4] } }, 4),
      'no valid shape',
    ],
    [
      'a size that does not fit',
      file({ w: { dtype: 'F32', shape: [2], data_offsets: [0, 4] } }, 4),
      'needs 8 bytes',
    ],
    [
      'overlap',
      file(
        {
          v: { dtype: 'U8', shape: [4], data_offsets: [0, 4] },
          w: { dtype: 'U8', shape: [4], data_offsets: [2, 6] },
        },
        6,
      ),
      'begins at byte 2',
    ],
    [
      'bytes after the end',
      file({ w: { dtype: 'U8', shape: [1], data_offsets: [0, 1] } }, 9),
      'describes 1 bytes of data, and 9 follow',
    ],
    ['metadata of numbers', file({ __metadata__: { a: 1 } }), 'not a map of strings'],
  ])('refuses %s', (_, bytes, problem) => {
    expect(() => parseSafetensors(bytes, 'model.safetensors')).toThrow(problem);
    expect(() => parseSafetensors(bytes, 'model.safetensors')).toThrow(
      'model.safetensors must be a safetensors file',
    );
  });

  it('refuses every truncation', () => {
    const bytes = encodeSafetensors(sample);
    for (let end = 0; end < bytes.length; end++) {
      expect(() => parseSafetensors(bytes.slice(0, end), 'cut')).toThrow('must be a safetensors file');
    }
  });
});
