"""python peft_peer.py TOKENS MODEL_FOLDER THREADS DTYPE: PEFT's LoRA steps, one per line of standard input.

Weights and activations in DTYPE (bfloat16 or float32), SDPA attention, rank 8 on every linear layer of a Llama-type model, a classification head on the last
token, random batches of 8 padded to the longest of the batch, fused AdamW, clipping; no dropout, as in the other peer.
"""
import json
import platform
import resource
import sys
import time

import numpy
import peft
import torch
import transformers
from safetensors import safe_open

tokens_file, folder, threads, dtype = sys.argv[1], sys.argv[2], int(sys.argv[3]), sys.argv[4]
torch.set_num_threads(threads)
torch.manual_seed(0)
transformers.logging.set_verbosity_error()
transformers.utils.logging.disable_progress_bar()
with safe_open(tokens_file, "np") as file:
    ids, offsets, labels, splits = (file.get_tensor(name) for name in ("ids", "offsets", "labels", "splits"))
train = numpy.random.default_rng(0).permutation(numpy.flatnonzero(splits == 0))
base = transformers.AutoModelForSequenceClassification.from_pretrained(folder, num_labels=2, dtype=getattr(torch, dtype), attn_implementation="sdpa")
base.config.pad_token_id = 0
settings = peft.LoraConfig(task_type="SEQ_CLS", r=8, lora_alpha=16, lora_dropout=0.0, target_modules="all-linear")
model = peft.get_peft_model(base, settings)
parameters = [parameter for parameter in model.parameters() if parameter.requires_grad]
optimizer = torch.optim.AdamW(parameters, lr=5e-6, weight_decay=0.01, fused=True)
class_weights = torch.tensor([0.8, 1.35])
model.train()


def batch(step, size=8):
    chosen = train[[(step * size + i) % len(train) for i in range(size)]]
    lengths = offsets[chosen + 1] - offsets[chosen]
    padded = torch.zeros(size, int(lengths.max()), dtype=torch.long)
    mask = torch.zeros_like(padded)
    for row, i in enumerate(chosen):
        padded[row, : lengths[row]] = torch.from_numpy(ids[offsets[i] : offsets[i + 1]].astype(numpy.int64))
        mask[row, : lengths[row]] = 1
    return padded, mask, lengths, torch.from_numpy(labels[chosen].astype(numpy.int64))


def print_line(line):
    print(json.dumps(line), flush=True)


print_line({"description": f"PEFT {peft.__version__} in {dtype}, PyTorch {torch.__version__}, transformers {transformers.__version__}, Python {platform.python_version()}"})
for step, _ in enumerate(sys.stdin):
    start, cpu = time.perf_counter(), time.process_time()
    padded, mask, lengths, target = batch(step)
    hidden = model.base_model.model.model(input_ids=padded, attention_mask=mask).last_hidden_state
    last = hidden[torch.arange(len(padded)), torch.from_numpy(lengths.astype(numpy.int64)) - 1]
    logits = model.base_model.model.score(last).float()
    loss = torch.nn.functional.cross_entropy(logits, target, weight=class_weights)
    optimizer.zero_grad()
    loss.backward()
    torch.nn.utils.clip_grad_norm_(parameters, 1.0)
    optimizer.step()
    print_line({
        "tokens": int(lengths.sum()), "seconds": time.perf_counter() - start, "cpuSeconds": time.process_time() - cpu, "loss": loss.item(),
        "peakMiB": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
    })
