"""Majority vote: kernel, NumPy path and reference agree; ties are broken at random."""

from collections import Counter

import numpy as np
import pytest

from skgensample.neighbors import _vote
from skgensample.neighbors._vote import majority_vote


def naive(Z, columns, table, base_index, rng):
    """Count the neighbours' categories; winners in order of their first voter."""
    out = np.empty((len(base_index), len(columns)))
    for t, j in enumerate(columns):
        for i, s in enumerate(base_index):
            votes = Counter(Z[table[s], j].tolist())  # keeps the order of first votes
            winners = [code for code, n in votes.items() if n == max(votes.values())]
            pick = int(rng.uniform() * len(winners)) if len(winners) > 1 else 0
            out[i, t] = winners[pick]
    return out


def ballot(rng, n_new, dtype):
    Z = rng.randint(0, 4, size=(50, 5)).astype(dtype)
    table = rng.randint(0, 50, size=(20, 4))
    return Z, np.array([1, 2, 4]), table, rng.randint(0, 20, size=n_new)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("limit", [0, 10**9], ids=["kernel", "NumPy"])
def test_equals_reference(rng, monkeypatch, dtype, limit):
    monkeypatch.setattr(_vote, "MAX_NUMPY_CELLS", limit)
    monkeypatch.setattr(_vote, "ROWS", 64)  # several blocks, the last one cut
    Z, columns, table, base_index = ballot(rng, 300, dtype)
    out = np.full((300, 5), -1, dtype)
    majority_vote(Z, columns, table, base_index, np.random.RandomState(3), out)
    expected = naive(Z, columns, table, base_index, np.random.RandomState(3))
    np.testing.assert_array_equal(out[:, columns], expected)
    assert (out[:, [0, 3]] == -1).all()


def test_tied_winners_come_equally_often():
    Z = np.array([[0.0], [1], [2], [2], [1]])
    out = np.empty((9_000, 1))
    base_index = np.zeros(9_000, dtype=int)
    majority_vote(Z, np.array([0]), np.arange(5)[None], base_index, np.random.RandomState(0), out)
    share = np.bincount(out[:, 0].astype(int), minlength=3) / 9_000
    np.testing.assert_allclose(share, [0, 0.5, 0.5], atol=0.02)


def test_a_clear_vote_draws_nothing():
    rng, fresh = np.random.RandomState(0), np.random.RandomState(0)
    table, base_index = np.array([[0, 1, 2]]), np.zeros(5, dtype=int)
    majority_vote(
        np.array([[1.0], [1], [0]]), np.array([0]), table, base_index, rng, np.empty((5, 1))
    )
    assert rng.uniform() == fresh.uniform()
