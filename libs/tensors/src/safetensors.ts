import { AppError, canonicalJson } from '@overture/core';
import { dtypes, type DType } from './dtype.ts';
import type { ByteSource } from './byte-source.ts';
import { elementCount, float32, tensorBytes, type Tensor } from './tensor.ts';
import type { TensorFile } from './tensor-file.ts';

/** The contents of a safetensors file. */
export interface Safetensors {
  readonly tensors: ReadonlyMap<string, Tensor>;
  /** The `__metadata__` member of the header. */
  readonly metadata: Readonly<Record<string, string>>;
}

const headerLimit = 100_000_000; // the limit of the reference implementation
const byName = new Map(Object.entries(dtypes).map(([dtype, row]) => [row.safetensors, dtype as DType]));

/**
 * Encodes tensors as a safetensors file (https://github.com/huggingface/safetensors): an 8-byte header
 * length, a JSON header padded to 8 bytes, and the elements. The order of tensors is fixed, so equal tensors
 * produce equal bytes.
 * @throws AppError `SAFETENSORS_NAME_RESERVED` for a tensor named `__metadata__`
 */
export function encodeSafetensors(
  tensors: ReadonlyMap<string, Tensor>,
  metadata?: Readonly<Record<string, string>>,
): Uint8Array {
  const header: Record<string, unknown> = metadata === undefined ? {} : { __metadata__: metadata };
  // widest elements first, so that every tensor is aligned to its element size
  const order = [...tensors.keys()].sort(
    (a, b) => dtypes[tensors.get(b)!.dtype].bytes - dtypes[tensors.get(a)!.dtype].bytes || (a < b ? -1 : 1),
  );
  let offset = 0;
  for (const name of order) {
    const { dtype, shape, data } = tensors.get(name)!;
    if (name === '__metadata__')
      throw new AppError('SAFETENSORS_NAME_RESERVED', 'A tensor must not be named "__metadata__".');
    header[name] = {
      dtype: dtypes[dtype].safetensors,
      shape,
      data_offsets: [offset, offset + data.byteLength],
    };
    offset += data.byteLength;
  }
  const text = new TextEncoder().encode(canonicalJson(header));
  const start = 8 + Math.ceil(text.length / 8) * 8;
  const bytes = new Uint8Array(start + offset);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(start - 8), true);
  bytes.set(text, 8);
  bytes.fill(0x20, 8 + text.length, start);
  let at = start;
  for (const name of order) {
    const content = tensorBytes(tensors.get(name)!);
    bytes.set(content, at);
    at += content.length;
  }
  return bytes;
}

/** A safetensors file whose header has been read. */
export interface SafetensorsFile extends TensorFile {
  /** The `__metadata__` member of the header. */
  readonly metadata: Readonly<Record<string, string>>;
}

/**
 * Parses a safetensors file. Aligned tensors are views into `bytes`, others are copies. A header with wrong
 * sizes, overlaps, gaps, or unknown types is rejected before anything is allocated.
 * @param where the file's name, for messages
 * @throws AppError `SAFETENSORS_INVALID`
 */
export function parseSafetensors(bytes: Uint8Array, where: string): Safetensors {
  const refuse = refusal(where);
  const start = 8 + headerLength(bytes, bytes.length, refuse);
  const { entries, metadata } = parseEntries(bytes.subarray(8, start), { start, size: bytes.length }, refuse);
  const tensors = new Map<string, Tensor>();
  for (const { name, shape, encoding, begin, end } of entries) {
    const dtype = byName.get(encoding);
    if (dtype === undefined)
      return refuse(`tensor ${JSON.stringify(name)} has the unknown dtype ${JSON.stringify(encoding)}`);
    tensors.set(name, { dtype, shape, data: viewOrCopy(bytes, dtype, start + begin, start + end) });
  }
  return { tensors, metadata };
}

/**
 * Opens a safetensors file of any size. Only the header is read and checked as in `parseSafetensors`; tensors
 * are read on demand. Reading a tensor of an unsupported element type fails with `TENSOR_NOT_READABLE`.
 * @param where the file's name, for messages
 * @throws AppError `SAFETENSORS_INVALID`
 */
export async function openSafetensors(source: ByteSource, where: string): Promise<SafetensorsFile> {
  const refuse = refusal(where);
  const length = headerLength(await source.read(0, Math.min(8, source.size)), source.size, refuse);
  const start = 8 + length;
  const { entries, metadata } = parseEntries(
    await source.read(8, length),
    { start, size: source.size },
    refuse,
  );
  const byTensor = new Map(entries.map((entry) => [entry.name, entry]));
  return {
    metadata,
    entries: new Map(
      entries.map(({ name, shape, encoding, begin, end }) => [
        name,
        { shape, encoding, float: floats.includes(encoding), bytes: end - begin },
      ]),
    ),
    async read(name) {
      const { encoding, shape, begin, end } = byTensor.get(name)!;
      const dtype = byName.get(encoding);
      if (dtype === undefined && encoding !== 'F64') {
        throw new AppError(
          'TENSOR_NOT_READABLE',
          `${where} has the tensor ${JSON.stringify(name)} in ${encoding}, which cannot be read. Save the model in float32, float16 or bfloat16.`,
          { details: { where, name, encoding } },
        );
      }
      const bytes = await source.read(start + begin, end - begin);
      if (dtype === undefined) return float32(shape, Float32Array.from(new Float64Array(aligned(bytes, 8))));
      return { dtype, shape, data: viewOrCopy(bytes, dtype, 0, bytes.length) };
    },
  };
}

