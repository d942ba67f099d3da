"""python pytorch_generation_peer.py MODEL_FOLDER THREADS: transformers on PyTorch, float32, one task per line of standard input.

A task is JSON: {"kind": "generate", "prompts": [[id, …], …], "tokens": n} continues all prompts greedily as one batch (padded on the left); {"kind":
"score", "prefix": [id, …], "prompts": [[id, …], …], "answers": [id, …]} computes the prefix once and, behind a copy of its keys and values, each prompt
and the logarithms of the probabilities of answers of one token.
"""
import copy
import json
import platform
import sys
import time

import torch
import transformers

folder, threads = sys.argv[1], int(sys.argv[2])
torch.set_num_threads(threads)
transformers.logging.set_verbosity_error()
transformers.utils.logging.disable_progress_bar()
model = transformers.AutoModelForCausalLM.from_pretrained(folder, attn_implementation="sdpa", dtype=torch.float32).eval()
model.generation_config.eos_token_id = None
pad = model.config.pad_token_id or 0


@torch.inference_mode()
def generate(prompts, tokens):
    width = max(map(len, prompts))
    ids = torch.tensor([[pad] * (width - len(p)) + p for p in prompts])
    mask = torch.tensor([[0] * (width - len(p)) + [1] * len(p) for p in prompts])
    out = model.generate(input_ids=ids, attention_mask=mask, do_sample=False, max_new_tokens=tokens, min_new_tokens=tokens, pad_token_id=pad)
    return out[:, width:].tolist()


@torch.inference_mode()
def score(prefix, prompts, answers):
    shared = model(input_ids=torch.tensor([prefix]), use_cache=True, logits_to_keep=1).past_key_values
    rows = []
    for prompt in prompts:
        logits = model(input_ids=torch.tensor([prompt]), past_key_values=copy.deepcopy(shared), use_cache=True, logits_to_keep=1).logits[0, -1]
        rows.append(logits.double().log_softmax(-1)[answers].tolist())
    return rows


print(json.dumps({"description": f"PyTorch {torch.__version__}, transformers {transformers.__version__}, float32, SDPA, its own key-value cache, Python {platform.python_version()}"}), flush=True)
for line in sys.stdin:
    task = json.loads(line)
    start = time.perf_counter()
    result = generate(task["prompts"], task["tokens"]) if task["kind"] == "generate" else score(task["prefix"], task["prompts"], task["answers"])
    print(json.dumps({"seconds": time.perf_counter() - start, "result": result}), flush=True)
