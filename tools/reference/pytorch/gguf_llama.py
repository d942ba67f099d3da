"""python gguf_llama.py: GGUF files and what they mean, written to libs/models/src/reference/ and libs/tensors/src/reference/.

Needs torch, transformers, tokenizers, gguf. `encodings.gguf` holds random blocks of every encoding and, beside them, the float32 numbers
that the package gguf makes of them. `small-llama.gguf` is a Llama of random weights in Q4_1, laid out as llama.cpp's converter does, with a
byte-level tokenizer cut as SmolLM2's; `small-llama.json` has ids of Rust's tokenizers for strings of all kinds, and logits that transformers
computes from the dequantised weights.
"""
import json
import pathlib

import gguf
import numpy
import tokenizers
import torch
import transformers
from gguf import GGMLQuantizationType as Q

ROOT = pathlib.Path(__file__).resolve().parents[3] / "libs"
TENSORS, MODELS = ROOT / "tensors/src/reference", ROOT / "models/src/reference"
VERSIONS = {m.__name__: m.__version__ for m in (torch, transformers, tokenizers)}
random = numpy.random.default_rng(7)

STRINGS = [
    "", " ", "  ", "a", "Hello world", " Hello  world ", "don't I'll we've they're I'm he'd it's", "DON'T", "tabs\tand\nnew\r\nlines\n\n\n",
    "12345 3.14 1,000 a1b2", "٣٤٥ Ⅷ ½ ²³ 一二三", "naïve café Zoë", "e\u0301 combining", "日本語のテキスト", "한국어 텍스트", "עברית עם ניקוד", "🙂👍🏽👩‍👩‍👧 emoji",
    "foo_bar(baz) => {return x[0];}", "#!/usr/bin/env node", "https://example.com/a?b=c&d=%20", "user@example.com", "!!! ??? ...", "—–‘’“”…",
    "turn 2\nuser: My printer is offline.\nsystem: Which model is it?", "<|im_start|>user\nHi<|im_end|>\n", "\u00a0nbsp\u2003em", "\x00\x01 control", "ﬁ ligature ſ", "İstanbul ISTANBUL",
    "word " * 30, "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", "ẞß", "\ufeffbom", "x\u200by zero width", "Ünïcödé 𝔘𝔫𝔦𝔠𝔬𝔡𝔢", "   leading", "trailing   ", "a\n \n b",
]
TEXTS = STRINGS + ["The printer does not work. What should I do about the printer?", "Which version of Windows do you have, and what did the error say?"] * 3


