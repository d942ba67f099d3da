"""Scores of random cases by scikit-learn, the yardstick of libs/metrics.

    python3 -m venv .venv && .venv/bin/pip install scikit-learn==1.9.1 numpy==2.4.6 scipy==1.17.1
    .venv/bin/python tools/reference/metrics.py libs/metrics/src/reference/scikit-learn.json

The same versions write the same bytes.
"""

import json
import sys
import warnings

import numpy as np
import scipy
import sklearn
from scipy.optimize import minimize_scalar
from sklearn import metrics as m

SEED = 20261122
BOTH = [0, 1]


def number(value):
    return None if np.isnan(value) else float(value)


def expected_calibration_error(labels, probabilities, weights):
    """Not in scikit-learn: ten bins of equal width over P(class 1), written as its definition reads."""
    bins = np.minimum((probabilities * 10).astype(int), 9)
    error = 0.0
    for b in range(10):
        inside = (bins == b) & (weights > 0)
        if inside.any():
            gap = abs(np.average(probabilities[inside], weights=weights[inside]) - np.average(labels[inside], weights=weights[inside]))
            error += weights[inside].sum() / weights.sum() * gap
    return error


def best_temperature(labels, probabilities):
    """Minimum of the negative log-likelihood of sigmoid(z / T) over log T; a T at the edge of the range is not compared."""
    clipped = np.clip(probabilities, 1e-12, 1 - 1e-12)
    z = np.log(clipped / (1 - clipped))
    loss = lambda t: np.mean(np.logaddexp(0, np.where(labels == 1, -z, z) / np.exp(t)))
    t = float(np.exp(minimize_scalar(loss, bounds=(np.log(0.05), np.log(20)), method="bounded", options={"xatol": 1e-10}).x))
    return t if 0.06 < t < 19 else None


def expected(labels, probabilities, weights, threshold):
    predicted = (probabilities >= threshold).astype(int)
    given = {"sample_weight": weights}
    precision, recall, f1, support = m.precision_recall_fscore_support(labels, predicted, labels=BOTH, zero_division=0, **given)
    tn, fp, fn, tp = m.confusion_matrix(labels, predicted, labels=BOTH, **given).ravel()
    both = len(set(labels[weights > 0])) == 2
    positives = (labels[weights > 0] == 1).any()
    result = {
        "macroF1": m.f1_score(labels, predicted, labels=BOTH, average="macro", zero_division=0, **given),
        "accuracy": m.accuracy_score(labels, predicted, **given),
        "balancedAccuracy": m.balanced_accuracy_score(labels, predicted, **given),
        # Undefined, which scikit-learn answers with a warning and NaN (AUC) or 0 (average precision).
        "auc": m.roc_auc_score(labels, probabilities, **given) if both else np.nan,
        "averagePrecision": m.average_precision_score(labels, probabilities, **given) if positives else np.nan,
        "mcc": m.matthews_corrcoef(labels, predicted, **given),
        "brier": m.brier_score_loss(labels, probabilities, pos_label=1, **given),
        "ece": expected_calibration_error(labels, probabilities, weights),
    }
    result = {name: number(value) for name, value in result.items()}
    result["confusion"] = {"tp": float(tp), "fp": float(fp), "fn": float(fn), "tn": float(tn)}
    for index, name in [(1, "initiative"), (0, "noInitiative")]:
        result[name] = {"precision": float(precision[index]), "recall": float(recall[index]), "f1": float(f1[index]), "support": float(support[index])}
    if both:
        # The first threshold of roc_curve is infinity, which JSON lacks.
        fpr, tpr, thresholds = m.roc_curve(labels, probabilities, drop_intermediate=False, **given)
        result["roc"] = [[float(x), float(y)] for x, y in zip(fpr, tpr)]
        p, r, _ = m.precision_recall_curve(labels, probabilities, drop_intermediate=False, **given)
        result["precisionRecall"] = [[float(x), float(y)] for x, y in zip(r[:-1][::-1], p[:-1][::-1])]
    return result


