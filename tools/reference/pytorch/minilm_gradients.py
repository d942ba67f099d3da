"""python minilm_gradients.py MODEL_FOLDER OUTPUT: loss and gradients of the real MiniLM with a classification head.

float64 arithmetic on the float32 weights, mean pooling, class-weighted cross-entropy, a padded batch of six sequences. Writes
OUTPUT/gradients.safetensors (float32), OUTPUT/head.safetensors and OUTPUT/batch.json, which `npm run bench -- gradients` compares with.
"""
import json
import pathlib
import sys

import numpy
import torch
import transformers
from safetensors.torch import save_file

folder, output = sys.argv[1], pathlib.Path(sys.argv[2])
output.mkdir(parents=True, exist_ok=True)
transformers.logging.set_verbosity_error()
encoder = transformers.AutoModel.from_pretrained(folder, add_pooling_layer=False, attn_implementation="eager")
torch.manual_seed(3)
head = torch.nn.Linear(encoder.config.hidden_size, 2)
with torch.no_grad():
    head.weight.normal_(0, 0.02)
    head.bias.zero_()
save_file({f"classifier.{n}": p.detach().clone() for n, p in head.named_parameters()}, output / "head.safetensors")
encoder.double().eval()
head.double()

random = numpy.random.default_rng(5)
sequences = [[101] + random.integers(1000, 30000, n).tolist() + [102] for n in (3, 17, 40, 64, 128, 200)]
labels = [0, 1, 0, 1, 1, 0]
width = max(map(len, sequences))
ids = torch.tensor([s + [0] * (width - len(s)) for s in sequences])
mask = torch.tensor([[1] * len(s) + [0] * (width - len(s)) for s in sequences])
hidden = encoder(input_ids=ids, attention_mask=mask).last_hidden_state
kept = mask.unsqueeze(-1).double()
weights = [0.8, 1.35]
loss = torch.nn.functional.cross_entropy(head((hidden * kept).sum(1) / kept.sum(1)), torch.tensor(labels), weight=torch.tensor(weights).double())
loss.backward()
gradients = {f"bert.{n}": p.grad for n, p in encoder.named_parameters()} | {f"classifier.{n}": p.grad for n, p in head.named_parameters()}
save_file({n: g.float().contiguous() for n, g in gradients.items()}, output / "gradients.safetensors")
(output / "batch.json").write_text(json.dumps(dict(sequences=sequences, labels=labels, classWeights=weights, loss=loss.item(), torch=torch.__version__)))
