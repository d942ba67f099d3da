"""python check_adapter.py FOLDER: opens an adapter that Overture wrote with PEFT itself, and compares logits with the committed ones.

FOLDER holds adapter_config.json and adapter_model.safetensors, as `encodeAdapter` writes them from libs/training/src/reference/networks/llama-lora.
"""
import json
import pathlib
import sys

import peft
import torch
import transformers
from safetensors.torch import load_file

REFERENCE = pathlib.Path(__file__).resolve().parents[3] / "libs/training/src/reference/networks"
numbers = json.loads((REFERENCE / "networks.json").read_text())
config = transformers.LlamaConfig(**{k: v for k, v in numbers["lora"]["config"].items() if k != "architectures"})
base = transformers.LlamaForSequenceClassification(config)
base.load_state_dict(load_file(REFERENCE / "llama-lora-base.safetensors"), strict=False)
model = peft.PeftModel.from_pretrained(base, sys.argv[1]).double().eval()
width = max(map(len, numbers["sequences"]))
ids = torch.tensor([s + [0] * (width - len(s)) for s in numbers["sequences"]])
mask = torch.tensor([[1] * len(s) + [0] * (width - len(s)) for s in numbers["sequences"]])
with torch.no_grad():
    logits = model(input_ids=ids, attention_mask=mask).logits
worst = (logits - torch.tensor(numbers["lora"]["logits"]).double()).abs().max().item()
print(f"PEFT {peft.__version__}: {sum('lora_' in n for n, _ in model.named_parameters())} adapter tensors, largest difference of logits {worst:.2e}")
sys.exit(worst > 1e-6)