def encodings():
    writer = gguf.GGUFWriter(TENSORS / "encodings.gguf", "none")
    for quantisation in (Q.Q4_0, Q.Q4_1, Q.Q8_0, Q.Q4_K, Q.Q6_K, Q.F16, Q.BF16):
        elements, size = gguf.GGML_QUANT_SIZES[quantisation]
        blocks = 512 // elements
        raw = random.integers(0, 256, (2, blocks // 2 * size), dtype=numpy.uint8)
        halves = {Q.Q4_0: [0], Q.Q4_1: [0, 2], Q.Q8_0: [0], Q.Q4_K: [0, 2], Q.Q6_K: [208]}.get(quantisation)
        view = raw.reshape(blocks, size)
        for at in halves or []:  # scales of a usual size
            view[:, at:at + 2] = random.normal(0, 0.01, blocks).astype(numpy.float16).view(numpy.uint8).reshape(blocks, 2)
        if quantisation in (Q.F16, Q.BF16):
            values = random.normal(0, 1, (2, 256)).astype(numpy.float32)
            raw = gguf.quants.quantize(values, quantisation)
        expected = gguf.quants.dequantize(raw, quantisation).reshape(2, 256)
        # the writer takes halves as they are and everything else as bytes
        writer.add_tensor(quantisation.name, raw, raw_dtype=None if quantisation == Q.F16 else quantisation)
        writer.add_tensor(f"{quantisation.name}.expected", expected.astype(numpy.float32))
    finish(writer)


def finish(writer):
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()


def tokenizer():
    made = tokenizers.Tokenizer(tokenizers.models.BPE())
    made.pre_tokenizer = tokenizers.pre_tokenizers.Sequence([tokenizers.pre_tokenizers.Digits(individual_digits=True), tokenizers.pre_tokenizers.ByteLevel(add_prefix_space=False)])
    made.decoder = tokenizers.decoders.ByteLevel()
    trainer = tokenizers.trainers.BpeTrainer(vocab_size=420, special_tokens=["<|endoftext|>", "<|im_start|>", "<|im_end|>"], initial_alphabet=tokenizers.pre_tokenizers.ByteLevel.alphabet(), show_progress=False)
    made.train_from_iterator(TEXTS, trainer)
    return made


def permute(weights, heads):
    return weights.reshape(heads, 2, weights.shape[0] // heads // 2, *weights.shape[1:]).swapaxes(1, 2).reshape(weights.shape)


NAMES = {"self_attn.q_proj": "attn_q", "self_attn.k_proj": "attn_k", "self_attn.v_proj": "attn_v", "self_attn.o_proj": "attn_output", "mlp.gate_proj": "ffn_gate",
         "mlp.up_proj": "ffn_up", "mlp.down_proj": "ffn_down", "input_layernorm": "attn_norm", "post_attention_layernorm": "ffn_norm"}


def small_llama():
    made = tokenizer()
    definition = json.loads(made.to_str())
    vocabulary = sorted(definition["model"]["vocab"], key=definition["model"]["vocab"].get)
    config = transformers.LlamaConfig(vocab_size=len(vocabulary), hidden_size=32, intermediate_size=64, num_hidden_layers=2, num_attention_heads=4, num_key_value_heads=2,
                                      max_position_embeddings=128, rope_theta=100000.0, rms_norm_eps=1e-5, tie_word_embeddings=True, attn_implementation="eager")
    torch.manual_seed(3)
    model = transformers.LlamaForCausalLM(config)
    writer = gguf.GGUFWriter(MODELS / "small-llama.gguf", "llama")
    writer.add_block_count(2)
    writer.add_context_length(128)
    writer.add_embedding_length(32)
    writer.add_feed_forward_length(64)
    writer.add_head_count(4)
    writer.add_head_count_kv(2)
    writer.add_rope_freq_base(100000.0)
    writer.add_rope_dimension_count(8)
    writer.add_layer_norm_rms_eps(1e-5)
    writer.add_vocab_size(len(vocabulary))
    writer.add_tokenizer_model("gpt2")
    writer.add_tokenizer_pre("smollm")
    writer.add_token_list(vocabulary)
    special = {t["content"] for t in definition["added_tokens"]}
    writer.add_token_types([3 if t in special else 1 for t in vocabulary])
    writer.add_token_merges([" ".join(m) for m in definition["model"]["merges"]])
    writer.add_bos_token_id(1)
    writer.add_eos_token_id(2)
    writer.add_pad_token_id(2)
    writer.add_unk_token_id(0)
    writer.add_add_bos_token(False)
    for name, value in model.state_dict().items():
        if name == "lm_head.weight":
            continue
        # wider than initialised, so that no part is idle
        values = torch.randn(value.shape).numpy().astype(numpy.float32) * 0.3 + (1.0 if name.endswith("norm.weight") else 0.0)
        parts = name.removeprefix("model.").removeprefix("layers.").split(".")
        called = {"embed_tokens": "token_embd", "norm": "output_norm"}.get(parts[0]) or f"blk.{parts[0]}.{NAMES['.'.join(parts[1:-1])]}"
        if called.endswith("attn_q"):
            values = permute(values, 4)
        if called.endswith("attn_k"):
            values = permute(values, 2)
        if values.ndim == 1:
            writer.add_tensor(f"{called}.weight", values)
        else:
            kind = Q.Q8_0 if called == "token_embd" else Q.Q4_1
            writer.add_tensor(f"{called}.weight", gguf.quants.quantize(values, kind), raw_dtype=kind)
    finish(writer)
    read = transformers.AutoModelForCausalLM.from_pretrained(MODELS, gguf_file="small-llama.gguf", attn_implementation="eager", dtype=torch.float32).double().eval()
    ids = made.encode("turn 2\nuser: My printer is offline.", add_special_tokens=False).ids
    with torch.no_grad():
        logits = read(input_ids=torch.tensor([ids])).logits[0]
    cases = [dict(text=s, ids=made.encode(s, add_special_tokens=False).ids) for s in STRINGS if "<|" not in s]
    forged = [dict(text=s, ids=made.encode(s, add_special_tokens=False).ids) for s in STRINGS if "<|" in s]
    (MODELS / "small-llama.json").write_text(json.dumps(dict(
        provenance=dict(script="tools/reference/pytorch/gguf_llama.py", **VERSIONS), cases=cases, special=forged, ids=ids,
        logits=[[float(f"{x:.7g}") for x in row] for row in logits[-3:].tolist()])) + "\n")


for folder in (TENSORS, MODELS):
    folder.mkdir(parents=True, exist_ok=True)
encodings()
small_llama()
