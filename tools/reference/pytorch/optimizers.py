"""Reference numbers of optimizers and schedules: writes ../../../libs/training/src/reference/optimizers.json.

The curve of 50 steps of the small BERT of small_bert.py in float32, under torch.optim.SGD with momentum, and under Lion as its paper
writes it (arXiv:2302.06675, algorithm 2). Factors of the learning rate from transformers. Run: python optimizers.py
"""
import json
import platform

import torch
import transformers

import small_bert as small

SCHEDULE = dict(warmupSteps=3, totalSteps=20)
SGD = dict(learningRate=2e-2, momentum=0.9)
LION = dict(learningRate=5e-4)


class Lion(torch.optim.Optimizer):
    def __init__(self, groups, lr, betas=(0.9, 0.99)):
        super().__init__(groups, dict(lr=lr, betas=betas))

    @torch.no_grad()
    def step(self):
        for group in self.param_groups:
            beta1, beta2 = group["betas"]
            for p in group["params"]:
                momentum = self.state[p].setdefault("momentum", torch.zeros_like(p))
                update = torch.sign(beta1 * momentum + (1 - beta1) * p.grad)
                p.sub_(group["lr"] * (update + group["weight_decay"] * p))
                momentum.mul_(beta2).add_(p.grad, alpha=1 - beta2)


def curve(name, numbers, make):
    losses, norms = small.curve("mean", small.make_batches(), make_optimizer=make)
    return dict(optimizer=name, **numbers, losses=losses, gradientNorms=norms)


def factors(make):
    optimizer = torch.optim.SGD([torch.nn.Parameter(torch.zeros(1))], lr=1.0)
    schedule = make(optimizer)
    result = []
    for _ in range(SCHEDULE["totalSteps"]):
        result.append(optimizer.param_groups[0]["lr"])
        optimizer.step()
        schedule.step()
    return result


def main():
    torch.use_deterministic_algorithms(True)
    warmup, total = SCHEDULE["warmupSteps"], SCHEDULE["totalSteps"]
    result = dict(
        provenance=dict(script="tools/reference/pytorch/optimizers.py", torch=torch.__version__, transformers=transformers.__version__,
                        machine=platform.machine()),
        schedules=dict(**SCHEDULE, factors=dict(
            linear=factors(lambda o: transformers.get_linear_schedule_with_warmup(o, warmup, total)),
            cosine=factors(lambda o: transformers.get_cosine_schedule_with_warmup(o, warmup, total)),
            constant=factors(lambda o: transformers.get_constant_schedule_with_warmup(o, warmup)))),
        curves=[
            curve("sgd", SGD, lambda m: torch.optim.SGD(small.decay_groups(m), lr=SGD["learningRate"], momentum=SGD["momentum"])),
            curve("lion", LION, lambda m: Lion(small.decay_groups(m), lr=LION["learningRate"]))])
    (small.OUT / "optimizers.json").write_text(json.dumps(result) + "\n")


main()
