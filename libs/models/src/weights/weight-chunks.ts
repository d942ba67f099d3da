import { canonicalJson } from '@overture/core';
import { tensorBytes } from '@overture/tensors';
import type { WeightSource } from './weight-source.ts';

const chunkBytes = 64 * 2 ** 20; // a write takes less than 2 GiB at a time

/**
 * Bytes per element of types that both safetensors and our tensors support; float64 is written as float32.
 */
const widths: Readonly<Record<string, number>> = {
  F32: 4,
  F64: 4,
  I32: 4,
  U32: 4,
  I64: 8,
  F16: 2,
  BF16: 2,
  U16: 2,
  I8: 1,
  U8: 1,
  BOOL: 1,
};

/**
 * Streams the tensors of several safetensors files as the bytes of one file, one tensor at a time, to limit
 * memory. Tensors of unsupported types are left out. Equal tensors produce equal bytes.
 */
export async function* weightChunks({
  entries,
  aliases,
  read,
}: Pick<WeightSource, 'entries' | 'aliases' | 'read'>): AsyncGenerator<Uint8Array> {
  const kept = Array.from(entries, ([name, { shape, encoding, bytes }]) => ({
    name,
    shape,
    type: encoding === 'F64' ? 'F32' : encoding,
    bytes: encoding === 'F64' ? bytes / 2 : bytes,
    width: widths[encoding],
  })).filter(({ width }) => width !== undefined);
  // widest elements first, so that every tensor is aligned to its element size
  kept.sort((a, b) => b.width! - a.width! || (a.name < b.name ? -1 : 1));
  const header: Record<string, unknown> = { __metadata__: { format: 'pt', ...Object.fromEntries(aliases) } };
  let offset = 0;
  for (const { name, shape, type, bytes } of kept) {
    header[name] = { dtype: type, shape, data_offsets: [offset, offset + bytes] };
    offset += bytes;
  }
  const text = new TextEncoder().encode(canonicalJson(header));
  const start = new Uint8Array(8 + Math.ceil(text.length / 8) * 8).fill(0x20);
  new DataView(start.buffer).setBigUint64(0, BigInt(start.length - 8), true);
  start.set(text, 8);
  yield start;
  for (const { name } of kept) {
    const bytes = tensorBytes(await read(name));
    for (let at = 0; at < bytes.length; at += chunkBytes) yield bytes.subarray(at, at + chunkBytes);
  }
}
