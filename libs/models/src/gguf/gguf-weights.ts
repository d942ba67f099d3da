import {
  dequantize,
  float32,
  parseGguf,
  type GgufFile,
  type Tensor,
  type TensorFile,
} from '@overture/tensors';
import { ggufHeads, ropeFactors } from './gguf-config.ts';

const layerNames: Readonly<Record<string, string>> = {
  attn_norm: 'input_layernorm',
  attn_q: 'self_attn.q_proj',
  attn_k: 'self_attn.k_proj',
  attn_v: 'self_attn.v_proj',
  attn_output: 'self_attn.o_proj',
  ffn_norm: 'post_attention_layernorm',
  ffn_gate: 'mlp.gate_proj',
  ffn_up: 'mlp.up_proj',
  ffn_down: 'mlp.down_proj',
};
const wholeNames: Readonly<Record<string, string>> = {
  'token_embd.weight': 'model.embed_tokens.weight',
  'output_norm.weight': 'model.norm.weight',
  'output.weight': 'lm_head.weight',
};

/**
 * The tensors of a GGUF file as float32, with Hugging Face names. Names unknown to the architecture are
 * unchanged, so that loading reports them as unused.
 * @throws AppError `GGUF_INVALID`, `GGUF_ARCHITECTURE_UNKNOWN`, `GGUF_METADATA_INVALID`
 */
export function ggufWeights(bytes: Uint8Array, where: string): ReadonlyMap<string, Tensor> {
  const gguf = parseGguf(bytes, where);
  const ordered = ordering(gguf, where);
  return new Map(
    Array.from(gguf.tensors).flatMap(([name, tensor]) =>
      name === ropeFactors
        ? []
        : [[huggingFaceName(name), ordered(huggingFaceName(name), dequantize(tensor))] as const],
    ),
  );
}

/**
 * Same as `ggufWeights`, for a file whose tensors are read one at a time.
 * @throws AppError `GGUF_METADATA_INVALID`
 */
export function ggufTensors(gguf: GgufFile, where: string): TensorFile {
  const ordered = ordering(gguf, where);
  const stored = new Map(
    Array.from(gguf.entries.keys()).flatMap((name) =>
      name === ropeFactors ? [] : [[huggingFaceName(name), name] as const],
    ),
  );
  return {
    entries: new Map(Array.from(stored, ([name, own]) => [name, gguf.entries.get(own)!])),
    read: async (name) => ordered(name, await gguf.read(stored.get(name)!)),
  };
}

function huggingFaceName(name: string): string {
  const layer = /^blk\.(\d+)\.(\w+)\.weight$/.exec(name);
  if (layer === null) return wholeNames[name] ?? name;
  const known = layerNames[layer[2]];
  return known === undefined ? name : `model.layers.${layer[1]}.${known}.weight`;
}

/** Reorders the rows of query and key projections to Hugging Face's order. */
function ordering(gguf: Pick<GgufFile, 'metadata'>, where: string): (name: string, tensor: Tensor) => Tensor {
  const { heads, keyValueHeads } = ggufHeads(gguf, where);
  return (name, tensor) => {
    if (name.endsWith('q_proj.weight')) return inHalves(tensor, heads);
    return name.endsWith('k_proj.weight') ? inHalves(tensor, keyValueHeads) : tensor;
  };
}

/**
 * llama.cpp rotates pairs of adjacent elements of a head, Hugging Face pairs across its two halves. This
 * restores the order 0, 1, … from 0, h/2, 1, h/2 + 1, ….
 */
function inHalves(tensor: Tensor, heads: number): Tensor {
  const [rows, columns] = tensor.shape;
  const width = rows / heads;
  // Wrong shape: loadWeights reports it.
  if (tensor.shape.length !== 2 || !Number.isInteger(width / 2)) return tensor;
  const [from, to] = [tensor.data as Float32Array, new Float32Array(tensor.data.length)];
  for (let row = 0; row < rows; row++) {
    const [head, at] = [Math.floor(row / width), row % width];
    const source = head * width + (at % (width / 2)) * 2 + Math.floor(at / (width / 2));
    to.set(from.subarray(source * columns, (source + 1) * columns), row * columns);
  }
  return float32(tensor.shape, to);
}
