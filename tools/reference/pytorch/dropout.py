"""Gradients under dropout with given masks, to ../../../libs/training/src/reference/dropout/.

torch.nn.functional.dropout is replaced by a product with masks that are drawn here and saved by the names of the inputs that Overture's graph
has for them: so both sides drop the same. float64 arithmetic on the float32 weights of small_networks.py, whose files these tests use
again. What reads the same values drops the same of them (adapters of query, key and value). Run: python dropout.py
"""
import json
import pathlib
import platform

import peft
import torch
import transformers
from safetensors.torch import load_file, save_file

import small_networks as small

OUT = pathlib.Path(__file__).resolve().parents[3] / "libs/training/src/reference/dropout"
OUT.mkdir(parents=True, exist_ok=True)
RATE = 0.4
LENGTHS = [len(s) for s in small.SEQUENCES]


class Masks:
    """Called instead of torch.nn.functional.dropout."""

    def __init__(self):
        self.calls, self.known, self.random = 0, [], torch.Generator().manual_seed(21)
        self.saved = {}

    def __call__(self, x, p=0.5, training=True, inplace=False):
        if p == 0 or not training:
            return x
        for seen, mask in self.known:
            if seen is x:
                return x * mask
        mask = (torch.rand(x.shape, generator=self.random) >= RATE).double() / (1 - RATE)
        self.known.append((x, mask))
        name = f"dropout.{self.calls}"
        if x.dim() == 4:
            for i, n in enumerate(LENGTHS):
                self.saved[f"{name}.{i}"] = mask[i, :, :n, :n]
        elif x.dim() == 3:
            self.saved[name] = torch.cat([mask[i, :n] for i, n in enumerate(LENGTHS)])
        else:
            self.saved[name] = mask
        self.calls += 1
        return x * mask


def with_masks(name, forward, named):
    masks = Masks()
    usual, torch.nn.functional.dropout = torch.nn.functional.dropout, masks
    try:
        logits = forward()
    finally:
        torch.nn.functional.dropout = usual
    loss = small.weighted(logits)
    loss.backward()
    files = dict(masks=masks.saved, gradients={n: p.grad if p.grad is not None else torch.zeros_like(p) for n, p in named.items()})
    for what, tensors in files.items():
        save_file({n: t.detach().float().contiguous().clone() for n, t in tensors.items()}, OUT / f"{name}-{what}.safetensors")
    return dict(sites=masks.calls, loss=loss.item(), logits=logits.tolist())


def classifier(name):
    config, pooling = small.NETWORKS[name]
    config._attn_implementation = "eager"
    for key in ("hidden_dropout_prob", "attention_probs_dropout_prob", "dropout", "attention_dropout"):
        if hasattr(config, key):
            setattr(config, key, RATE)
    encoder = small.draw(transformers.AutoModel.from_config(config, **({} if name in ("llama", "distilbert") else dict(add_pooling_layer=False))), 5).train()
    head = small.draw(torch.nn.Linear(16, 2, bias=name != "llama"), 6)
    ids, mask = small.padded(config.pad_token_id or 0)

    def forward():
        pooled = small.pool(encoder(input_ids=ids, attention_mask=mask).last_hidden_state, mask, pooling)
        return head(pooled if name == "llama" else torch.nn.functional.dropout(pooled, RATE))

    called = "score" if name == "llama" else "classifier"
    named = {small.PREFIX[name] + n: p for n, p in encoder.named_parameters()} | {f"{called}.{n}": p for n, p in head.named_parameters()}
    return with_masks(name, forward, named)


def lora():
    config = transformers.LlamaConfig(**small.LLAMA, num_labels=2)
    config._attn_implementation = "eager"
    base = small.draw(transformers.LlamaForSequenceClassification(config), 9)
    saved = load_file(small.OUT / "llama-lora/adapter_model.safetensors")
    model = peft.get_peft_model(base, peft.LoraConfig(task_type="SEQ_CLS", r=3, lora_alpha=6, lora_dropout=RATE, target_modules=["q_proj", "v_proj", "o_proj", "gate_proj", "up_proj", "down_proj"]))
    peft.set_peft_model_state_dict(model, saved)
    model = model.double().train()
    ids, mask = small.padded(0)
    named = {n.replace("base_model.model.", "").replace(".default", "").replace(".modules_to_save", ""): p for n, p in model.named_parameters() if p.requires_grad}
    return with_masks("llama-lora", lambda: model(input_ids=ids, attention_mask=mask).logits, named)


versions = dict(torch=torch.__version__, transformers=transformers.__version__, peft=peft.__version__, python=platform.python_version())
results = {name: classifier(name) for name in small.NETWORKS} | {"llama-lora": lora()}
(OUT / "dropout.json").write_text(json.dumps(dict(command="python tools/reference/pytorch/dropout.py", versions=versions, rate=RATE, networks=results)) + "\n")
