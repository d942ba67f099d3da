/**
 * A sequence of instructions as bytes. This file has the part of WebAssembly's binary format
 * (https://webassembly.github.io/spec/core/binary/) that a few vector loops over one imported shared memory
 * need. Functions are built by concatenating instructions.
 */
export type Code = readonly number[];

/** WebAssembly value types used here. */
export type ValueType = 'i32' | 'f32' | 'f64' | 'v128';

/** A function to assemble. `locals` come after the parameters; `body` has no final `end`. */
export interface WasmFunction {
  readonly name: string;
  readonly parameters: readonly ValueType[];
  readonly result?: ValueType;
  readonly locals: readonly ValueType[];
  readonly body: Code;
}

const valueTypes: Readonly<Record<ValueType, number>> = { i32: 0x7f, f32: 0x7d, f64: 0x7c, v128: 0x7b };

const leb = (value: number): number[] =>
  value < 0x80 ? [value] : [(value & 0x7f) | 0x80, ...leb(value >>> 7)];
const signedLeb = (value: number): number[] =>
  value >= -64 && value < 64 ? [value & 0x7f] : [(value & 0x7f) | 0x80, ...signedLeb(value >> 7)];
const vector = (opcode: number, ...immediates: number[]): Code => [0xfd, ...leb(opcode), ...immediates];
const unaligned = (offset: number): number[] => [2, ...leb(offset)]; // declares 4-byte alignment only

/** Instructions, named as in the specification. */
export const wasm = {
  get: (local: number): Code => [0x20, ...leb(local)],
  set: (local: number): Code => [0x21, ...leb(local)],
  tee: (local: number): Code => [0x22, ...leb(local)],
  i32Const: (value: number): Code => [0x41, ...signedLeb(value)],
  i32Add: [0x6a] as Code,
  i32LtU: [0x49] as Code,
  i32x4Splat: vector(0x11),
  i32x4GeS: vector(0x3f),
  i32x4ShrU: vector(0xad),
  i32x4Add: vector(0xae),
  /** The unsigned 64-bit products of lanes 0 and 1, and of lanes 2 and 3. */
  i64x2ExtMulLow: vector(0xde),
  i64x2ExtMulHigh: vector(0xdf),
  i32x4Const: (replicas: readonly number[]): Code =>
    vector(0x0c, ...new Uint8Array(Uint32Array.from(replicas).buffer)),
  /** Selects bytes of two vectors; the bytes of the second are numbered from 16. */
  shuffle: (bytes: readonly number[]): Code => vector(0x0d, ...bytes),
  f64Add: [0xa0] as Code,
  load: (offset = 0): Code => vector(0x00, ...unaligned(offset)),
  store: (offset = 0): Code => vector(0x0b, ...unaligned(offset)),
  /** Moves lanes 2 and 3 of a vector to lanes 0 and 1. */
  upperHalf: vector(0x0d, 8, 9, 10, 11, 12, 13, 14, 15, 8, 9, 10, 11, 12, 13, 14, 15),
  f32x4Zero: vector(0x0c, ...Array<number>(16).fill(0)),
  f32x4Splat: vector(0x13),
  f32x4Lt: vector(0x43),
  f32x4Gt: vector(0x44),
  v128And: vector(0x4e),
  v128Xor: vector(0x51),
  f32x4Sqrt: vector(0xe3),
  f32x4Add: vector(0xe4),
  f32x4Sub: vector(0xe5),
  f32x4Mul: vector(0xe6),
  f32x4Div: vector(0xe7),
  f64x2Promote: vector(0x5f),
  f64x2Add: vector(0xf0),
  f64x2Mul: vector(0xf2),
  f64x2Lane: (lane: number): Code => vector(0x21, lane),
  /** `do body while condition`: the body leaves the condition on the stack as an i32. */
  repeatWhile: (bodyAndCondition: Code): Code => [0x03, 0x40, ...bodyAndCondition, 0x0d, 0, 0x0b],
} as const;

const sharedWithMaximum = 3;
const largestMemory = leb(65_536); // pages: 4 GiB

/** Assembles a module that imports the shared memory `env.memory` and exports the functions. */
export function assembleModule(functions: readonly WasmFunction[]): Uint8Array<ArrayBuffer> {
  const list = (items: readonly Code[]): number[] => [...leb(items.length), ...items.flat()];
  const section = (id: number, content: number[]): number[] => [id, ...leb(content.length), ...content];
  const text = (value: string): number[] => list([...new TextEncoder().encode(value)].map((byte) => [byte]));
  const types = (names: readonly ValueType[]): number[] => list(names.map((name) => [valueTypes[name]]));
  const signature = ({ parameters, result }: WasmFunction): Code => [
    0x60,
    ...types(parameters),
    ...types(result === undefined ? [] : [result]),
  ];
  const code = ({ locals, body }: WasmFunction): Code => {
    const content = [...list(locals.map((local) => [1, valueTypes[local]])), ...body, 0x0b];
    return [...leb(content.length), ...content];
  };
  return Uint8Array.from([
    ...[0x00, 0x61, 0x73, 0x6d, 1, 0, 0, 0],
    ...section(1, list(functions.map(signature))),
    ...section(2, list([[...text('env'), ...text('memory'), 0x02, sharedWithMaximum, 0, ...largestMemory]])),
    ...section(3, list(functions.map((_, index) => leb(index)))),
    ...section(7, list(functions.map(({ name }, index) => [...text(name), 0x00, ...leb(index)]))),
    ...section(10, list(functions.map(code))),
  ]);
}
