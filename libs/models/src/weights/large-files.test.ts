import { mkdtemp, open, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { encodeSafetensors, float32 } from '@overture/tensors';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openWeights } from './weight-source.ts';

// Sparse files of more than 4 GiB: they use little disk space, and their offsets do not fit in 32 bits.
const gap = 4 * 2 ** 30 + 4096;
let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'overture-large-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

/** A file that begins with `head`, continues with zeros up to `at`, and ends with `tail`. */
async function sparseFile(
  name: string,
  head: Uint8Array,
  { at, tail }: { readonly at: number; readonly tail: Uint8Array },
): Promise<string> {
  const path = join(folder, name);
  await writeFile(path, head);
  await truncate(path, at);
  const file = await open(path, 'r+');
  await file.write(tail, 0, tail.length, at);
  await file.close();
  return path;
}

const numbers = Float32Array.of(1.5, -2.25, 3);
const tail = new Uint8Array(numbers.buffer);

describe('a file past 4 GiB', () => {
  it('of safetensors is read tensor by tensor', async () => {
    const header = JSON.stringify({
      large: { dtype: 'F16', shape: [gap / 2], data_offsets: [0, gap] },
      last: { dtype: 'F32', shape: [3], data_offsets: [gap, gap + 12] },
    });
    const text = new TextEncoder().encode(header.padEnd(Math.ceil(header.length / 8) * 8));
    const head = new Uint8Array(8 + text.length);
    new DataView(head.buffer).setBigUint64(0, BigInt(text.length), true);
    head.set(text, 8);
    await using source = await openWeights(
      await sparseFile('model.safetensors', head, { at: head.length + gap, tail }),
    );
    expect(source.entries.get('large')).toEqual({
      shape: [gap / 2],
      encoding: 'F16',
      float: true,
      bytes: gap,
    });
    expect(await source.read('last')).toEqual(float32([3], numbers));
  });

  it('of GGUF is read tensor by tensor', async () => {
    const bytes: number[] = [];
    const u32 = (value: number): number => bytes.push(...new Uint8Array(Uint32Array.of(value).buffer));
    const u64 = (value: number): number =>
      bytes.push(...new Uint8Array(BigUint64Array.of(BigInt(value)).buffer));
    const text = (value: string): void => {
      u64(value.length);
      bytes.push(...new TextEncoder().encode(value));
    };
    bytes.push(...new TextEncoder().encode('GGUF'));
    u32(3);
    u64(2);
    u64(3);
    for (const [key, value] of [
      ['llama.attention.head_count', 1],
      ['llama.embedding_length', 4],
    ] as const) {
      text(key);
      u32(4);
      u32(value);
    }
    text('general.architecture');
    u32(8);
    text('llama');
    for (const [name, length, offset] of [
      ['token_embd.weight', gap / 4, 0],
      ['output_norm.weight', 3, gap],
    ] as const) {
      text(name);
      u32(1);
      u64(length);
      u32(0);
      u64(offset);
    }
    const start = Math.ceil(bytes.length / 32) * 32;
    await using source = await openWeights(
      await sparseFile('model.gguf', Uint8Array.from(bytes), { at: start + gap, tail }),
    );
    expect(source.entries.get('model.embed_tokens.weight')!.bytes).toBe(gap);
    expect(await source.read('model.norm.weight')).toEqual(float32([3], numbers));
  });

  it('is read from shards, of which each is a file', async () => {
    const shard = (name: string, values: Float32Array): Promise<void> =>
      writeFile(
        join(folder, name),
        encodeSafetensors(new Map([[name.slice(0, 5), float32([values.length], values)]])),
      );
    await shard('first-00001-of-00002.safetensors', numbers);
    await shard('first-00002-of-00002.safetensors', numbers);
    await using source = await openWeights(join(folder, 'first-00001-of-00002.safetensors'));
    expect(source.files).toHaveLength(2);
  });
});
