"""python real_logits.py FOLDER: token ids and logits of a real model, for `npm run bench -- logits`.

FOLDER holds config.json, tokenizer.json, model.safetensors (the very float32 weights that Overture runs), and texts.json. Writes logits.json: for every
text the ids of Rust's tokenizers, and in float64 the last token's logits of a causal language model, or those of mean pooling and the linear layer
`classifier.` in the file.
"""
import json
import pathlib
import sys

import tokenizers
import torch
import transformers
from safetensors.torch import load_file

folder = pathlib.Path(sys.argv[1])
transformers.logging.set_verbosity_error()
tokenizer = tokenizers.Tokenizer.from_file(str(folder / "tokenizer.json"))
tokenizer.no_truncation()
tokenizer.no_padding()
task = json.loads((folder / "texts.json").read_text())
causal = task["causal"]
auto = transformers.AutoModelForCausalLM if causal else transformers.AutoModel
model = auto.from_pretrained(folder, attn_implementation="eager", dtype=torch.float32, **({} if causal else dict(add_pooling_layer=False))).double().eval()
head = {n: t.double() for n, t in load_file(folder / "model.safetensors").items() if n.startswith("classifier.")}
results = []
with torch.no_grad():
    for text in task["texts"]:
        ids = tokenizer.encode(text).ids
        out = model(input_ids=torch.tensor([ids]))
        logits = out.logits[0, -1] if causal else out.last_hidden_state.mean(1)[0] @ head["classifier.weight"].T + head["classifier.bias"]
        results.append(dict(ids=ids, logits=logits.tolist()))
(folder / "logits.json").write_text(json.dumps(dict(torch=torch.__version__, results=results)))
