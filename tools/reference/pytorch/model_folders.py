"""python model_folders.py: model folders as the libraries write them, to libs/models/src/reference/folders/.

Tiny random networks of every family, saved in the ways that users meet, each with `reference.json`: last hidden states that
transformers computes from the folder as it opens it. `rope/`: one Llama under every kind of RoPE scaling, as folder configs and as GGUF files.
`tokenizers/`: tokenizers without a tokenizer.json, with the ids of transformers. Needs torch, transformers, safetensors, sentence-transformers, gguf.
"""
import json
import math
import pathlib
import shutil

import gguf
import numpy
import sentence_transformers
import torch
import transformers
from safetensors.torch import save_model
from sentence_transformers import SentenceTransformer
from sentence_transformers import models as st

OUT = pathlib.Path(__file__).resolve().parents[3] / "libs/models/src/reference/folders"
shutil.rmtree(OUT, ignore_errors=True)
transformers.logging.set_verbosity_error()
VERSIONS = {m.__name__: m.__version__ for m in (torch, transformers, sentence_transformers)}
IDS = [[5, 9, 17, 30, 3, 22, 11, 6], [7, 8, 20, 33, 12, 39, 2, 14]]
BERT = dict(vocab_size=40, hidden_size=8, num_hidden_layers=2, num_attention_heads=2, intermediate_size=16, max_position_embeddings=20)
LLAMA = dict(vocab_size=40, hidden_size=16, num_hidden_layers=2, num_attention_heads=2, num_key_value_heads=1, intermediate_size=24, max_position_embeddings=64, rope_theta=1000.0, pad_token_id=0)
CONFIGS = dict(
    bert=transformers.BertConfig(**BERT, type_vocab_size=2),
    roberta=transformers.RobertaConfig(**BERT, type_vocab_size=1, pad_token_id=1, layer_norm_eps=1e-5),
    distilbert=transformers.DistilBertConfig(vocab_size=40, dim=8, n_layers=2, n_heads=2, hidden_dim=16, max_position_embeddings=20),
    llama=transformers.LlamaConfig(**LLAMA, tie_word_embeddings=True),
)


def draw(model, seed=3):
    torch.manual_seed(seed)
    with torch.no_grad():
        for name, p in model.named_parameters():
            # wider than initialized, so that no part is idle
            p.copy_(torch.randn(p.shape) * 0.3 + (1.0 if "norm" in name.lower() and name.endswith("weight") else 0.0))
    return model.eval()


def states(model, ids=IDS):
    with torch.no_grad():
        return model(input_ids=torch.tensor(ids)).last_hidden_state.double().tolist()


def rounded(value):
    return [rounded(v) for v in value] if isinstance(value, list) else float(f"{value:.8g}")


def refer(folder, model, **more):
    (folder / "reference.json").write_text(json.dumps(dict(versions=VERSIONS, ids=IDS, states=rounded(states(model)), **more)))


def opened(folder):
    """The network as the class that saved it opens it: a network alone would not look for its embedding under the head's name."""
    architecture = json.loads((folder / "config.json").read_text())["architectures"][0]
    return getattr(transformers, architecture).from_pretrained(folder, dtype=torch.float32, attn_implementation="eager").eval().base_model


def save(name, make, write=None):
    folder = OUT / name
    folder.mkdir(parents=True)
    model = draw(make())
    (write or (lambda made, to: made.save_pretrained(to)))(model, folder)
    refer(folder, opened(folder))


def as_module(model, folder):
    """safetensors keeps one of the names of a shared tensor, the first in the alphabet."""
    model.config.architectures = [type(model).__name__]
    model.config.save_pretrained(folder)
    save_model(model, str(folder / "model.safetensors"), metadata={"format": "pt"})


def folders():
    c, T = CONFIGS, transformers
    save("bert-masked-lm-sharded", lambda: T.BertForMaskedLM(c["bert"]), lambda m, f: m.save_pretrained(f, max_shard_size="6KB"))
    save("bert-three-labels-float16", lambda: T.BertForSequenceClassification(T.BertConfig(**BERT, type_vocab_size=2, num_labels=3)), lambda m, f: m.half().save_pretrained(f))
    save("bert-question-answering-bfloat16", lambda: T.BertForQuestionAnswering(c["bert"]), lambda m, f: m.bfloat16().save_pretrained(f))
    save("roberta-masked-lm-shared", lambda: T.RobertaForMaskedLM(c["roberta"]), as_module)
    save("roberta-token-classes", lambda: T.RobertaForTokenClassification(T.RobertaConfig(**BERT, type_vocab_size=1, pad_token_id=1, num_labels=5)))
    save("distilbert-masked-lm-shared", lambda: T.DistilBertForMaskedLM(c["distilbert"]), as_module)
    save("distilbert-plain", lambda: T.DistilBertModel(c["distilbert"]))
    save("llama-causal-shared", lambda: T.LlamaForCausalLM(c["llama"]), as_module)
    save("llama-causal-sharded", lambda: T.LlamaForCausalLM(T.LlamaConfig(**LLAMA, tie_word_embeddings=False)), lambda m, f: m.save_pretrained(f, max_shard_size="8KB"))
    save("llama-two-labels", lambda: T.LlamaForSequenceClassification(c["llama"]))
    sentence()


