"""Probabilities of TfidfVectorizer + LogisticRegression on made-up texts, the yardstick of libs/baselines.

    python3 -m venv .venv && .venv/bin/pip install scikit-learn==1.9.1 numpy==2.4.6 scipy==1.17.1
    .venv/bin/python tools/reference/baselines.py libs/baselines/src/reference/scikit-learn.json

The same versions write the same bytes.
"""

import json
import sys

import numpy as np
import sklearn
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression

SEED = 20261122
COMMON = "the printer is not found on my new laptop after update please help with wifi a i to and it does reset".split()
ASKING = "which version error_code driver model could you tell 2024 größe naïve 你好世界".split()
ANSWERING = "try settings restart open click install résumé done_2 x2".split()
MARKS = ["?", ",", " - ", ".", "…", "'s", "!"]


def texts(random, n):
    labels = (random.random(n) < 0.35).astype(int)
    made = []
    for label in labels:
        own = ASKING if random.random() < (0.7 if label else 0.3) else ANSWERING
        words = [str(random.choice(own if random.random() < 0.3 else COMMON)) for _ in range(int(random.integers(3, 14)))]
        made.append(" ".join(w.upper() if random.random() < 0.1 else w + (str(random.choice(MARKS)) if random.random() < 0.2 else "") for w in words))
    return made, labels.tolist()


def objective(model, features, labels, c, weight):
    """What LogisticRegression minimizes, at its solution: half the squared weights plus C times the weighted log-loss."""
    labels = np.asarray(labels)
    weights = np.ones(len(labels)) if weight is None else len(labels) / (2 * np.bincount(labels)[labels])
    margins = features @ model.coef_[0] + model.intercept_[0]
    return float(model.coef_[0] @ model.coef_[0] / 2 + c * (weights * (np.logaddexp(0, margins) - labels * margins)).sum())


def main(path):
    random = np.random.default_rng(SEED)
    train, labels = texts(random, 60)
    test, _ = texts(random, 15)
    test.append("nothing known here: qqq zzz")
    cases = []
    for c, weight, sublinear, min_df in [(1.0, None, False, 2), (1.0, "balanced", False, 2), (10.0, "balanced", True, 2), (0.3, None, True, 1)]:
        vectorizer = TfidfVectorizer(ngram_range=(1, 2), min_df=min_df, sublinear_tf=sublinear, smooth_idf=True, norm="l2")
        features = vectorizer.fit_transform(train)
        model = LogisticRegression(C=c, class_weight=weight, solver="lbfgs", tol=1e-10, max_iter=10_000).fit(features, labels)
        cases.append({
            "inversePenalty": c, "classWeight": weight or "none", "sublinear": sublinear, "minDocuments": min_df,
            "terms": len(vectorizer.vocabulary_),
            "firstRow": [[t, features[0, vectorizer.vocabulary_[t]]] for t in vectorizer.get_feature_names_out()[features[0].indices]],
            "objective": objective(model, features, labels, c, weight),
            "probabilities": model.predict_proba(vectorizer.transform(test))[:, 1].tolist(),
        })
    provenance = {
        "command": "python tools/reference/baselines.py libs/baselines/src/reference/scikit-learn.json",
        "seed": SEED,
        "versions": {"python": sys.version.split()[0], "scikit-learn": sklearn.__version__, "numpy": np.__version__},
    }
    with open(path, "w") as file:
        json.dump({"provenance": provenance, "train": train, "labels": labels, "test": test, "cases": cases}, file, ensure_ascii=False, indent=1)
        file.write("\n")


if __name__ == "__main__":
    main(sys.argv[1])