def cases(random):
    def draw(n, rate, digits, signal=1.0):
        labels = (random.random(n) < rate).astype(int)
        logits = signal * (labels - rate) + random.normal(size=n) - 0.5
        return labels, np.round(1 / (1 + np.exp(-logits)), digits)

    ones = np.ones
    yield "even", *draw(40, 0.5, 6), ones(40), 0.5
    yield "initiative-rate", *draw(150, 0.37, 6), ones(150), 0.5
    yield "many-ties", *draw(120, 0.4, 1), ones(120), 0.5
    yield "ties-at-threshold", *draw(60, 0.4, 1), ones(60), 0.4
    yield "skewed-rare", *draw(150, 0.03, 4), ones(150), 0.5
    yield "skewed-common", *draw(150, 0.92, 4), ones(150), 0.5
    yield "worthless", *draw(80, 0.4, 6, signal=0.0), ones(80), 0.5
    yield "reversed", *draw(60, 0.5, 6, signal=-3.0), ones(60), 0.5
    yield "nothing-predicted", *draw(40, 0.4, 6), ones(40), 0.99
    yield "all-predicted", *draw(40, 0.4, 6), ones(40), 0.0
    yield "separated", np.array([0] * 8 + [1] * 5), np.round(np.linspace(0.05, 0.95, 13), 4), ones(13), 0.5
    yield "constant", np.array([0, 1, 0, 0, 1, 1, 0]), np.full(7, 0.5), ones(7), 0.5
    yield "zeros-and-ones", np.array([0, 1, 0, 1, 1, 0, 0, 1]), np.array([0, 1, 1, 0, 1, 0, 0, 1.0]), ones(8), 0.5
    yield "only-negatives", np.zeros(12, int), np.round(random.random(12), 3), ones(12), 0.5
    yield "only-positives", np.ones(12, int), np.round(random.random(12), 3), ones(12), 0.5
    yield "only-negatives-all-right", np.zeros(5, int), np.full(5, 0.1), ones(5), 0.5
    yield "one-example", np.array([1]), np.array([0.7]), ones(1), 0.5
    yield "two-examples", np.array([1, 0]), np.array([0.3, 0.7]), ones(2), 0.5
    yield "bin-edges", np.array([0, 1] * 5 + [1]), np.round(np.linspace(0, 1, 11), 1), ones(11), 0.5
    yield "integer-weights", *draw(70, 0.4, 2), random.integers(0, 4, 70).astype(float), 0.5
    yield "real-weights", *draw(70, 0.4, 3), np.round(random.random(70) * 3, 3), 0.45
    for i in range(12):
        n = int(random.integers(2, 60))
        rate, digits = float(random.choice([0.1, 0.37, 0.7])), int(random.choice([1, 2, 6]))
        yield f"random-{i + 1}", *draw(n, rate, digits), ones(n), float(np.round(random.random(), 2))


def main(path):
    warnings.simplefilter("ignore")
    random = np.random.default_rng(SEED)
    rows = []
    for name, labels, probabilities, weights, threshold in cases(random):
        plain = bool((weights == 1).all())
        rows.append({
            "name": name,
            "labels": labels.tolist(),
            "probabilities": probabilities.tolist(),
            **({} if plain else {"weights": weights.tolist()}),
            "threshold": threshold,
            "expected": expected(labels, probabilities, weights, threshold),
            "temperature": best_temperature(labels, probabilities) if plain and len(set(labels.tolist())) == 2 else None,
        })
    provenance = {
        "command": "python tools/reference/metrics.py libs/metrics/src/reference/scikit-learn.json",
        "seed": SEED,
        "versions": {"python": sys.version.split()[0], "scikit-learn": sklearn.__version__, "numpy": np.__version__, "scipy": scipy.__version__},
    }
    with open(path, "w") as file:
        cases_text = ",\n".join(json.dumps(row, separators=(",", ":")) for row in rows)
        file.write(f'{{"provenance":{json.dumps(provenance)},\n"cases":[\n{cases_text}\n]}}\n')


if __name__ == "__main__":
    main(sys.argv[1])
