"""Tests and intervals of a study by statsmodels, scipy and scikit-learn, the yardstick of libs/metrics/src/study.

    python3 -m venv .venv && .venv/bin/pip install scikit-learn==1.9.1 numpy==2.4.6 scipy==1.17.1 statsmodels==0.15.0
    .venv/bin/python tools/reference/statistics.py libs/metrics/src/reference/statistics.json

The same versions write the same bytes.
"""

import json
import sys

import numpy as np
import scipy
import sklearn
import statsmodels
from scipy.stats import bootstrap
from sklearn import metrics as m
from statsmodels.stats.contingency_tables import mcnemar
from statsmodels.stats.multitest import multipletests

SEED = 20261124
RESAMPLES = 200


def holm_cases(random):
    lists = [[0.01, 0.04, 0.03, 0.005], [0.5], [0.04, 0.04, 0.04], [0.9, 0.8, 1.0], [1e-9, 0.02, 0.03, 0.6, 0.02]]
    lists += [np.round(random.random(n) ** 3, 6).tolist() for n in (2, 7, 20)]
    return [{"p": ps, "holm": multipletests(ps, method="holm")[1].tolist()} for ps in lists]


def mcnemar_cases():
    counts = [(0, 0), (5, 5), (10, 20), (1, 9), (0, 4), (150, 210), (1200, 1000)]
    return [{"onlyFirst": b, "onlySecond": c, "p": min(1.0, float(mcnemar([[7, b], [c, 11]], exact=True).pvalue)) if b + c else 1.0} for b, c in counts]


def macro_f1(labels, decisions, weights=None):
    return m.f1_score(labels, decisions, labels=[0, 1], average="macro", zero_division=0, sample_weight=weights)


STATISTICS = {
    "macroF1": lambda y, p, t, w: macro_f1(y, p >= 0.5, w),
    "tunedMacroF1": lambda y, p, t, w: macro_f1(y, p >= t, w),
    "auc": lambda y, p, t, w: m.roc_auc_score(y, p, sample_weight=w),
    "initiativeRecall": lambda y, p, t, w: m.recall_score(y, p >= 0.5, zero_division=0, sample_weight=w),
}


def percentile(draws):
    return [float(x) for x in np.percentile(draws, [2.5, 97.5])]


def paired_p(draws):
    """Davison & Hinkley 1997, section 4.4: the smallest level at which the percentile interval excludes zero, one added to both counts."""
    return float(min(1, 2 * (1 + min((draws <= 0).sum(), (draws >= 0).sum())) / (len(draws) + 1)))


def simultaneous(values, draws, chosen):
    """Single-step max-T over the rows: p and interval of the chosen one."""
    errors = draws.std(axis=1, ddof=1)
    largest = np.abs((draws - values[:, None]) / errors[:, None]).max(axis=0)
    reach = errors[chosen] * np.percentile(largest, 95)
    p = (1 + (largest >= abs(values[chosen]) / errors[chosen]).sum()) / (len(largest) + 1)
    return {"value": float(values[chosen]), "ci95": [float(values[chosen] - reach), float(values[chosen] + reach)], "p": float(p)}


def study_case(random):
    """Forty conversations in four folds; a floor, and two arms of two and one trainings."""
    conversation = np.repeat(np.arange(40), random.integers(1, 4, 40))
    n = len(conversation)
    fold = conversation % 4
    labels = (random.random(n) < 0.4).astype(int)
    hardness = random.normal(size=40)[conversation]

    def says(signal, seed):
        logits = signal * (labels - 0.4) + 0.5 * hardness + random.normal(size=n) - 0.2
        return {"seed": seed, "probabilities": np.round(1 / (1 + np.exp(-logits)), 4), "thresholds": np.round(0.4 + 0.05 * fold, 2)}

    arms = {"floor": [says(0.2, 0)], "first": [says(1.2, 3), says(1.1, 4)], "second": [says(0.9, 3)]}
    counts = np.stack([np.bincount(random.integers(0, 40, 40), minlength=40) for _ in range(RESAMPLES)])

    def rows(arm):
        y = np.tile(labels, len(arm))
        return y, np.concatenate([each["probabilities"] for each in arm]), np.concatenate([each["thresholds"] for each in arm]), np.tile(conversation, len(arm))

    values, draws = {}, {}
    for name, arm in arms.items():
        y, p, t, c = rows(arm)
        values[name] = {key: float(of(y, p, t, None)) for key, of in STATISTICS.items()}
        draws[name] = {key: np.array([of(y, p, t, count[c].astype(float)) for count in counts]) for key, of in STATISTICS.items()}

    def contrast(a, b):
        return {key: {"value": values[a][key] - values[b][key], "ci95": percentile(draws[a][key] - draws[b][key]), "p": paired_p(draws[a][key] - draws[b][key])} for key in STATISTICS}

    rivals = ["first", "second"]
    best = max(rivals, key=lambda name: values[name]["macroF1"])
    chosen = {
        key: simultaneous(np.array([values[name][key] - values["floor"][key] for name in rivals]), np.stack([draws[name][key] - draws["floor"][key] for name in rivals]), rivals.index(best))
        for key in STATISTICS
    }
    return {
        "examples": [{"id": f"c{c:02}#{i}", "conversation": f"c{c:02}", "label": int(y), "fold": int(f)} for i, (c, y, f) in enumerate(zip(conversation, labels, fold))],
        "arms": {name: [{**each, "probabilities": each["probabilities"].tolist(), "thresholds": each["thresholds"].tolist()} for each in arm] for name, arm in arms.items()},
        "counts": counts.tolist(),
        "expected": {
            "arms": {name: {key: {"value": values[name][key], "ci95": percentile(draws[name][key])} for key in STATISTICS} for name in arms},
            "first - second": contrast("first", "second"),
            "best": best,
            "best - floor": chosen,
            "scipy": {"macroF1 of first": scipy_interval(conversation, rows(arms["first"]))},
        },
    }


def scipy_interval(conversation, arm):
    """scipy resamples conversations by itself; equal up to chance."""
    y, p, _, c = arm
    members = [np.flatnonzero(c == each) for each in range(conversation.max() + 1)]

    def statistic(chosen):
        rows = np.concatenate([members[int(each)] for each in chosen])
        return macro_f1(y[rows], p[rows] >= 0.5)

    result = bootstrap((np.arange(len(members)),), statistic, n_resamples=9999, method="percentile", vectorized=False, rng=np.random.default_rng(SEED))
    return [float(result.confidence_interval.low), float(result.confidence_interval.high)]


def main(path):
    random = np.random.default_rng(SEED)
    found = {
        "provenance": {
            "command": "python tools/reference/statistics.py libs/metrics/src/reference/statistics.json",
            "seed": SEED,
            "versions": {"python": sys.version.split()[0], "statsmodels": statsmodels.__version__, "scikit-learn": sklearn.__version__, "numpy": np.__version__, "scipy": scipy.__version__},
        },
        "holm": holm_cases(random),
        "mcnemar": mcnemar_cases(),
        "study": study_case(random),
    }
    with open(path, "w") as file:
        file.write("{" + ",\n".join(f"{json.dumps(key)}:{json.dumps(value, separators=(',', ':'))}" for key, value in found.items()) + "}\n")


if __name__ == "__main__":
    main(sys.argv[1])
