import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Tokenizer } from '@huggingface/tokenizers';
import { evaluate } from '@overture/graph';
import { int64, parseGguf, type Gguf, type GgufValue } from '@overture/tensors';
import { describe, expect, it } from 'vitest';
import { resolveBaseModel } from '../base/resolve-base-model.ts';
import { modelGraph } from '../export-model.ts';
import { parseNetwork } from '../families.ts';
import { parseWeights } from '../model-weights.ts';
import { causalLanguageModel } from '../model.ts';
import { ggufConfigJson } from './gguf-config.ts';
import { ggufTokenizerConfigJson } from './gguf-tokenizer-config.ts';
import { ggufTokenizerJson } from './gguf-tokenizer.ts';

// A small Llama in the format of llama.cpp's converter, with ids from Rust's tokenizers and logits from
// transformers: tools/reference/pytorch/gguf_llama.py
interface Case {
  readonly text: string;
  readonly ids: number[];
}
const path = new URL('../reference/small-llama.gguf', import.meta.url).pathname;
const reference = JSON.parse(
  readFileSync(new URL('../reference/small-llama.json', import.meta.url), 'utf8'),
) as { cases: Case[]; special: Case[]; ids: number[]; logits: number[][] };
const bytes = new Uint8Array(readFileSync(path));
const gguf = parseGguf(bytes, 'small-llama.gguf');
const changed = (changes: Readonly<Record<string, GgufValue>>): Gguf => ({
  ...gguf,
  metadata: new Map([...gguf.metadata, ...Object.entries(changes)]),
});

describe('a model out of a GGUF file', () => {
  const json = ggufConfigJson(gguf, 'small-llama.gguf');

  it('has the config that it was made of', () => {
    expect(json).toMatchObject({
      model_type: 'llama',
      hidden_size: 32,
      num_hidden_layers: 2,
      num_attention_heads: 4,
      num_key_value_heads: 2,
      rope_theta: 100_000,
      rms_norm_eps: 1e-5,
      tie_word_embeddings: true,
      eos_token_id: 2,
      pad_token_id: 2,
    });
  });

  it('computes the logits that transformers computes from the same file', () => {
    const model = causalLanguageModel(parseNetwork(json));
    const graph = modelGraph(model, parseWeights(bytes, model, { where: 'small-llama.gguf', seed: 0 }), {
      pooling: 'last',
    });
    const shape = [1, reference.ids.length];
    const { logits } = evaluate(graph, {
      input_ids: int64(shape, reference.ids),
      attention_mask: int64(
        shape,
        reference.ids.map(() => 1),
      ),
    });
    const [, length, vocabulary] = logits.shape;
    reference.logits.forEach((row, i) => {
      const from = (length - reference.logits.length + i) * vocabulary;
      row.forEach((expected, k) =>
        expect(Math.abs((logits.data[from + k] as number) - expected)).toBeLessThan(1e-4),
      );
    });
  });

  it('comes by the path of the file, with its config and tokenizer written beside the cache', async () => {
    const cacheDir = await mkdtemp(join(tmpdir(), 'overture-gguf-'));
    try {
      const base = await resolveBaseModel(path, { cacheDir });
      expect(base).toMatchObject({ name: 'small-llama', family: 'llama', files: { weights: path } });
      expect(parseNetwork(await readFile(base.files.config, 'utf8')).size.vocabSize).toBe(
        JSON.parse(await readFile(base.files.tokenizer, 'utf8')).added_tokens.length + 417,
      );
      expect(JSON.parse(await readFile(base.chat.config!, 'utf8'))).toMatchObject({
        eos_token: '<|im_end|>',
      });
      expect((await resolveBaseModel(path, { cacheDir })).digests).toEqual(base.digests);
    } finally {
      await rm(cacheDir, { recursive: true });
    }
  });

  it('is refused when it is of another architecture or lacks a key', () => {
    expect(() => ggufConfigJson(changed({ 'general.architecture': 'qwen2' }), 'x.gguf')).toThrow(
      'x.gguf must hold a model of the architecture "llama". Got "qwen2" instead',
    );
    expect(() => ggufConfigJson(changed({ 'llama.block_count': 'many' }), 'x.gguf')).toThrow(
      'x.gguf must say llama.block_count as a number. Got "many" instead',
    );
  });
});

describe('its tokenizer', () => {
  const tokenizer = new Tokenizer(ggufTokenizerJson(gguf, 'small-llama.gguf'), {});

  it.each([...reference.cases, ...reference.special].map(({ text, ids }) => [text, ids] as const))(
    'encodes %j as Rust’s tokenizers do',
    (text, ids) => {
      expect(tokenizer.encode(text, { add_special_tokens: false }).ids).toEqual(ids);
      expect(tokenizer.encode(text).ids).toEqual(ids); // the file does not request a BOS token
    },
  );

  it('puts the first token where the file asks for it', () => {
    const asking = new Tokenizer(
      ggufTokenizerJson(changed({ 'tokenizer.ggml.add_bos_token': true }), 'x'),
      {},
    );
    expect(asking.encode('a').ids).toEqual([1, ...tokenizer.encode('a').ids]);
  });

  it('is refused when it is of another kind', () => {
    expect(() => ggufTokenizerJson(changed({ 'tokenizer.ggml.model': 'bert' }), 'x.gguf')).toThrow(
      'x.gguf must say tokenizer.ggml.model as one of gpt2, llama. Got "bert" instead',
    );
    expect(() => ggufTokenizerJson(changed({ 'tokenizer.ggml.pre': 'mystery' }), 'x.gguf')).toThrow(
      'tokenizer.ggml.pre as one of gpt-2, smollm, llama-bpe, llama3, llama-v3. Got "mystery" instead',
    );
    expect(() => ggufTokenizerJson(changed({ 'tokenizer.ggml.merges': ['ab'] }), 'x.gguf')).toThrow(
      'as pairs with a space between. Got "ab" instead',
    );
    expect(() => ggufTokenizerJson(changed({ 'tokenizer.ggml.padding_token_id': 10_000 }), 'x.gguf')).toThrow(
      'must name special tokens among its 420 tokens. Got 10000 instead',
    );
  });

  it('comes with its special tokens by name, and the chat template if the file has one', () => {
    expect(ggufTokenizerConfigJson(gguf, 'x.gguf')).toEqual({
      bos_token: '<|im_start|>',
      eos_token: '<|im_end|>',
      unk_token: '<|endoftext|>',
      pad_token: '<|im_end|>',
      clean_up_tokenization_spaces: false,
      model_max_length: 128,
    });
    expect(
      ggufTokenizerConfigJson(changed({ 'tokenizer.chat_template': '{{ messages }}' }), 'x.gguf'),
    ).toMatchObject({ chat_template: '{{ messages }}' });
    expect(() => ggufTokenizerConfigJson(changed({ 'tokenizer.chat_template': 7 }), 'x.gguf')).toThrow(
      'x.gguf must say tokenizer.chat_template as a string. Got 7 instead',
    );
  });
});
