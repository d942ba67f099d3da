"""python peft_peer.py TOKENS MODEL_FOLDER THREADS DTYPE: PEFT's LoRA steps, one per line of standard input.

Weights and activations in DTYPE (bfloat16 or float32), SDPA attention, rank 8 on every linear layer of a Llama-type model, a classification
head on the last token, random batches of 8, fused AdamW, no dropout, as in the other peer.
"""
import platform
import sys

import peft
import torch
import transformers

from torch_steps import Batches, prepare, serve

tokens_file, folder, threads, dtype = sys.argv[1], sys.argv[2], int(sys.argv[3]), sys.argv[4]
prepare(threads)
base = transformers.AutoModelForSequenceClassification.from_pretrained(folder, num_labels=2, dtype=getattr(torch, dtype), attn_implementation="sdpa")
model = peft.get_peft_model(base, peft.LoraConfig(task_type="SEQ_CLS", r=8, lora_alpha=16, lora_dropout=0.0, target_modules="all-linear"))
model.train()
classifier = model.base_model.model


def logits_of(ids, mask, lengths):
    hidden = classifier.model(input_ids=ids, attention_mask=mask).last_hidden_state
    return classifier.score(hidden[torch.arange(len(ids)), lengths - 1]).float()


description = f"PEFT {peft.__version__} in {dtype}, PyTorch {torch.__version__}, transformers {transformers.__version__}, Python {platform.python_version()}"
serve(description, Batches(tokens_file, 8), [parameter for parameter in model.parameters() if parameter.requires_grad], logits_of, fused=True)
