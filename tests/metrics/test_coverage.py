"""Precision, recall and copies: known answers, limits, reference implementations."""

import numpy as np
import pandas as pd
import pytest

import naive
from skgensample.metrics import alpha_precision_score, beta_recall_score, exact_copy_rate


def scaled(real, made):
    """Numbers between 0 and 1 in the real rows."""
    lo, width = real.min(axis=0), np.ptp(real, axis=0)
    return (real - lo) / width, (made - lo) / width


def test_as_their_naive_twins(rng):
    real, made = rng.standard_normal((60, 3)), 0.7 * rng.standard_normal((60, 3)) + 0.2
    pair = scaled(real, made)
    assert alpha_precision_score(real, made[:40]) == pytest.approx(
        naive.alpha_precision(pair[0], pair[1][:40])
    )
    for k in (1, 4):
        found = beta_recall_score(real, made, n_neighbors=k, random_state=0)
        assert found == pytest.approx(naive.beta_recall(*pair, k))


def test_two_samples_of_one_distribution(rng):
    real, made = rng.standard_normal((2, 1_500, 3))
    assert alpha_precision_score(real, made) > 0.95
    assert beta_recall_score(real, made, random_state=0) > 0.93


def test_too_narrow_and_too_wide(rng):
    """Rows pulled to the centre are too typical and cover little; rows far out are not typical."""
    real, made = rng.standard_normal((2, 1_500, 3))
    narrow = (
        alpha_precision_score(real, made / 3),
        beta_recall_score(real, made / 3, random_state=0),
    )
    assert narrow[0] < 0.6 and narrow[1] < 0.5
    assert alpha_precision_score(real, made * 3) < 0.5


def test_a_lost_mode_lowers_recall_only(rng):
    real = np.concatenate([rng.standard_normal((800, 2)), rng.standard_normal((800, 2)) + 12])
    made = rng.standard_normal((1_600, 2)) + 12 * (rng.uniform(size=(1_600, 1)) < 0.5)
    lost = rng.standard_normal((1_600, 2))
    assert beta_recall_score(real, made, random_state=0) > 0.9
    assert beta_recall_score(real, lost, random_state=0) < 0.6


def test_categories_lie_one_apart():
    """Rows at equal distances have tied ranks; rows with an unseen level are the farthest."""
    real = pd.DataFrame({"x": [0.0, 1.0] * 10, "c": ["a"] * 20})
    assert alpha_precision_score(real, real) == pytest.approx(1)
    made = real.assign(c=["a"] * 15 + ["b"] * 5)
    # up to level 1 only three quarters of the rows are found: the mean difference is an eighth
    assert alpha_precision_score(real, made) == pytest.approx(0.75)
    assert beta_recall_score(real, made[:0:-1], random_state=0) > 0.6


def test_seeded_rows(rng):
    real, made = rng.standard_normal((2, 300, 2))
    scores = [beta_recall_score(real, made, max_rows=100, random_state=s) for s in (1, 1, 2)]
    assert scores[0] == scores[1] != scores[2]


def test_too_few_real_rows():
    with pytest.raises(ValueError, match="rank 5"):
        beta_recall_score(np.eye(5), np.eye(5))


def test_copies_in_mixed_tables():
    train = pd.DataFrame({"x": [0.5, 1.5, 0.0], "c": ["a", "b", "a"]})
    made = pd.DataFrame({"x": [0.5, 0.5, -0.0, 2.0], "c": ["a", "b", "a", "a"]})
    assert exact_copy_rate(train, made) == 0.5
    assert exact_copy_rate(train, train) == 1


def test_missing_cells_lie_apart_and_are_copied():
    real = pd.DataFrame({"x": [0.0, 1.0, np.nan, 0.5] * 5, "c": ["a", None, "a", "b"] * 5})
    full = real.assign(x=real["x"].fillna(0.5))
    assert exact_copy_rate(real, real) == 1 and exact_copy_rate(real, full) == 0.75
    assert alpha_precision_score(real, real) == pytest.approx(1)
    assert alpha_precision_score(real, full) < 0.99
    assert beta_recall_score(real, full, n_neighbors=2, random_state=0) < 0.9