const floats: readonly string[] = ['F32', 'F16', 'BF16', 'F64'];

type Refuse = (problem: string) => never;

function refusal(where: string): Refuse {
  return (problem) => {
    throw new AppError(
      'SAFETENSORS_INVALID',
      `${where} must be a safetensors file: ${problem}. Fetch or write it again.`,
      { details: { where, problem } },
    );
  };
}

function headerLength(first: Uint8Array, size: number, refuse: Refuse): number {
  if (size < 8) refuse(`it has ${size} bytes, too few for a header length`);
  const length = new DataView(first.buffer, first.byteOffset, 8).getBigUint64(0, true);
  if (length > BigInt(Math.min(headerLimit, size - 8)))
    refuse(`its header should have ${length} bytes, and the file has ${size}`);
  return Number(length);
}

interface Entry {
  readonly name: string;
  readonly encoding: string;
  readonly shape: number[];
  readonly begin: number;
  readonly end: number;
}

function parseEntries(
  text: Uint8Array,
  { start, size }: { readonly start: number; readonly size: number },
  refuse: Refuse,
): { entries: Entry[]; metadata: Record<string, string> } {
  const { __metadata__: metadata, ...rest } = parseHeader(text, refuse);
  const strings = metadata ?? {};
  if (!isRecord(strings) || !Object.values(strings).every((value) => typeof value === 'string'))
    return refuse('its __metadata__ is not a map of strings');
  const entries = Object.entries(rest).map(([name, entry]) => ({ name, ...readEntry(name, entry, refuse) }));
  entries.sort((a, b) => a.begin - b.begin || a.end - b.end);
  let end = 0;
  for (const entry of entries) {
    if (entry.begin !== end)
      refuse(
        `tensor ${JSON.stringify(entry.name)} begins at byte ${entry.begin} of the data, ${end} was expected`,
      );
    end = entry.end;
  }
  if (start + end !== size) refuse(`its header describes ${end} bytes of data, and ${size - start} follow`);
  return { entries, metadata: strings as Record<string, string> };
}

function parseHeader(text: Uint8Array, refuse: Refuse): Record<string, unknown> {
  let header: unknown;
  try {
    header = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(text));
  } catch {
    return refuse('its header is not JSON');
  }
  return isRecord(header) ? header : refuse('its header is not a JSON object');
}

function readEntry(name: string, entry: unknown, refuse: Refuse): Omit<Entry, 'name'> {
  const called = `tensor ${JSON.stringify(name.slice(0, 200))}`;
  if (!isRecord(entry)) return refuse(`${called} is not described by an object`);
  const encoding = String(entry['dtype']);
  const width = elementBytes(encoding);
  if (width === undefined) return refuse(`${called} has the unknown dtype ${JSON.stringify(entry['dtype'])}`);
  const { shape, data_offsets: offsets } = entry;
  if (!isCounts(shape) || !Number.isSafeInteger(elementCount(shape)))
    return refuse(`${called} has no valid shape`);
  if (!isCounts(offsets) || offsets.length !== 2) return refuse(`${called} has no valid data_offsets`);
  const [begin, end] = offsets as [number, number];
  if (end - begin !== elementCount(shape) * width) {
    return refuse(
      `${called} of ${byName.get(encoding) ?? encoding} [${shape.join(', ')}] needs ${elementCount(shape) * width} bytes, and its data_offsets span ${end - begin}`,
    );
  }
  return { encoding, shape, begin, end };
}

/**
 * Element types of the format that our tensors do not support. A file can contain them as long as they are
 * not read.
 */
const otherBytes: Readonly<Record<string, number>> = {
  F64: 8,
  U64: 8,
  I16: 2,
  F8_E4M3: 1,
  F8_E5M2: 1,
  F8_E8M0: 1,
  C64: 8,
};

function elementBytes(encoding: string): number | undefined {
  const dtype = byName.get(encoding);
  return dtype === undefined
    ? Object.hasOwn(otherBytes, encoding)
      ? otherBytes[encoding]
      : undefined
    : dtypes[dtype].bytes;
}

function viewOrCopy(bytes: Uint8Array, dtype: DType, from: number, to: number): Tensor['data'] {
  const row = dtypes[dtype];
  const isAligned = (bytes.byteOffset + from) % row.bytes === 0;
  const source = isAligned ? bytes : bytes.slice(from, to);
  return new row.array(source.buffer, isAligned ? bytes.byteOffset + from : 0, (to - from) / row.bytes);
}

/** Copies the bytes unless they fill their whole buffer. */
function aligned(bytes: Uint8Array, width: number): ArrayBuffer {
  const own =
    bytes.byteOffset % width === 0 && bytes.byteOffset === 0 && bytes.buffer.byteLength === bytes.length
      ? bytes
      : bytes.slice();
  return own.buffer as ArrayBuffer;
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isCounts(value: unknown): value is number[] {
  return Array.isArray(value) && value.every((item) => Number.isSafeInteger(item) && item >= 0);
}
