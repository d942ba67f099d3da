"""python small_networks.py: loss, logits and gradients of a small network of every family, to libs/training/src/reference/networks/.

float64 arithmetic on float32 weights, so that the error measured is ours alone. Classifiers with mean, first-token or last-token pooling and
class-weighted cross-entropy; Llama also as a causal language model on the last tokens of each text, and with a LoRA adapter that PEFT made and
saved. Needs torch, transformers, peft, safetensors.
"""
import json
import pathlib

import numpy
import peft
import torch
import transformers
from safetensors.torch import save_file

OUT = pathlib.Path(__file__).resolve().parents[3] / "libs/training/src/reference/networks"
OUT.mkdir(parents=True, exist_ok=True)
transformers.logging.set_verbosity_error()
VOCABULARY, CLASS_WEIGHTS, LABELS = 40, [0.8, 1.4], [0, 1, 1, 0]
random = numpy.random.default_rng(13)
SEQUENCES = [random.integers(3, VOCABULARY, n).tolist() for n in (3, 9, 1, 14)]
SHAPE = dict(vocab_size=VOCABULARY, hidden_size=16, num_hidden_layers=2, num_attention_heads=4, intermediate_size=24)
LLAMA = dict(**SHAPE, num_key_value_heads=2, max_position_embeddings=32, rope_theta=1000.0, rms_norm_eps=1e-5, pad_token_id=0, tie_word_embeddings=True)
NETWORKS = dict(
    bert=(transformers.BertConfig(**SHAPE, max_position_embeddings=20, type_vocab_size=2), "mean"),
    roberta=(transformers.RobertaConfig(**SHAPE, max_position_embeddings=20, type_vocab_size=1, layer_norm_eps=1e-5, pad_token_id=1), "cls"),
    distilbert=(transformers.DistilBertConfig(vocab_size=VOCABULARY, dim=16, n_layers=2, n_heads=4, hidden_dim=24, max_position_embeddings=20), "mean"),
    llama=(transformers.LlamaConfig(**LLAMA), "last"),
)
PREFIX = dict(bert="bert.", roberta="roberta.", distilbert="distilbert.", llama="model.")


def draw(model, seed):
    torch.manual_seed(seed)
    with torch.no_grad():
        for name, p in model.named_parameters():
            # wider than initialised, so that no part is idle
            p.copy_((torch.randn(p.shape) * 0.3 + (1.0 if "norm" in name.lower() and name.endswith("weight") else 0.0)).float())
    return model.double().eval()


def padded(pad):
    width = max(map(len, SEQUENCES))
    ids = torch.tensor([s + [pad] * (width - len(s)) for s in SEQUENCES])
    mask = torch.tensor([[1] * len(s) + [0] * (width - len(s)) for s in SEQUENCES])
    return ids, mask


def pool(hidden, mask, pooling):
    if pooling == "cls":
        return hidden[:, 0]
    if pooling == "last":
        return hidden[torch.arange(len(SEQUENCES)), mask.sum(1) - 1]
    kept = mask.unsqueeze(-1).double()
    return (hidden * kept).sum(1) / kept.sum(1)


def weighted(logits):
    return torch.nn.functional.cross_entropy(logits, torch.tensor(LABELS), weight=torch.tensor(CLASS_WEIGHTS).double())


def keep(name, tensors, gradients):
    save_file({n: t.detach().float().contiguous().clone() for n, t in tensors.items()}, OUT / f"{name}.safetensors")
    save_file({n: g.float().contiguous().clone() for n, g in gradients.items()}, OUT / f"{name}-gradients.safetensors")


def config_json(config):
    return json.loads(config.to_json_string(use_diff=False)) | dict(architectures=None)


def classifier(name):
    config, pooling = NETWORKS[name]
    config._attn_implementation = "eager"
    encoder = draw(transformers.AutoModel.from_config(config, **({} if name in ("llama", "distilbert") else dict(add_pooling_layer=False))), 5)
    head = draw(torch.nn.Linear(16, 2, bias=name != "llama"), 6)
    ids, mask = padded(config.pad_token_id or 0)
    logits = head(pool(encoder(input_ids=ids, attention_mask=mask).last_hidden_state, mask, pooling))
    loss = weighted(logits)
    loss.backward()
    called = "score" if name == "llama" else "classifier"
    named = {PREFIX[name] + n: p for n, p in encoder.named_parameters()} | {f"{called}.{n}": p for n, p in head.named_parameters()}
    # a padding row keeps no gradient in PyTorch; no text here has that token
    keep(name, named, {n: p.grad if p.grad is not None else torch.zeros_like(p) for n, p in named.items()})
    return dict(config=config_json(config), pooling=pooling, loss=loss.item(), logits=logits.tolist())


def language_model():
    config, _ = NETWORKS["llama"]
    model = draw(transformers.LlamaForCausalLM(config), 8)
    model.tie_weights()
    ids, mask = padded(0)
    logits = model(input_ids=ids, attention_mask=mask).logits
    chosen = [(i, t) for i, s in enumerate(SEQUENCES) for t in range(max(0, len(s) - 4), len(s) - 1)]
    rows = torch.stack([logits[i, t] for i, t in chosen])
    loss = torch.nn.functional.cross_entropy(rows, torch.tensor([SEQUENCES[i][t + 1] for i, t in chosen]))
    loss.backward()
    named = {n: p for n, p in model.named_parameters() if n != "lm_head.weight"}
    keep("llama-causal", named, {n: p.grad for n, p in named.items()})
    return dict(config=config_json(config), chosen=chosen, loss=loss.item(), logits=rows[:2].tolist())


def lora():
    config = transformers.LlamaConfig(**LLAMA, num_labels=2)
    config._attn_implementation = "eager"
    base = draw(transformers.LlamaForSequenceClassification(config), 9)
    keep("llama-lora-base", {n: p for n, p in base.model.named_parameters(prefix="model")}, {})
    (OUT / "llama-lora-base-gradients.safetensors").unlink()
    model = peft.get_peft_model(base, peft.LoraConfig(task_type="SEQ_CLS", r=3, lora_alpha=6, lora_dropout=0.0, target_modules=["q_proj", "v_proj", "o_proj", "gate_proj", "up_proj", "down_proj"]))
    torch.manual_seed(10)
    with torch.no_grad():
        for name, p in model.named_parameters():
            if "lora_" in name:
                p.copy_((torch.randn(p.shape) * 0.3).float())
    model = model.double().eval()
    ids, mask = padded(0)
    logits = model(input_ids=ids, attention_mask=mask).logits
    loss = weighted(logits)
    loss.backward()
    gradients = {n: p.grad for n, p in model.named_parameters() if p.requires_grad}
    named = {n.replace("base_model.model.", "").replace(".default", "").replace(".modules_to_save", ""): g for n, g in gradients.items()}
    save_file({n: g.float().contiguous() for n, g in named.items()}, OUT / "llama-lora-gradients.safetensors")
    model.float().save_pretrained(OUT / "llama-lora")
    for extra in ("README.md",):
        (OUT / "llama-lora" / extra).unlink(missing_ok=True)
    return dict(config=config_json(config), pooling="last", loss=loss.item(), logits=logits.tolist())


if __name__ == "__main__":
    result = dict(provenance=dict(script="tools/reference/pytorch/small_networks.py", **{m.__name__: m.__version__ for m in (torch, transformers, peft)}),
                  sequences=SEQUENCES, labels=LABELS, classWeights=CLASS_WEIGHTS, classifiers={name: classifier(name) for name in NETWORKS}, causal=language_model(), lora=lora())
    (OUT / "networks.json").write_text(json.dumps(result) + "\n")