def sentence():
    """A sentence-transformers model: the network is in the folder itself or, in earlier versions, in 0_Transformer."""
    vocabulary = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"] + [chr(97 + i) for i in range(26)] + [f"##{chr(97 + i)}" for i in range(9)]
    source = OUT / "source"
    source.mkdir()
    (source / "vocab.txt").write_text("\n".join(vocabulary) + "\n")
    transformers.BertTokenizer(str(source / "vocab.txt")).save_pretrained(source)
    draw(transformers.BertModel(CONFIGS["bert"])).save_pretrained(source)
    network = st.Transformer(str(source))
    made = SentenceTransformer(modules=[network, st.Pooling(8, "cls"), st.Normalize()])
    made.save(str(OUT / "sentence-transformers"), create_model_card=False)
    shutil.rmtree(source)
    refer(OUT / "sentence-transformers", opened(OUT / "sentence-transformers"))


# dimensions of the head: 8, so 4 frequencies; lengths over the original 16 positions
ROPE = {
    "default": dict(rope_type="default"),
    "linear": dict(rope_type="linear", factor=4.0),
    "dynamic": dict(rope_type="dynamic", factor=2.0),
    "llama3": dict(rope_type="llama3", factor=8.0, low_freq_factor=1.0, high_freq_factor=4.0, original_max_position_embeddings=16),
    "llama3-at-its-own-length": dict(rope_type="llama3", factor=8.0, low_freq_factor=1.0, high_freq_factor=4.0, original_max_position_embeddings=64),
    "yarn": dict(rope_type="yarn", factor=4.0, original_max_position_embeddings=16),
    "yarn-untruncated": dict(rope_type="yarn", factor=4.0, original_max_position_embeddings=64, truncate=False, beta_fast=4.0, beta_slow=0.5),
    "yarn-scaled": dict(rope_type="yarn", factor=4.0, original_max_position_embeddings=64, mscale=1.2, mscale_all_dim=0.7, beta_fast=4.0, beta_slow=0.5),
    "yarn-attention": dict(rope_type="yarn", factor=4.0, original_max_position_embeddings=16, attention_factor=1.1),
    "longrope": dict(rope_type="longrope", short_factor=[1.0, 1.5, 2.0, 4.0], long_factor=[1.0, 1.5, 2.0, 4.0], original_max_position_embeddings=16),
}


def rope():
    folder = OUT / "rope"
    folder.mkdir()
    base = draw(transformers.LlamaModel(transformers.LlamaConfig(**LLAMA)), 5)
    base.save_pretrained(folder)
    ids = [torch.randint(2, 40, (1, 48), generator=torch.Generator().manual_seed(1))[0].tolist()]
    cases = {}
    for name, scaling in ROPE.items():
        config = transformers.LlamaConfig(**{k: v for k, v in LLAMA.items() if k != "rope_theta"}, rope_parameters=dict(scaling, rope_theta=1000.0))
        config._attn_implementation = "eager"
        model = transformers.LlamaModel(config).eval()
        model.load_state_dict(base.state_dict())
        found = states(model, ids)[0]
        cases[name] = dict(scaling=scaling, inverse_frequencies=rounded(model.rotary_emb.inv_freq.double().tolist()), amplitude=float(model.rotary_emb.attention_scaling), states=rounded([found[at] for at in (0, 5, 30, 47)]))
    (folder / "reference.json").write_text(json.dumps(dict(versions=VERSIONS, ids=ids, rows=[0, 5, 30, 47], cases=cases)))
    for name, parts in dict(plain={}, linear=dict(scaling=("linear", 4.0)), llama3=dict(factors=True), both=dict(scaling=("linear", 4.0), factors=True)).items():
        gguf_file(folder / f"{name}.gguf", base, **parts)


NAMES = {"self_attn.q_proj": "attn_q", "self_attn.k_proj": "attn_k", "self_attn.v_proj": "attn_v", "self_attn.o_proj": "attn_output", "mlp.gate_proj": "ffn_gate",
         "mlp.up_proj": "ffn_up", "mlp.down_proj": "ffn_down", "input_layernorm": "attn_norm", "post_attention_layernorm": "ffn_norm"}


