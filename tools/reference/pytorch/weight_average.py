"""Reference numbers of averaged weights: writes ../../../libs/training/src/reference/weight-average.json.

torch.optim.swa_utils.AveragedModel with get_ema_multi_avg_fn over a parameter that moves. Run: python weight_average.py
"""
import json
import platform
from pathlib import Path

import torch
from torch.optim.swa_utils import AveragedModel, get_ema_multi_avg_fn

DECAY = 0.9
torch.manual_seed(0)
model = torch.nn.Linear(8, 1, bias=False)
averaged = AveragedModel(model, multi_avg_fn=get_ema_multi_avg_fn(DECAY))
values, averages = [], []
for _ in range(12):
    with torch.no_grad():
        model.weight += 0.3 * torch.randn(1, 8)
    averaged.update_parameters(model)
    values.append(model.weight[0].tolist())
    averages.append(averaged.module.weight[0].tolist())

out = Path(__file__).resolve().parents[3] / "libs/training/src/reference/weight-average.json"
versions = dict(torch=torch.__version__, python=platform.python_version())
out.write_text(json.dumps(dict(command="python tools/reference/pytorch/weight_average.py", versions=versions, decay=DECAY, values=values, averages=averages)) + "\n")
