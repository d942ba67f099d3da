"""python pytorch_peer.py TOKENS MODEL_FOLDER THREADS DTYPE BATCHES POOLING: PyTorch's steps, one per line of standard input.

SDPA attention, batches of 16, no dropout, as in the other peer. DTYPE: float32, or bfloat16 by autocast. BATCHES: random, or grouped: of
similar length, with the fused AdamW: PyTorch at its best. POOLING: cls, the first token as in BertForSequenceClassification, or mean.
"""
import platform
import sys

import torch
import transformers

from torch_steps import Batches, prepare, serve

tokens_file, folder, threads, dtype, order, pooling = sys.argv[1], sys.argv[2], int(sys.argv[3]), getattr(torch, sys.argv[4]), *sys.argv[5:]
prepare(threads)
encoder = transformers.AutoModel.from_pretrained(folder, add_pooling_layer=False, attn_implementation="sdpa")
for module in encoder.modules():
    if isinstance(module, torch.nn.Dropout):
        module.p = 0.0
for layer in encoder.encoder.layer:
    layer.attention.self.dropout_prob = 0.0
head = torch.nn.Linear(encoder.config.hidden_size, 2)
encoder.train()


def logits_of(ids, mask, _):
    with torch.autocast("cpu", dtype=dtype, enabled=dtype != torch.float32):
        hidden = encoder(input_ids=ids, attention_mask=mask).last_hidden_state.float()
    if pooling == "cls":
        return head(hidden[:, 0])
    kept = mask.unsqueeze(-1).float()
    return head((hidden * kept).sum(1) / kept.sum(1))


description = f"PyTorch {torch.__version__}, transformers {transformers.__version__}, Python {platform.python_version()}"
serve(description, Batches(tokens_file, 16, order == "grouped"), [*encoder.parameters(), *head.parameters()], logits_of, fused=order == "grouped")
