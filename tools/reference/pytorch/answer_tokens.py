"""Reference numbers of causal language modelling on answers: writes ../../../libs/training/src/reference/answer-tokens.json.

The small Llama of small_networks.py (its committed weights), prompts and answers of random tokens, labels of -100 for prompts: 50 AdamW
steps in float32, losses and gradient norms. Run: python answer_tokens.py
"""
import json
import pathlib
import platform

import numpy
import torch
import transformers
from safetensors.torch import load_file

OUT = pathlib.Path(__file__).resolve().parents[3] / "libs/training/src/reference"
STEPS, BATCH, PEAK, WARMUP, DECAY, CLIP = 50, 4, 2e-3, 5, 0.01, 1.0


def make_batches(vocabulary):
    random = numpy.random.default_rng(17)
    batches = []
    for _ in range(STEPS):
        prompts = [random.integers(3, vocabulary, random.integers(2, 10)).tolist() for _ in range(BATCH)]
        # an answer repeats the beginning of its prompt: something that can be learnt
        batches.append(dict(ids=[p + p[: random.integers(1, 3)] for p in prompts], answerStarts=[len(p) for p in prompts]))
    return batches


def loss_of(model, batch):
    width = max(map(len, batch["ids"]))
    pad = lambda rows, filler: torch.tensor([row + [filler] * (width - len(row)) for row in rows])
    labels = [[-100] * start + ids[start:] for ids, start in zip(batch["ids"], batch["answerStarts"])]
    logits = model(input_ids=pad(batch["ids"], 0), attention_mask=pad([[1] * len(s) for s in batch["ids"]], 0)).logits
    return torch.nn.functional.cross_entropy(logits[:, :-1].flatten(0, 1), pad(labels, -100)[:, 1:].flatten(), ignore_index=-100)


def main():
    torch.use_deterministic_algorithms(True)
    config = json.loads((OUT / "networks/networks.json").read_text())["causal"]["config"]
    model = transformers.LlamaForCausalLM(transformers.LlamaConfig(**{k: v for k, v in config.items() if k not in ("architectures", "model_type")}))
    missing, unexpected = model.load_state_dict(load_file(OUT / "networks/llama-causal.safetensors"), strict=False)
    assert missing in ([], ["lm_head.weight"]) and not unexpected, (missing, unexpected)
    model.tie_weights()
    plain = lambda n: n.endswith(".bias") or "norm" in n
    groups = [dict(params=[p for n, p in model.named_parameters() if not plain(n)], weight_decay=DECAY),
              dict(params=[p for n, p in model.named_parameters() if plain(n)], weight_decay=0.0)]
    optimizer = torch.optim.AdamW(groups, lr=PEAK, betas=(0.9, 0.999), eps=1e-8)
    schedule = transformers.get_linear_schedule_with_warmup(optimizer, WARMUP, STEPS)
    batches, losses, norms = make_batches(config["vocab_size"]), [], []
    for batch in batches:
        loss = loss_of(model, batch)
        optimizer.zero_grad()
        loss.backward()
        norms.append(torch.nn.utils.clip_grad_norm_(model.parameters(), CLIP).item())
        optimizer.step()
        schedule.step()
        losses.append(loss.item())
    result = dict(provenance=dict(script="tools/reference/pytorch/answer_tokens.py", torch=torch.__version__, transformers=transformers.__version__, machine=platform.machine()),
                  optimizer=dict(learningRate=PEAK, warmupSteps=WARMUP, weightDecay=DECAY, maxGradNorm=CLIP), batches=batches, losses=losses, gradientNorms=norms)
    (OUT / "answer-tokens.json").write_text(json.dumps(result) + "\n")


main()
