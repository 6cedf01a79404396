"""A grid search over the ratio, with and without the cache of trained networks.

    python benchmarks/generators/bench_memory.py [--rows N] [--max-steps N]

Five ratios, three folds, CTGANResampler in a pipeline: without `memory` every candidate trains,
with it each fold trains once. The best parameters and all scores are the same.
"""

import argparse
import tempfile
import time

import numpy as np
from imblearn.pipeline import Pipeline
from sklearn.datasets import make_classification
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.model_selection import GridSearchCV, StratifiedKFold

from skgensample import CTGANResampler

RATIOS = [0.1, 0.2, 0.3, 0.5, 1.0]


def search(X, y, max_steps, memory):
    """Seconds and scores of one grid search."""
    sampler = CTGANResampler(
        max_steps=max_steps, early_stopping=False, memory=memory, random_state=0
    )
    learner = HistGradientBoostingClassifier(max_iter=30, random_state=0)
    grid = GridSearchCV(
        Pipeline([("sampler", sampler), ("learner", learner)]),
        {"sampler__sampling_strategy": RATIOS},
        scoring="average_precision",
        cv=StratifiedKFold(3),
        refit=False,
    )
    start = time.perf_counter()
    grid.fit(X, y)
    return time.perf_counter() - start, grid.cv_results_["mean_test_score"]


def main():
    """Print both searches."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rows", type=int, default=6_000)
    parser.add_argument("--max-steps", type=int, default=200)
    options = parser.parse_args()
    X, y = make_classification(options.rows, 12, n_informative=6, weights=[0.96], random_state=0)
    with tempfile.TemporaryDirectory() as folder:
        plain, without = search(X, y, options.max_steps, None)
        cached, with_memory = search(X, y, options.max_steps, folder)
    assert np.array_equal(without, with_memory), "the cache changed a score"
    print(f"without memory {plain:7.1f} s")
    print(f"with memory    {cached:7.1f} s, {plain / cached:.1f} x less; the same scores")


if __name__ == "__main__":
    main()