def llama3_factors(scaling, base=1000.0, dim=8):
    """As convert_hf_to_gguf.py of llama.cpp computes rope_freqs.weight."""
    freqs = 1.0 / (base ** (torch.arange(0, dim, 2, dtype=torch.float32) / dim))
    low, high, old = scaling["low_freq_factor"], scaling["high_freq_factor"], scaling["original_max_position_embeddings"]
    factors = []
    for freq in freqs:
        wavelength = 2 * math.pi / freq
        if wavelength < old / high:
            factors.append(1)
        elif wavelength > old / low:
            factors.append(scaling["factor"])
        else:
            smooth = (old / wavelength - low) / (high - low)
            factors.append(1 / ((1 - smooth) / scaling["factor"] + smooth))
    return numpy.array(factors, dtype=numpy.float32)


def gguf_file(path, base, scaling=None, factors=False):
    writer = gguf.GGUFWriter(path, "llama")
    writer.add_block_count(2)
    writer.add_context_length(64)
    writer.add_embedding_length(16)
    writer.add_feed_forward_length(24)
    writer.add_head_count(2)
    writer.add_head_count_kv(1)
    writer.add_rope_freq_base(1000.0)
    writer.add_rope_dimension_count(8)
    writer.add_layer_norm_rms_eps(base.config.rms_norm_eps)
    if scaling is not None:
        writer.add_rope_scaling_type(gguf.RopeScalingType.LINEAR)
        writer.add_rope_scaling_factor(scaling[1])
    writer.add_tokenizer_model("gpt2")
    writer.add_tokenizer_pre("gpt-2")
    tokens = ["<|endoftext|>", "<|pad|>"] + [chr(33 + i) for i in range(38)]
    writer.add_token_list(tokens)
    writer.add_token_types([3, 3] + [1] * 38)
    writer.add_token_merges([f"{chr(33)} {chr(34)}"])
    writer.add_eos_token_id(0)
    writer.add_pad_token_id(1)
    if factors:
        writer.add_tensor("rope_freqs.weight", llama3_factors(ROPE["llama3"]))
    for name, value in base.state_dict().items():
        values = value.numpy()
        parts = name.removeprefix("layers.").split(".")
        called = {"embed_tokens": "token_embd", "norm": "output_norm"}.get(parts[0]) or f"blk.{parts[0]}.{NAMES['.'.join(parts[1:-1])]}"
        if called.endswith(("attn_q", "attn_k")):
            heads = 2 if called.endswith("attn_q") else 1
            values = values.reshape(heads, 2, values.shape[0] // heads // 2, values.shape[1]).swapaxes(1, 2).reshape(values.shape)
        writer.add_tensor(f"{called}.weight", numpy.ascontiguousarray(values))
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()


TEXTS = ["The printer is offline.", "don't PANIC, naïve Café!", "日本 und Tokio", "a<mask>b [MASK] </s>", "tab\tand  spaces ", "12345 foo_bar"]


def tokenizers():
    """Vocabularies as early repositories have them, without a tokenizer.json."""
    folder = OUT / "tokenizers"
    folder.mkdir()
    words = ["[PAD]", "[unused0]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"] + [chr(c) for c in range(33, 127)] + ["the", "print", "##er", "is", "off", "##line", "don", "pan", "##ic", "naive", "Café", "cafe", "日", "本", "und", "tok", "##io", "To", "##kio", "The", "na", "##ï", "##ve", "PA", "##NI", "##C"] + [f"##{chr(c)}" for c in range(97, 123)]
    words = list(dict.fromkeys(words))
    (folder / "vocab.txt").write_text("\n".join(words) + "\n")
    bert = {}
    for called, settings in dict(uncased={}, cased=dict(do_lower_case=False), accents=dict(do_lower_case=True, strip_accents=False), chinese=dict(tokenize_chinese_chars=False)).items():
        tokenizer = transformers.BertTokenizer(vocab=str(folder / "vocab.txt"), **settings)
        bert[called] = dict(settings=settings, ids=[tokenizer(text)["input_ids"] for text in TEXTS])
    from tokenizers import ByteLevelBPETokenizer
    made = ByteLevelBPETokenizer()
    made.train_from_iterator(TEXTS * 4, vocab_size=300, special_tokens=["<s>", "<pad>", "</s>", "<unk>", "<mask>"], show_progress=False)
    made.save_model(str(folder))
    roberta = {}
    for called, settings in dict(usual={}, prefixed=dict(add_prefix_space=True)).items():
        tokenizer = transformers.RobertaTokenizer(vocab=str(folder / "vocab.json"), merges=str(folder / "merges.txt"), **settings)
        roberta[called] = dict(settings=settings, ids=[tokenizer(text)["input_ids"] for text in TEXTS])
    (folder / "reference.json").write_text(json.dumps(dict(versions=VERSIONS, texts=TEXTS, bert=bert, roberta=roberta), ensure_ascii=False))


folders()
rope()
tokenizers()
