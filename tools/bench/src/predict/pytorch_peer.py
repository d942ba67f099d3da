"""python pytorch_peer.py REQUESTS MODEL_FOLDER THREADS BATCHED: transformers on PyTorch, float32, all requests once per line of standard input.

The line says how many callers there are. Batched: what they ask at a time is one batch, padded to its longest; else one text after the
other, and a caller waits for those before it.
"""
import json
import platform
import sys
import time

import torch
import transformers

requests_file, folder, threads, batched = sys.argv[1], sys.argv[2], int(sys.argv[3]), sys.argv[4] == "batched"
torch.set_num_threads(threads)
transformers.logging.set_verbosity_error()
transformers.utils.logging.disable_progress_bar()
with open(requests_file, encoding="utf8") as file:
    texts = [request["text"] for request in json.load(file)]
tokenizer = transformers.AutoTokenizer.from_pretrained(folder)
model = transformers.AutoModelForSequenceClassification.from_pretrained(folder, num_labels=2, attn_implementation="sdpa").eval()


@torch.inference_mode()
def answer(chunk):
    inputs = tokenizer(chunk, truncation=True, max_length=256, padding=True, return_tensors="pt")
    return torch.softmax(model(**inputs).logits, -1)[:, 1].tolist()


print(json.dumps({"description": f"PyTorch {torch.__version__}, transformers {transformers.__version__}, Python {platform.python_version()}"}), flush=True)
for line in sys.stdin:
    callers = int(line)
    latencies = []
    start = time.perf_counter()
    for at in range(0, len(texts), callers):
        group = texts[at : at + callers]
        asked = time.perf_counter()
        for chunk in [group] if batched else [[text] for text in group]:
            answer(chunk)
            latencies += [1000 * (time.perf_counter() - asked)] * len(chunk)
    print(json.dumps({"seconds": time.perf_counter() - start, "latencies": latencies}), flush=True)
