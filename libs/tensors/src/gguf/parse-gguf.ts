import { elementCount, float32, type Tensor } from '../tensor.ts';
import type { ByteSource } from '../byte-source.ts';
import type { TensorFile } from '../tensor-file.ts';
import { ByteReader, MoreBytesNeeded } from './byte-reader.ts';
import { ggufEncodings, type GgufEncoding } from './encodings.ts';

/** A value in a GGUF header. 64-bit integers beyond 2^53 lose precision. */
export type GgufValue = string | number | boolean | readonly GgufValue[];

/** A tensor as stored in the file. */
export interface GgufTensor {
  readonly encoding: GgufEncoding;
  /** Row-major, the reverse of the file's own axis order. */
  readonly shape: readonly number[];
  /** A view into the file. */
  readonly bytes: Uint8Array;
}

/** The contents of a GGUF file. */
export interface Gguf {
  readonly metadata: ReadonlyMap<string, GgufValue>;
  readonly tensors: ReadonlyMap<string, GgufTensor>;
}

const magic = 0x46554747; // "GGUF"
const byType = new Map(ggufEncodings.map((encoding) => [encoding.type, encoding]));
const mostAxes = 4; // GGML_MAX_DIMS

/** Whether bytes begin like a GGUF file. */
export function isGguf(bytes: Uint8Array): boolean {
  return bytes.length >= 4 && new DataView(bytes.buffer, bytes.byteOffset, 4).getUint32(0, true) === magic;
}

/**
 * Parses a GGUF file of version 2 or 3 (https://github.com/ggml-org/ggml/blob/master/docs/gguf.md). Tensors
 * are views into `bytes`; `dequantize` decodes them. A header with wrong counts, sizes, or offsets is
 * rejected before anything is allocated.
 * @param where the file's name, for messages
 * @throws AppError `GGUF_INVALID`
 */
export function parseGguf(bytes: Uint8Array, where: string): Gguf {
  const { metadata, places } = parseHeader(bytes, bytes.length, where);
  const tensors = new Map(
    Array.from(places, ([name, { encoding, shape, at, size }]) => [
      name,
      { encoding, shape, bytes: bytes.subarray(at, at + size) },
    ]),
  );
  return { metadata, tensors };
}

/** A GGUF file whose header has been read. */
export interface GgufFile extends TensorFile {
  readonly metadata: ReadonlyMap<string, GgufValue>;
}

const firstBytes = 4 * 2 ** 20; // enough for most headers; one with Llama 3's vocabulary has 8 MB

/**
 * Opens a GGUF file of any size. Only the header is read; tensors are read and dequantized on demand. The
 * header is checked as in `parseGguf`.
 * @param where the file's name, for messages
 * @throws AppError `GGUF_INVALID`
 */
export async function openGguf(source: ByteSource, where: string): Promise<GgufFile> {
  const { metadata, places } = await readHeader(source, where);
  return {
    metadata,
    entries: new Map(
      Array.from(places, ([name, { encoding, shape, size }]) => [
        name,
        { shape, encoding: encoding.name, float: true, bytes: size },
      ]),
    ),
    async read(name) {
      const { encoding, shape, at, size } = places.get(name)!;
      return dequantize({ encoding, shape, bytes: await source.read(at, size) });
    },
  };
}

async function readHeader(source: ByteSource, where: string): Promise<Header> {
  for (let length = Math.min(firstBytes, source.size); ; length = Math.min(4 * length, source.size)) {
    try {
      return parseHeader(await source.read(0, length), source.size, where);
    } catch (error) {
      if (!(error instanceof MoreBytesNeeded)) throw error;
    }
  }
}

interface Header {
  readonly metadata: ReadonlyMap<string, GgufValue>;
  readonly places: ReadonlyMap<
    string,
    {
      readonly encoding: GgufEncoding;
      readonly shape: readonly number[];
      readonly at: number;
      readonly size: number;
    }
  >;
}

/**
 * @param bytes the beginning of the file; if it does not include the whole header, `MoreBytesNeeded` is
 * thrown
 */
