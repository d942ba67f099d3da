"""Reference numbers of the losses: writes ../../../libs/training/src/reference/losses.json.

Values and gradients by the logits in float64, and for each loss over classes the curve of 50 AdamW steps of the small BERT of
small_bert.py in float32. Focal loss: equation 5 of arXiv:1708.02002 over a softmax, divided by the sum of the weights.
Run: python losses.py
"""
import json
import platform

import numpy
import torch
import transformers

import small_bert as small

WEIGHTS = [0.8, 1.4, 0.5]
CASES = {
    "weighted cross-entropy": dict(loss="crossEntropy", labels=[0, 1, 2, 1]),
    "smoothed cross-entropy": dict(loss="crossEntropy", labelSmoothing=0.1, labels=[0, 1, 2, 1]),
    "focal loss": dict(loss="focal", focalGamma=2.0, labels=[0, 1, 2, 1]),
    "focal loss, gamma 1": dict(loss="focal", focalGamma=1.0, labels=[2, 1, 2, 0]),
    "binary cross-entropy, several labels": dict(loss="binaryCrossEntropy", labels=[[1, 0, 1], [0, 0, 0], [1, 1, 1], [0, 1, 0]]),
    "binary cross-entropy, one class": dict(loss="binaryCrossEntropy", labels=[0, 1, 2, 1]),
}
CURVES = {
    "smoothed cross-entropy": dict(loss="crossEntropy", labelSmoothing=0.1),
    "focal loss": dict(loss="focal", focalGamma=2.0),
    "binary cross-entropy": dict(loss="binaryCrossEntropy"),
}


def loss_of(case, logits, labels, weights):
    weights = torch.tensor(weights, dtype=logits.dtype)
    if case["loss"] == "binaryCrossEntropy":
        flags = torch.tensor(labels)
        flags = torch.nn.functional.one_hot(flags, logits.shape[1]) if flags.ndim == 1 else flags
        return torch.nn.functional.binary_cross_entropy_with_logits(logits, flags.to(logits.dtype), pos_weight=weights)
    labels = torch.tensor(labels)
    if case["loss"] == "crossEntropy":
        return torch.nn.functional.cross_entropy(logits, labels, weight=weights, label_smoothing=case.get("labelSmoothing", 0.0))
    surprise = torch.nn.functional.cross_entropy(logits, labels, reduction="none")
    chosen = weights[labels]
    return (chosen * (1 - torch.exp(-surprise)) ** case["focalGamma"] * surprise).sum() / chosen.sum()


def value_and_gradient(loss, logits):
    x = torch.tensor(logits, dtype=torch.float64, requires_grad=True)
    value = loss(x)
    value.backward()
    return dict(value=value.item(), gradient=x.grad.tolist())


def answer_tokens():
    random = numpy.random.default_rng(4)
    lengths, starts, vocabulary = [5, 3, 6], [2, 1, 5], 7
    ids = [random.integers(0, vocabulary, n).tolist() for n in lengths]
    logits = random.normal(0, 2, (sum(lengths), vocabulary)).round(4).tolist()

    def loss(x):
        rows, labels, at = [], [], 0
        for sequence, start in zip(ids, starts):
            rows.append(x[at:at + len(sequence) - 1])
            labels.append(torch.tensor([token if i >= start else -100 for i, token in enumerate(sequence)][1:]))
            at += len(sequence)
        return torch.nn.functional.cross_entropy(torch.cat(rows), torch.cat(labels), ignore_index=-100)

    return dict(ids=ids, answerStarts=starts, logits=logits, **value_and_gradient(loss, logits))


def curve(case, batches):
    def loss(model, batch):
        ids, mask, _ = small.padded(batch)
        return loss_of(case, model(ids, mask), batch["labels"], small.CLASS_WEIGHTS)

    losses, norms = small.curve("mean", batches, loss)
    return dict(**case, losses=losses, gradientNorms=norms)


def main():
    torch.use_deterministic_algorithms(True)
    logits = numpy.random.default_rng(2).normal(0, 1.5, (4, 3)).round(4).tolist()
    batches = small.make_batches()
    result = dict(
        provenance=dict(script="tools/reference/pytorch/losses.py", torch=torch.__version__, transformers=transformers.__version__,
                        machine=platform.machine()),
        logits=logits, weights=WEIGHTS,
        cases={name: dict(**case, **value_and_gradient(lambda x, c=case: loss_of(c, x, c["labels"], WEIGHTS), logits)) for name, case in CASES.items()},
        answerTokens=answer_tokens(), curves={name: curve(case, batches) for name, case in CURVES.items()})
    (small.OUT / "losses.json").write_text(json.dumps(result) + "\n")


main()
