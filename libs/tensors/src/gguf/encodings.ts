import { float16Values } from '../to-float32.ts';

/**
 * A block encoding of GGUF files: `elements` numbers in `bytes` bytes. Layouts and arithmetic are those of
 * https://github.com/ggml-org/ggml/blob/master/src/ggml-quants.c; as there, each operation is rounded to
 * float32.
 */
export interface GgufEncoding {
  readonly name: string;
  /** ggml_type */
  readonly type: number;
  readonly elements: number;
  readonly bytes: number;
  /** Decodes the block at `bytes[at]` to `out`, starting at `out[to]`. */
  decode(bytes: Uint8Array, at: number, out: Float32Array, to: number): void;
}

const round = Math.fround;
const halfAt = (bytes: Uint8Array, at: number): number => float16Values()[bytes[at] | (bytes[at + 1] << 8)];
const signed = (byte: number): number => (byte << 24) >> 24;

const word = new DataView(new ArrayBuffer(4));

const float32Blocks: GgufEncoding = {
  name: 'F32',
  type: 0,
  elements: 1,
  bytes: 4,
  decode(bytes, at, out, to) {
    for (let i = 0; i < 4; i++) word.setUint8(i, bytes[at + i]);
    out[to] = word.getFloat32(0, true);
  },
};

const float16Blocks: GgufEncoding = {
  name: 'F16',
  type: 1,
  elements: 1,
  bytes: 2,
  decode(bytes, at, out, to) {
    out[to] = halfAt(bytes, at);
  },
};

/** d, then 32 nibbles: d · (q − 8). The low nibbles are the first 16 elements. */
const q4Zero: GgufEncoding = {
  name: 'Q4_0',
  type: 2,
  elements: 32,
  bytes: 18,
  decode(bytes, at, out, to) {
    const d = halfAt(bytes, at);
    for (let i = 0; i < 16; i++) {
      const pair = bytes[at + 2 + i];
      out[to + i] = ((pair & 15) - 8) * d;
      out[to + i + 16] = ((pair >> 4) - 8) * d;
    }
  },
};

/** d and m, then 32 nibbles: d · q + m. */
const q4One: GgufEncoding = {
  name: 'Q4_1',
  type: 3,
  elements: 32,
  bytes: 20,
  decode(bytes, at, out, to) {
    const [d, m] = [halfAt(bytes, at), halfAt(bytes, at + 2)];
    for (let i = 0; i < 16; i++) {
      const pair = bytes[at + 4 + i];
      out[to + i] = round((pair & 15) * d) + m;
      out[to + i + 16] = round((pair >> 4) * d) + m;
    }
  },
};

/** d, then 32 signed bytes: d · q. */
const q8Zero: GgufEncoding = {
  name: 'Q8_0',
  type: 8,
  elements: 32,
  bytes: 34,
  decode(bytes, at, out, to) {
    const d = halfAt(bytes, at);
    for (let i = 0; i < 32; i++) out[to + i] = signed(bytes[at + 2 + i]) * d;
  },
};

/** d and dmin, eight 6-bit scales and minima in 12 bytes, 256 nibbles: d · scale · q − dmin · minimum. */
const q4K: GgufEncoding = {
  name: 'Q4_K',
  type: 12,
  elements: 256,
  bytes: 144,
  decode(bytes, at, out, to) {
    const [d, least] = [halfAt(bytes, at), halfAt(bytes, at + 2)];
    for (let group = 0; group < 8; group++) {
      const { scale, minimum } = sixBits(bytes, at + 4, group);
      const [factor, shift] = [round(d * scale), round(least * minimum)];
      const from = at + 16 + (group >> 1) * 32;
      const high = (group & 1) * 4;
      for (let i = 0; i < 32; i++)
        out[to + group * 32 + i] = round(factor * ((bytes[from + i] >> high) & 15)) - shift;
    }
  },
};

function sixBits(bytes: Uint8Array, at: number, group: number): { scale: number; minimum: number } {
  if (group < 4) return { scale: bytes[at + group] & 63, minimum: bytes[at + group + 4] & 63 };
  return {
    scale: (bytes[at + group + 4] & 15) | ((bytes[at + group - 4] >> 6) << 4),
    minimum: (bytes[at + group + 4] >> 4) | ((bytes[at + group] >> 6) << 4),
  };
}

/** 128 bytes of low nibbles, 64 bytes of two high bits each, 16 signed scales, d: d · scale · (q − 32). */
const q6K: GgufEncoding = {
  name: 'Q6_K',
  type: 14,
  elements: 256,
  bytes: 210,
  decode(bytes, at, out, to) {
    const d = halfAt(bytes, at + 208);
    for (let half = 0; half < 2; half++) {
      for (let part = 0; part < 4; part++) {
        for (let i = 0; i < 32; i++) {
          const low = (bytes[at + half * 64 + (part & 1) * 32 + i] >> ((part >> 1) * 4)) & 15;
          const high = (bytes[at + 128 + half * 32 + i] >> (part * 2)) & 3;
          const scale = signed(bytes[at + 192 + half * 8 + part * 2 + (i >> 4)]);
          out[to + half * 128 + part * 32 + i] = round(d * scale) * ((low | (high << 4)) - 32);
        }
      }
    }
  },
};

