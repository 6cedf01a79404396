"""Tables and models of the tests of the report."""

from contextlib import contextmanager

import numpy as np
import pytest

from skgensample.metrics import _fidelity
from skgensample.report import _utility


def population(n, seed, d=8):
    """Correlated floats and a label that depends on them."""
    rng = np.random.RandomState(seed)
    X = rng.normal(size=(n, 3)) @ np.random.RandomState(9).normal(size=(3, d))
    X += 0.3 * rng.normal(size=(n, d))
    return np.column_stack([X, X[:, 0] + rng.normal(size=n) > 0])


TRAIN, HOLDOUT, OTHER = (population(500, seed) for seed in range(3))


def value(report, key):
    return report.measures[key].value


@contextmanager
def models_of_few_trees():
    """Models of 12 trees: the reports are the same but for the strength of the classifier."""

    def boosted(columns, random_state, n_more=0):
        return real(columns, random_state, n_more).set_params(max_iter=12, learning_rate=0.3)

    real = _fidelity.boosted_trees
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(_fidelity, "boosted_trees", boosted)
        patch.setattr(_utility, "boosted_trees", boosted)
        yield
