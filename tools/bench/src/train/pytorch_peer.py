"""python pytorch_peer.py TOKENS MODEL_FOLDER THREADS DTYPE BATCHES: PyTorch's steps, one per line of standard input.

SDPA attention, batches of 16 padded to the longest of the batch, AdamW, clipping; no dropout, as in the other peer. DTYPE: float32, or
bfloat16 by autocast. BATCHES: random, or grouped: of similar length, with the fused AdamW: PyTorch at its best.
"""
import json
import platform
import resource
import sys
import time

import numpy
import torch
import transformers
from safetensors import safe_open

tokens_file, folder, threads, dtype, batches = sys.argv[1], sys.argv[2], int(sys.argv[3]), getattr(torch, sys.argv[4]), sys.argv[5]
torch.set_num_threads(threads)
torch.manual_seed(0)
transformers.logging.set_verbosity_error()
transformers.utils.logging.disable_progress_bar()
with safe_open(tokens_file, "np") as file:
    ids, offsets, labels, splits = (file.get_tensor(name) for name in ("ids", "offsets", "labels", "splits"))
random = numpy.random.default_rng(0)
train = random.permutation(numpy.flatnonzero(splits == 0))
if batches == "grouped":  # as Hugging Face's group_by_length: sorted inside chunks of 50 batches, the batches in random order
    chunks = [train[i : i + 800] for i in range(0, len(train), 800)]
    ordered = [chunk[numpy.argsort(-(offsets[chunk + 1] - offsets[chunk]), kind="stable")] for chunk in chunks]
    cut = [chunk[i : i + 16] for chunk in ordered for i in range(0, len(chunk) - 15, 16)]
    train = numpy.concatenate([cut[i] for i in random.permutation(len(cut))])
encoder = transformers.AutoModel.from_pretrained(folder, add_pooling_layer=False, attn_implementation="sdpa")
for module in encoder.modules():
    if isinstance(module, torch.nn.Dropout):
        module.p = 0.0
for layer in encoder.encoder.layer:
    layer.attention.self.dropout_prob = 0.0
head = torch.nn.Linear(encoder.config.hidden_size, 2)
parameters = list(encoder.parameters()) + list(head.parameters())
optimizer = torch.optim.AdamW(parameters, lr=5e-6, weight_decay=0.01, fused=batches == "grouped")
class_weights = torch.tensor([0.8, 1.35])
encoder.train()


def batch(step, size=16):
    chosen = train[[(step * size + i) % len(train) for i in range(size)]]
    lengths = offsets[chosen + 1] - offsets[chosen]
    padded = torch.zeros(size, int(lengths.max()), dtype=torch.long)
    mask = torch.zeros_like(padded)
    for row, i in enumerate(chosen):
        padded[row, : lengths[row]] = torch.from_numpy(ids[offsets[i] : offsets[i + 1]].astype(numpy.int64))
        mask[row, : lengths[row]] = 1
    return padded, mask, torch.from_numpy(labels[chosen].astype(numpy.int64)), int(lengths.sum())


def print_line(line):
    print(json.dumps(line), flush=True)


print_line({"description": f"PyTorch {torch.__version__}, transformers {transformers.__version__}, Python {platform.python_version()}"})
for step, _ in enumerate(sys.stdin):
    start, cpu = time.perf_counter(), time.process_time()
    padded, mask, target, count = batch(step)
    with torch.autocast("cpu", dtype=dtype, enabled=dtype != torch.float32):
        hidden = encoder(input_ids=padded, attention_mask=mask).last_hidden_state.float()
    kept = mask.unsqueeze(-1).float()
    loss = torch.nn.functional.cross_entropy(head((hidden * kept).sum(1) / kept.sum(1)), target, weight=class_weights)
    optimizer.zero_grad()
    loss.backward()
    torch.nn.utils.clip_grad_norm_(parameters, 1.0)
    optimizer.step()
    print_line({
        "tokens": count, "seconds": time.perf_counter() - start, "cpuSeconds": time.process_time() - cpu, "loss": loss.item(),
        "peakMiB": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
    })
