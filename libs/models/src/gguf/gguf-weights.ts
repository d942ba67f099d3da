import { dequantise, float32, parseGguf, type Gguf, type Tensor } from '@overture/tensors';
import { ggufConfigJson } from './gguf-config.ts';

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
 * The tensors of a GGUF file under Hugging Face's names, float32. Names that the architecture does not have keep their own, so that
 * whoever loads them says what is left over.
 * @throws AppError `GGUF_INVALID`, `GGUF_ARCHITECTURE_UNKNOWN`, `GGUF_METADATA_INVALID`
 */
export function ggufWeights(bytes: Uint8Array, where: string): ReadonlyMap<string, Tensor> {
  const gguf = parseGguf(bytes, where);
  const { num_attention_heads: heads, num_key_value_heads: keyValueHeads } = ggufConfigJson(gguf, where) as Record<string, number>;
  return new Map(
    [...tensorsOf(gguf)].map(([name, tensor]) => {
      if (name.endsWith('q_proj.weight')) return [name, inHalves(tensor, heads)];
      return [name, name.endsWith('k_proj.weight') ? inHalves(tensor, keyValueHeads) : tensor];
    }),
  );
}

function* tensorsOf({ tensors }: Gguf): Generator<[string, Tensor]> {
  for (const [name, tensor] of tensors) {
    if (name === 'rope_freqs.weight') continue; // what config.json says as rope_theta
    const layer = /^blk\.(\d+)\.(\w+)\.weight$/.exec(name);
    const known = layer === null ? wholeNames[name] : layerNames[layer[2]];
    yield [known === undefined ? name : layer === null ? known : `model.layers.${layer[1]}.${known}.weight`, dequantise(tensor)];
  }
}

/** llama.cpp turns neighbouring elements of a head, Hugging Face the two halves: rows of a head 0, h/2, 1, h/2 + 1, … go back to 0, 1, …. */
function inHalves(tensor: Tensor, heads: number): Tensor {
  const [rows, columns] = tensor.shape;
  const width = rows / heads;
  if (tensor.shape.length !== 2 || !Number.isInteger(width / 2)) return tensor; // misshapen: loadWeights says so
  const [from, to] = [tensor.data as Float32Array, new Float32Array(tensor.data.length)];
  for (let row = 0; row < rows; row++) {
    const [head, at] = [Math.floor(row / width), row % width];
    const source = head * width + (at % (width / 2)) * 2 + Math.floor(at / (width / 2));
    to.set(from.subarray(source * columns, (source + 1) * columns), row * columns);
  }
  return float32(tensor.shape, to);
}
