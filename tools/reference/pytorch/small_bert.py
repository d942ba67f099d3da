"""Reference numbers of a small BERT with a classification head: writes ../../../libs/training/src/reference/.

Gradients come from float64 arithmetic on float32 weights (so that the error measured is ours alone); the loss curve is
float32, as PyTorch trains. No dropout. Run: python small_bert.py
"""
import json
import pathlib
import platform

import numpy
import torch
import transformers
from safetensors.torch import save_file

OUT = pathlib.Path(__file__).resolve().parents[3] / "libs/training/src/reference"
SHAPE = dict(vocab_size=100, hidden_size=32, num_hidden_layers=2, num_attention_heads=4, intermediate_size=64,
             max_position_embeddings=24, type_vocab_size=2)
CLASS_WEIGHTS = [0.8, 1.4]
STEPS, BATCH, PEAK, WARMUP, DECAY, CLIP = 50, 4, 2e-3, 5, 0.01, 1.0


class Classifier(torch.nn.Module):
    def __init__(self, config, pooling):
        super().__init__()
        self.bert = transformers.BertModel(config, add_pooling_layer=False)
        self.classifier = torch.nn.Linear(config.hidden_size, 2)
        self.pooling = pooling

    def forward(self, ids, mask):
        hidden = self.bert(input_ids=ids, attention_mask=mask).last_hidden_state
        if self.pooling == "cls":
            pooled = hidden[:, 0]
        else:
            kept = mask.unsqueeze(-1).to(hidden.dtype)
            pooled = (hidden * kept).sum(1) / kept.sum(1)
        return self.classifier(pooled)


def make_model(pooling, dtype):
    torch.manual_seed(7)
    config = transformers.BertConfig(**SHAPE, hidden_dropout_prob=0.0, attention_probs_dropout_prob=0.0)
    config._attn_implementation = "eager"
    model = Classifier(config, pooling)
    with torch.no_grad():
        for name, p in model.named_parameters():
            # wider than BERT's 0.02, so that no part of the network is idle
            p.copy_(torch.randn(p.shape) * 0.2 + (1.0 if name.endswith("LayerNorm.weight") else 0.0))
    return model.to(dtype)


def make_batches():
    random = numpy.random.default_rng(11)
    batches = []
    for _ in range(STEPS):
        sequences = [random.integers(1, SHAPE["vocab_size"], random.integers(3, 20)).tolist() for _ in range(BATCH)]
        labels = [int(sum(s) % 3 == 0) for s in sequences]
        batches.append(dict(ids=sequences, labels=labels))
    return batches


def padded(batch):
    width = max(len(s) for s in batch["ids"])
    ids = torch.tensor([s + [0] * (width - len(s)) for s in batch["ids"]])
    mask = torch.tensor([[1] * len(s) + [0] * (width - len(s)) for s in batch["ids"]])
    return ids, mask, torch.tensor(batch["labels"])


def loss_of(model, batch):
    ids, mask, labels = padded(batch)
    logits = model(ids, mask)
    return torch.nn.functional.cross_entropy(logits, labels, weight=torch.tensor(CLASS_WEIGHTS, dtype=logits.dtype)), logits


def gradients(pooling, batch):
    model = make_model(pooling, torch.float64)
    loss, logits = loss_of(model, batch)
    loss.backward()
    return loss.item(), logits.tolist(), {n: p.grad.float() for n, p in model.named_parameters()}


def decay_groups(model):
    plain = lambda n: n.endswith(".bias") or "LayerNorm" in n
    return [dict(params=[p for n, p in model.named_parameters() if not plain(n)], weight_decay=DECAY),
            dict(params=[p for n, p in model.named_parameters() if plain(n)], weight_decay=0.0)]


def adamw(model):
    return torch.optim.AdamW(decay_groups(model), lr=PEAK, betas=(0.9, 0.999), eps=1e-8)


def curve(pooling, batches, loss_fn=lambda model, batch: loss_of(model, batch)[0], make_optimizer=adamw):
    """Losses and gradient norms of 50 steps."""
    model = make_model(pooling, torch.float32)
    optimizer = make_optimizer(model)
    schedule = transformers.get_linear_schedule_with_warmup(optimizer, WARMUP, STEPS)
    losses, norms = [], []
    for batch in batches:
        loss = loss_fn(model, batch)
        optimizer.zero_grad()
        loss.backward()
        norms.append(torch.nn.utils.clip_grad_norm_(model.parameters(), CLIP).item())
        optimizer.step()
        schedule.step()
        losses.append(loss.item())
    return losses, norms


def main():
    torch.use_deterministic_algorithms(True)
    OUT.mkdir(parents=True, exist_ok=True)
    batches = make_batches()
    save_file({n: p.detach().float().contiguous() for n, p in make_model("mean", torch.float32).named_parameters()},
              OUT / "small-bert.safetensors")
    result = dict(
        provenance=dict(script="tools/reference/pytorch/small_bert.py", torch=torch.__version__, transformers=transformers.__version__,
                        machine=platform.machine()),
        config=dict(model_type="bert", hidden_act="gelu", layer_norm_eps=1e-12, pad_token_id=0, **SHAPE), classWeights=CLASS_WEIGHTS,
        optimizer=dict(learningRate=PEAK, warmupSteps=WARMUP, weightDecay=DECAY, maxGradNorm=CLIP), batches=batches, poolings={})
    for pooling in ("mean", "cls"):
        loss, logits, grads = gradients(pooling, batches[0])
        save_file({n: g.contiguous() for n, g in grads.items()}, OUT / f"small-bert-gradients-{pooling}.safetensors")
        losses, norms = curve(pooling, batches)
        result["poolings"][pooling] = dict(loss=loss, logits=logits, losses=losses, gradientNorms=norms)
    (OUT / "small-bert.json").write_text(json.dumps(result) + "\n")


if __name__ == "__main__":
    main()
