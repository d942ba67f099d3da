import { AppError, canonicalJson } from '@overture/core';
import { dtypes, type DType } from './dtype.ts';
import { elementCount, tensorBytes, type Tensor } from './tensor.ts';

/** What a safetensors file holds. */
export interface Safetensors {
  readonly tensors: ReadonlyMap<string, Tensor>;
  /** The `__metadata__` member of the header. */
  readonly metadata: Readonly<Record<string, string>>;
}

const headerLimit = 100_000_000; // the limit of the reference implementation
const byName = new Map(Object.entries(dtypes).map(([dtype, row]) => [row.safetensors, dtype as DType]));

/**
 * The bytes of a safetensors file (https://github.com/huggingface/safetensors): an 8-byte header length, a JSON
 * header padded to 8 bytes, the elements. Names are sorted, so equal tensors give equal bytes.
 */
export function encodeSafetensors(tensors: ReadonlyMap<string, Tensor>, metadata?: Readonly<Record<string, string>>): Uint8Array {
  const header: Record<string, unknown> = metadata === undefined ? {} : { __metadata__: metadata };
  // widest elements first, so that every tensor is aligned to its element size
  const order = [...tensors.keys()].sort((a, b) => dtypes[tensors.get(b)!.dtype].bytes - dtypes[tensors.get(a)!.dtype].bytes || (a < b ? -1 : 1));
  let offset = 0;
  for (const name of order) {
    const { dtype, shape, data } = tensors.get(name)!;
    if (name === '__metadata__') throw new AppError('SAFETENSORS_NAME_RESERVED', 'A tensor must not be named "__metadata__".');
    header[name] = { dtype: dtypes[dtype].safetensors, shape, data_offsets: [offset, offset + data.byteLength] };
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

/**
 * Reads a safetensors file. Tensors are views into `bytes` where alignment allows, copies elsewhere. A header
 * that lies about sizes, overlaps, leaves gaps or names unknown types is refused before anything is allocated.
 * @param where names the file in messages
 * @throws AppError `SAFETENSORS_INVALID`
 */
export function parseSafetensors(bytes: Uint8Array, where: string): Safetensors {
  const refuse = (problem: string): never => {
    throw new AppError('SAFETENSORS_INVALID', `${where} must be a safetensors file: ${problem}. Fetch or write it again.`, { details: { where, problem } });
  };
  if (bytes.length < 8) refuse(`it has ${bytes.length} bytes, too few for a header length`);
  const length = new DataView(bytes.buffer, bytes.byteOffset, 8).getBigUint64(0, true);
  if (length > BigInt(Math.min(headerLimit, bytes.length - 8))) refuse(`its header should have ${length} bytes, and the file has ${bytes.length}`);
  const start = 8 + Number(length);
  const header = parseHeader(bytes.subarray(8, start), refuse);
  const { __metadata__: metadata = {}, ...rest } = header;
  if (!isRecord(metadata) || !Object.values(metadata).every((value) => typeof value === 'string')) refuse('its __metadata__ is not a map of strings');
  const entries = Object.entries(rest).map(([name, entry]) => ({ name, ...readEntry(name, entry, refuse) }));
  entries.sort((a, b) => a.begin - b.begin || a.end - b.end);
  let end = 0;
  for (const entry of entries) {
    if (entry.begin !== end) refuse(`tensor ${JSON.stringify(entry.name)} begins at byte ${entry.begin} of the data, ${end} was expected`);
    end = entry.end;
  }
  if (start + end !== bytes.length) refuse(`its header describes ${end} bytes of data, and ${bytes.length - start} follow`);
  const tensors = new Map<string, Tensor>();
  for (const { name, dtype, shape, begin, end } of entries) {
    tensors.set(name, { dtype, shape, data: viewOrCopy(bytes, dtype, start + begin, start + end) });
  }
  return { tensors, metadata: metadata as Record<string, string> };
}

function parseHeader(text: Uint8Array, refuse: (problem: string) => never): Record<string, unknown> {
  let header: unknown;
  try {
    header = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(text));
  } catch {
    return refuse('its header is not JSON');
  }
  return isRecord(header) ? header : refuse('its header is not a JSON object');
}

function readEntry(name: string, entry: unknown, refuse: (problem: string) => never): { dtype: DType; shape: number[]; begin: number; end: number } {
  const called = `tensor ${JSON.stringify(name.slice(0, 200))}`;
  if (!isRecord(entry)) return refuse(`${called} is not described by an object`);
  const dtype = byName.get(String(entry['dtype']));
  if (dtype === undefined) return refuse(`${called} has the unknown dtype ${JSON.stringify(entry['dtype'])}`);
  const { shape, data_offsets: offsets } = entry;
  if (!isCounts(shape) || !Number.isSafeInteger(elementCount(shape))) return refuse(`${called} has no valid shape`);
  if (!isCounts(offsets) || offsets.length !== 2) return refuse(`${called} has no valid data_offsets`);
  const [begin, end] = offsets as [number, number];
  if (end - begin !== elementCount(shape) * dtypes[dtype].bytes) {
    return refuse(`${called} of ${dtype} [${shape.join(', ')}] needs ${elementCount(shape) * dtypes[dtype].bytes} bytes, and its data_offsets span ${end - begin}`);
  }
  return { dtype, shape, begin, end };
}

function viewOrCopy(bytes: Uint8Array, dtype: DType, from: number, to: number): Tensor['data'] {
  const row = dtypes[dtype];
  const aligned = (bytes.byteOffset + from) % row.bytes === 0;
  const source = aligned ? bytes : bytes.slice(from, to);
  return new row.array(source.buffer, aligned ? bytes.byteOffset + from : 0, (to - from) / row.bytes);
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isCounts(value: unknown): value is number[] {
  return Array.isArray(value) && value.every((item) => Number.isSafeInteger(item) && item >= 0);
}
