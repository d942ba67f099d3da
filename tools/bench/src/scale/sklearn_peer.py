"""TF-IDF and both logistic regressions of scikit-learn on labeled texts: one JSON line when ready, one for each line that it reads.

Asked for "default" it fits with scikit-learn's own tolerance, asked for "exact" with one of 1e-6, and returns seconds, objectives and peak memory.
"""

import json
import resource
import sys
import time

import numpy as np
import sklearn
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression

with open(sys.argv[1]) as lines:
    rows = [json.loads(line) for line in lines]
labels = np.array([label for label, _ in rows])
texts = [text for _, text in rows]
print(json.dumps({"description": f"scikit-learn {sklearn.__version__}, numpy {np.__version__}, Python {sys.version.split()[0]}"}), flush=True)
for question in sys.stdin:
    started = time.perf_counter()
    features = TfidfVectorizer(ngram_range=(1, 2), min_df=2).fit_transform(texts)
    objectives = []
    fitted = time.perf_counter()
    for weight in [None, "balanced"]:
        exact = {"tol": 1e-6, "max_iter": 100_000} if question.strip() == "exact" else {"max_iter": 10_000}
        model = LogisticRegression(class_weight=weight, **exact).fit(features, labels)
        done = time.perf_counter()
        weights = np.ones(len(labels)) if weight is None else len(labels) / (2 * np.bincount(labels)[labels])
        margins = features @ model.coef_[0] + model.intercept_[0]
        objectives.append(float(model.coef_[0] @ model.coef_[0] / 2 + (weights * (np.logaddexp(0, margins) - labels * margins)).sum()))
        started += time.perf_counter() - done  # the objective is not part of the fit
    print(json.dumps({"seconds": time.perf_counter() - started, "objectives": objectives, "peakMiB": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024}), flush=True)
