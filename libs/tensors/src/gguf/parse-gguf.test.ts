import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { ggufEncodings } from './encodings.ts';
import { dequantize, isGguf, parseGguf } from './parse-gguf.ts';

// Random blocks, and their values from the Python package gguf: tools/reference/pytorch/gguf_llama.py and
// gguf_encodings.py
const file = (name: string): Uint8Array =>
  new Uint8Array(readFileSync(new URL(`../reference/${name}`, import.meta.url)));
const bytes = file('encodings.gguf');
const text = (value: string): number[] => {
  const encoded = new TextEncoder().encode(value);
  return [...u64(encoded.length), ...encoded];
};
const u32 = (value: number): number[] => [...new Uint8Array(Uint32Array.of(value).buffer)];
const u64 = (value: number | bigint): number[] => [
  ...new Uint8Array(BigUint64Array.of(BigInt(value)).buffer),
];
const header = (tensors: number | bigint, values: number | bigint, ...rest: number[][]): Uint8Array =>
  Uint8Array.from([...text('GGUF').slice(8), ...u32(3), ...u64(tensors), ...u64(values), ...rest.flat()]);
const tensorInfo = (lengths: readonly (number | bigint)[], type = 0, offset = 0): number[] => [
  ...text('w'),
  ...u32(lengths.length),
  ...lengths.flatMap(u64),
  ...u32(type),
  ...u64(offset),
];
const padded = (head: Uint8Array, data: number): Uint8Array => {
  const whole = new Uint8Array(Math.ceil(head.length / 32) * 32 + data);
  whole.set(head);
  return whole;
};

describe('dequantize', () => {
  const tensors = new Map(
    ['encodings.gguf', 'more-encodings.gguf'].flatMap((name) => [...parseGguf(file(name), name).tensors]),
  );

  it.each(ggufEncodings.filter(({ name }) => name !== 'F32').map(({ name }) => name))(
    'reads %s to the bit',
    (name) => {
      const [got, expected] = [dequantize(tensors.get(name)!), dequantize(tensors.get(`${name}.expected`)!)];
      expect(got.shape).toEqual([2, 256]);
      expect(got.data).toEqual(expected.data);
    },
  );
});

describe('parseGguf', () => {
  it('reads values of every kind', () => {
    const value = (key: string, type: number, ...content: number[]): number[] => [
      ...text(key),
      ...u32(type),
      ...content,
    ];
    const list = [...u32(8), ...u64(2), ...text('a'), ...text('Ġb')];
    const { metadata } = parseGguf(
      header(
        0,
        6,
        value('byte', 1, 0xff),
        value('number', 6, 0, 0, 128, 63),
        value('flag', 7, 1),
        value('text', 8, ...text('é')),
        value('list', 9, ...list),
        value('long', 10, ...u64(2 ** 40)),
      ),
      'x',
    );
    expect(Object.fromEntries(metadata)).toEqual({
      byte: -1,
      number: 1,
      flag: true,
      text: 'é',
      list: ['a', 'Ġb'],
      long: 2 ** 40,
    });
  });

  it('knows a GGUF file by its first bytes', () => {
    expect([isGguf(bytes), isGguf(bytes.slice(0, 3)), isGguf(new Uint8Array(8))]).toEqual([
      true,
      false,
      false,
    ]);
  });

  it.each([
    ['another kind of file', new Uint8Array(100), 'it does not begin with "GGUF"'],
    [
      'an unknown version',
      Uint8Array.from([...text('GGUF').slice(8), ...u32(1), ...new Array<number>(32).fill(0)]),
      'versions 2 and 3 are known. Got 1 instead',
    ],
    [
      'more tensors than could be there',
      header(1n << 62n, 0),
      'it announces 4611686018427387904 tensors, and 8 bytes are left',
    ],
    ['more values than could be there', header(0, 5), 'it announces 5 values, and 0 bytes are left'],
    [
      'a string past the end',
      header(0, 1, [...u64(1n << 40n), 1, 2, 3, 4]),
      'it announces 1099511627776 bytes of a string, and 4 bytes are left',
    ],
    [
      'a list that is longer than the file',
      header(0, 1, [...text('k'), ...u32(9), ...u32(10), ...u64(1_000_000)]),
      'it announces 1000000 elements',
    ],
    [
      'lists in lists in lists',
      header(0, 1, [
        ...text('k'),
        ...[1, 2, 3].flatMap(() => [...u32(9), ...u32(9), ...u64(1)]),
        ...new Array<number>(50).fill(0),
      ]),
      'GGUF file',
    ],
    [
      'a value of unknown type',
      header(0, 1, [...text('k'), ...u32(99), 0, 0, 0]),
      'a value has the unknown type 99',
    ],
    [
      'a key twice',
      header(0, 2, [...text('k'), ...u32(7), 1], [...text('k'), ...u32(7), 1]),
      'it has the key "k" twice',
    ],
    [
      'too many axes',
      padded(header(1, 0, tensorInfo([1, 1, 1, 1, 1])), 32),
      'tensor "w" has 5 axes, and at most 4 are allowed',
    ],
    [
      'an unknown encoding',
      padded(header(1, 0, tensorInfo([32], 77)), 32),
      'tensor "w" has the encoding 77; known are 0 (F32), 1 (F16)',
    ],
    [
      'a shape past 2^53',
      padded(header(1, 0, tensorInfo([1n << 40n, 1n << 40n])), 32),
      'no valid shape or place',
    ],
    [
      'rows that are no whole blocks',
      padded(header(1, 0, tensorInfo([33], 8)), 64),
      'rows of 33, which are no whole blocks of 32',
    ],
    [
      'a tensor past the end',
      padded(header(1, 0, tensorInfo([32])), 32),
      'tensor "w" of F32 [32] ends at byte',
    ],
    [
      'a place that is not aligned',
      padded(header(1, 0, tensorInfo([1], 0, 4)), 32),
      'lies at 4, which is not a multiple of 32',
    ],
    [
      'tensors on top of each other',
      padded(header(2, 0, tensorInfo([8]), tensorInfo([8]).with(8, 'v'.charCodeAt(0))), 32),
      'its tensors need 64 bytes and overlap',
    ],
    [
      'a tensor twice',
      padded(header(2, 0, tensorInfo([8]), tensorInfo([8])), 64),
      'it has the tensor "w" twice',
    ],
    [
      'an alignment of nothing',
      padded(header(0, 1, [...text('general.alignment'), ...u32(4), ...u32(0)]), 32),
      'its alignment is 0',
    ],
  ])('refuses %s', (_, file, problem) => {
    expect(() => parseGguf(file, 'model.gguf')).toThrow(problem);
    expect(() => parseGguf(file, 'model.gguf')).toThrow('model.gguf must be a GGUF file: ');
  });

  it('refuses every truncation of its header, and of its data', () => {
    for (let end = 0; end < bytes.length; end += end < 1500 ? 1 : 101)
      expect(() => parseGguf(bytes.slice(0, end), 'cut')).toThrow('must be a GGUF file');
  });
});
