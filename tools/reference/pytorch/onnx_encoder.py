"""python onnx_encoder.py: a small DistilBERT and a small BERT as PyTorch's exporter writes them (the layout of optimum and transformers.js), with loss and
gradients by the names of the ONNX file's weights, to libs/graph/src/reference/. Needs torch, transformers, onnx.
"""
import json
import pathlib

import numpy
import onnx
import torch
import transformers
from onnx import numpy_helper
from safetensors.torch import save_file

OUT = pathlib.Path(__file__).resolve().parents[3] / "libs/graph/src/reference"
OUT.mkdir(parents=True, exist_ok=True)
IDS = [[2, 5, 9, 3, 0], [2, 7, 8, 6, 3]]
MASK = [[1, 1, 1, 1, 0], [1, 1, 1, 1, 1]]
SHAPE = dict(vocab_size=20, hidden_size=8, num_hidden_layers=1, num_attention_heads=2, intermediate_size=12, max_position_embeddings=8, type_vocab_size=2)
MODELS = dict(
    bert=(transformers.BertForSequenceClassification, transformers.BertConfig(**SHAPE), 17),
    distilbert=(transformers.DistilBertForSequenceClassification, transformers.DistilBertConfig(vocab_size=20, dim=8, n_layers=1, n_heads=2, hidden_dim=12, max_position_embeddings=8), 14),
)


def export(name):
    kind, config, opset = MODELS[name]
    config._attn_implementation = "eager"
    torch.manual_seed(4)
    model = kind(config).eval()
    with torch.no_grad():
        for called, p in model.named_parameters():
            p.copy_(torch.randn(p.shape) * 0.3 + (1.0 if "norm" in called.lower() and called.endswith("weight") else 0.0))
    inputs = dict(input_ids=torch.tensor(IDS), attention_mask=torch.tensor(MASK)) | (dict(token_type_ids=torch.zeros_like(torch.tensor(IDS))) if name == "bert" else {})
    path = OUT / f"{name}.onnx"
    torch.onnx.export(model, tuple(inputs.values()), path, input_names=list(inputs), output_names=["logits"],
                      dynamic_axes={n: {0: "batch_size", 1: "sequence_length"} for n in inputs} | dict(logits={0: "batch_size"}), opset_version=opset, dynamo=False)
    model = model.double()
    logits = model(**inputs).logits
    loss = (logits ** 2).sum()
    loss.backward()
    parameters = {n: p for n, p in model.named_parameters()}
    gradients = {}
    for initializer in onnx.load(path).graph.initializer:
        if initializer.data_type != 1 or len(initializer.dims) == 0:
            continue
        if initializer.name in parameters:
            gradients[initializer.name] = parameters[initializer.name].grad
            continue
        values = numpy_helper.to_array(initializer)
        same = [p for p in parameters.values() if p.ndim == 2 and p.T.shape == values.shape and numpy.allclose(p.detach().T.numpy(), values)]
        if same:  # the exporter transposes the weights of linear layers and forgets their names
            gradients[initializer.name] = same[0].grad.T
    save_file({n: g.float().contiguous() for n, g in gradients.items()}, OUT / f"{name}-onnx-gradients.safetensors")
    return dict(loss=loss.item(), logits=logits.tolist(), inputs=list(inputs))


(OUT / "onnx-encoders.json").write_text(json.dumps(dict(provenance=dict(script="tools/reference/pytorch/onnx_encoder.py", torch=torch.__version__, transformers=transformers.__version__), ids=IDS, mask=MASK, models={n: export(n) for n in MODELS})) + "\n")