function parseHeader(bytes: Uint8Array, fileSize: number, where: string): Header {
  const reader = new ByteReader(bytes, where, fileSize);
  if (!isGguf(bytes)) reader.refuse('it does not begin with "GGUF"');
  reader.uint32();
  const version = reader.uint32();
  if (version !== 2 && version !== 3) reader.refuse(`versions 2 and 3 are known. Got ${version} instead`);
  const tensorCount = reader.count('tensors', 24); // name length, axes, type, offset
  const valueCount = reader.count('values', 12);
  const metadata = new Map<string, GgufValue>();
  for (let i = 0; i < valueCount; i++) {
    const key = reader.string();
    if (metadata.has(key)) reader.refuse(`it has the key ${shown(key)} twice`);
    metadata.set(key, readValue(reader, reader.uint32(), 0));
  }
  const infos = Array.from({ length: tensorCount }, () => readInfo(reader));
  const alignment = metadata.get('general.alignment') ?? 32;
  if (typeof alignment !== 'number' || !Number.isInteger(alignment) || alignment < 1 || alignment > 2 ** 20)
    return reader.refuse(`its alignment is ${shown(alignment)}`);
  const start = Math.ceil(reader.at / alignment) * alignment;
  const places = new Map<
    string,
    { encoding: GgufEncoding; shape: readonly number[]; at: number; size: number }
  >();
  for (const { name, encoding, shape, offset, size } of infos) {
    if (places.has(name)) reader.refuse(`it has the tensor ${shown(name)} twice`);
    if (offset % alignment !== 0)
      reader.refuse(`tensor ${shown(name)} lies at ${offset}, which is not a multiple of ${alignment}`);
    if (start + offset + size > fileSize)
      reader.refuse(
        `tensor ${shown(name)} of ${encoding.name} [${shape.join(', ')}] ends at byte ${start + offset + size}, and the file has ${fileSize}`,
      );
    places.set(name, { encoding, shape, at: start + offset, size });
  }
  const total = infos.reduce((sum, { size }) => sum + size, 0);
  if (total > 0 && start + total > fileSize) reader.refuse(`its tensors need ${total} bytes and overlap`);
  return { metadata, places };
}

/** Dequantizes a tensor to float32. */
export function dequantize({ encoding, shape, bytes }: GgufTensor): Tensor {
  const values = new Float32Array(elementCount(shape));
  for (let block = 0; block * encoding.elements < values.length; block++)
    encoding.decode(bytes, block * encoding.bytes, values, block * encoding.elements);
  return float32(shape, values);
}

function readInfo(reader: ByteReader): {
  name: string;
  encoding: GgufEncoding;
  shape: number[];
  offset: number;
  size: number;
} {
  const name = reader.string();
  const axes = reader.uint32();
  if (axes > mostAxes)
    reader.refuse(`tensor ${shown(name)} has ${axes} axes, and at most ${mostAxes} are allowed`);
  const lengths = Array.from({ length: axes }, () =>
    Number(reader.value(8, (view, at) => view.getBigUint64(at, true))),
  );
  const type = reader.uint32();
  const encoding =
    byType.get(type) ??
    reader.refuse(
      `tensor ${shown(name)} has the encoding ${type}; known are ${ggufEncodings.map((known) => `${known.type} (${known.name})`).join(', ')}`,
    );
  const offset = Number(reader.value(8, (view, at) => view.getBigUint64(at, true)));
  const count = elementCount(lengths);
  if (!Number.isSafeInteger(count) || !Number.isSafeInteger(offset))
    reader.refuse(`tensor ${shown(name)} has no valid shape or place`);
  if ((lengths[0] ?? 1) % encoding.elements !== 0)
    reader.refuse(
      `tensor ${shown(name)} has rows of ${lengths[0]}, which are no whole blocks of ${encoding.elements}`,
    );
  return {
    name,
    encoding,
    shape: lengths.reverse(),
    offset,
    size: (count / encoding.elements) * encoding.bytes,
  };
}

interface ValueKind {
  readonly bytes: number;
  read(view: DataView, at: number): GgufValue;
}

/** gguf_metadata_value_type; strings (8) and lists (9) have no fixed size. */
const kinds: Readonly<Record<number, ValueKind>> = {
  0: { bytes: 1, read: (view, at) => view.getUint8(at) },
  1: { bytes: 1, read: (view, at) => view.getInt8(at) },
  2: { bytes: 2, read: (view, at) => view.getUint16(at, true) },
  3: { bytes: 2, read: (view, at) => view.getInt16(at, true) },
  4: { bytes: 4, read: (view, at) => view.getUint32(at, true) },
  5: { bytes: 4, read: (view, at) => view.getInt32(at, true) },
  6: { bytes: 4, read: (view, at) => view.getFloat32(at, true) },
  7: { bytes: 1, read: (view, at) => view.getUint8(at) !== 0 },
  10: { bytes: 8, read: (view, at) => Number(view.getBigUint64(at, true)) },
  11: { bytes: 8, read: (view, at) => Number(view.getBigInt64(at, true)) },
  12: { bytes: 8, read: (view, at) => view.getFloat64(at, true) },
};
const [stringType, listType, mostDepth] = [8, 9, 2];

function readValue(reader: ByteReader, type: number, depth: number): GgufValue {
  const kind = kinds[type];
  if (kind !== undefined) return reader.value(kind.bytes, (view, at) => kind.read(view, at));
  if (type === stringType) return reader.string();
  if (type !== listType) return reader.refuse(`a value has the unknown type ${type}`);
  if (depth === mostDepth) return reader.refuse(`lists lie more than ${mostDepth} deep`);
  const inner = reader.uint32();
  const length = reader.count('elements', kinds[inner]?.bytes ?? (inner === stringType ? 8 : 12));
  const list: GgufValue[] = [];
  for (let i = 0; i < length; i++) list.push(readValue(reader, inner, depth + 1));
  return list;
}

function shown(value: unknown): string {
  return JSON.stringify(value)?.slice(0, 200) ?? 'nothing';
}
