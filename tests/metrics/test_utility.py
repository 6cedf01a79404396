"""Train on synthetic, test on real: known answers and limits."""

import numpy as np
import pandas as pd
import pytest
from sklearn.tree import DecisionTreeClassifier

from skgensample.metrics import tstr_score


def table(rng, n):
    X = pd.DataFrame({"x": rng.standard_normal(n), "c": rng.choice(["a", "b", "c"], n)})
    return X, ((X["x"] > 0) ^ (X["c"] == "b")).astype(int)


def test_good_rows_teach_and_shuffled_ones_do_not(rng):
    X, y = table(rng, 800)
    X_test, y_test = table(rng, 400)
    assert tstr_score(X, y, X_test, y_test) > 0.99
    assert abs(tstr_score(X, rng.permutation(y), X_test, y_test) - 0.5) < 0.15
    assert tstr_score(X, 1 - y, X_test, y_test) < 0.01


def test_learner_and_score_of_choice(rng):
    X, y = rng.uniform(size=(60, 1)), np.arange(60) % 2
    tree = DecisionTreeClassifier(max_depth=1)
    learnt = tree.fit(X, y).predict(X)
    found = tstr_score(X, y, X, y, estimator=tree, scoring="accuracy")
    assert found == pytest.approx(np.mean(learnt == y))


def test_inputs_that_do_not_fit(rng):
    X, y = table(rng, 20)
    with pytest.raises(ValueError, match="same label"):
        tstr_score(X, np.zeros(20), X, y)
    with pytest.raises(ValueError, match="inconsistent"):
        tstr_score(X, y[:-1], X, y)
    with pytest.raises(ValueError, match="different columns"):
        tstr_score(X[["x"]], y, X, y)