/** d, 32 fifth bits, then 32 nibbles: d · (q − 16). */
const q5Zero: GgufEncoding = {
  name: 'Q5_0',
  type: 6,
  elements: 32,
  bytes: 22,
  decode(bytes, at, out, to) {
    const d = halfAt(bytes, at);
    fiveBits(bytes, at + 2, (i, q) => (out[to + i] = (q - 16) * d));
  },
};

/** d and m, 32 fifth bits, then 32 nibbles: d · q + m. */
const q5One: GgufEncoding = {
  name: 'Q5_1',
  type: 7,
  elements: 32,
  bytes: 24,
  decode(bytes, at, out, to) {
    const [d, m] = [halfAt(bytes, at), halfAt(bytes, at + 2)];
    fiveBits(bytes, at + 4, (i, q) => (out[to + i] = round(q * d) + m));
  },
};

/** Reads four bytes of fifth bits, then 16 bytes whose low nibbles are the first 16 elements. */
function fiveBits(bytes: Uint8Array, at: number, take: (i: number, q: number) => void): void {
  for (let i = 0; i < 32; i++) {
    const pair = bytes[at + 4 + (i & 15)];
    const high = (bytes[at + (i >> 3)] >> (i & 7)) & 1;
    take(i, (i < 16 ? pair & 15 : pair >> 4) | (high << 4));
  }
}

/**
 * 16 bytes of a scale and a minimum each, 64 bytes of two-bit values, d and dmin: d · scale · q − dmin ·
 * minimum.
 */
const q2K: GgufEncoding = {
  name: 'Q2_K',
  type: 10,
  elements: 256,
  bytes: 84,
  decode(bytes, at, out, to) {
    const [d, least] = [halfAt(bytes, at + 80), halfAt(bytes, at + 82)];
    for (let group = 0; group < 16; group++) {
      const packed = bytes[at + group];
      const [factor, shift] = [round(d * (packed & 15)), round(least * (packed >> 4))];
      const { from, bits } = twoBits(group);
      for (let i = 0; i < 16; i++)
        out[to + group * 16 + i] = round(factor * ((bytes[at + 16 + from + i] >> bits) & 3)) - shift;
    }
  },
};

/**
 * 32 bytes of third bits, 64 bytes of two-bit values, 16 six-bit scales in 12 bytes, d: d · (scale − 32) · (q
 * − 4).
 */
const q3K: GgufEncoding = {
  name: 'Q3_K',
  type: 11,
  elements: 256,
  bytes: 110,
  decode(bytes, at, out, to) {
    const d = halfAt(bytes, at + 108);
    for (let group = 0; group < 16; group++) {
      const packed = at + 96;
      const low = group < 8 ? bytes[packed + group] & 15 : bytes[packed + group - 8] >> 4;
      const high = (bytes[packed + 8 + (group & 3)] >> (2 * (group >> 2))) & 3;
      const factor = round(d * ((low | (high << 4)) - 32));
      const { from, bits } = twoBits(group);
      for (let i = 0; i < 16; i++) {
        const third = (bytes[at + (group & 1) * 16 + i] >> (group >> 1)) & 1;
        out[to + group * 16 + i] =
          factor * (((bytes[at + 32 + from + i] >> bits) & 3) - (third === 1 ? 0 : 4));
      }
    }
  },
};

/**
 * Position of the two-bit values of each of 16 groups of 16 elements: the first byte, and the number of bits
 * to shift.
 */
function twoBits(group: number): { readonly from: number; readonly bits: number } {
  return { from: (group >> 3) * 32 + (group & 1) * 16, bits: ((group >> 1) & 3) * 2 };
}

/** As Q4_K, with 32 bytes of fifth bits before the nibbles. */
const q5K: GgufEncoding = {
  name: 'Q5_K',
  type: 13,
  elements: 256,
  bytes: 176,
  decode(bytes, at, out, to) {
    const [d, least] = [halfAt(bytes, at), halfAt(bytes, at + 2)];
    for (let group = 0; group < 8; group++) {
      const { scale, minimum } = sixBits(bytes, at + 4, group);
      const [factor, shift] = [round(d * scale), round(least * minimum)];
      const from = at + 48 + (group >> 1) * 32;
      for (let i = 0; i < 32; i++) {
        const low = (bytes[from + i] >> ((group & 1) * 4)) & 15;
        const high = (bytes[at + 16 + i] >> group) & 1;
        out[to + group * 32 + i] = round(factor * (low | (high << 4))) - shift;
      }
    }
  },
};

const bfloat16Blocks: GgufEncoding = {
  name: 'BF16',
  type: 30,
  elements: 1,
  bytes: 2,
  decode(bytes, at, out, to) {
    word.setUint32(0, (bytes[at] | (bytes[at + 1] << 8)) << 16);
    out[to] = word.getFloat32(0);
  },
};

/** All supported encodings. To add one, add a row here. */
export const ggufEncodings: readonly GgufEncoding[] = [
  float32Blocks,
  float16Blocks,
  q4Zero,
  q4One,
  q5Zero,
  q5One,
  q8Zero,
  q2K,
  q3K,
  q4K,
  q5K,
  q6K,
  bfloat16Blocks,
];
