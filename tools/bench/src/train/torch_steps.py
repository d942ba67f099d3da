"""What the peers in PyTorch share: batches of a token set, and an optimizer step for every line of standard input."""
import json
import resource
import sys
import time

import numpy
import torch
import transformers
from safetensors import safe_open

CLASS_WEIGHTS = torch.tensor([0.8, 1.35])


def prepare(threads):
    """The same threads and random numbers for every peer, and nothing but JSON on standard output."""
    torch.set_num_threads(threads)
    torch.manual_seed(0)
    transformers.logging.set_verbosity_error()
    transformers.utils.logging.disable_progress_bar()


class Batches:
    """Training examples of a token set in batches, padded to the longest of the batch.

    grouped: of similar length, as Hugging Face's group_by_length has them: sorted inside chunks of 50 batches, the batches in random order.
    """

    def __init__(self, tokens_file, size, grouped=False):
        with safe_open(tokens_file, "np") as file:
            self.ids, self.offsets, self.labels, splits = (file.get_tensor(name) for name in ("ids", "offsets", "labels", "splits"))
        self.size = size
        random = numpy.random.default_rng(0)
        self.train = random.permutation(numpy.flatnonzero(splits == 0))
        if grouped:
            chunks = [self.train[i : i + 50 * size] for i in range(0, len(self.train), 50 * size)]
            ordered = [chunk[numpy.argsort(-self.lengths_of(chunk), kind="stable")] for chunk in chunks]
            cut = [chunk[i : i + size] for chunk in ordered for i in range(0, len(chunk) - size + 1, size)]
            self.train = numpy.concatenate([cut[i] for i in random.permutation(len(cut))])

    def lengths_of(self, examples):
        return self.offsets[examples + 1] - self.offsets[examples]

    def __call__(self, step):
        """Ids and mask [size, longest], lengths and labels [size], all int64."""
        chosen = self.train[[(step * self.size + i) % len(self.train) for i in range(self.size)]]
        lengths = self.lengths_of(chosen).astype(numpy.int64)
        padded = torch.zeros(self.size, int(lengths.max()), dtype=torch.long)
        mask = torch.zeros_like(padded)
        for row, i in enumerate(chosen):
            padded[row, : lengths[row]] = torch.from_numpy(self.ids[self.offsets[i] : self.offsets[i + 1]].astype(numpy.int64))
            mask[row, : lengths[row]] = 1
        return padded, mask, torch.from_numpy(lengths), torch.from_numpy(self.labels[chosen].astype(numpy.int64))


def serve(description, batches, parameters, logits_of, fused):
    """AdamW with clipping, a step for every line; logits_of(ids, mask, lengths) gives float32 [size, 2]."""
    optimizer = torch.optim.AdamW(parameters, lr=5e-6, weight_decay=0.01, fused=fused)
    print(json.dumps({"description": description}), flush=True)
    for step, _ in enumerate(sys.stdin):
        start, cpu = time.perf_counter(), time.process_time()
        ids, mask, lengths, target = batches(step)
        loss = torch.nn.functional.cross_entropy(logits_of(ids, mask, lengths), target, weight=CLASS_WEIGHTS)
        optimizer.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(parameters, 1.0)
        optimizer.step()
        print(json.dumps({
            "tokens": int(lengths.sum()), "seconds": time.perf_counter() - start, "cpuSeconds": time.process_time() - cpu, "loss": loss.item(),
            "peakMiB": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
        }), flush=True)
