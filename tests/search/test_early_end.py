"""Early stop of searches that only count the neighbours' classes: the counts are exact."""

import numpy as np
import pytest

from skgensample import NumbaADASYN, NumbaBorderlineSMOTE, SafeLevelSMOTE
from skgensample.neighbors import _base
from skgensample.search import _knn, _packed
from skgensample.search._duplicates import has_duplicate
from skgensample.search._knn import _packed_search, nearest_euclidean

FAMILY = (NumbaBorderlineSMOTE, NumbaADASYN, SafeLevelSMOTE)


def minority_table(n=6_000, m=150, d=4, *, grid=None, seed=0):
    """A minority class inside another class; on a grid rows are duplicated, across classes too."""
    rng = np.random.RandomState(seed)
    X = rng.normal(size=(n, d))
    y = np.zeros(n, dtype=int)
    y[rng.choice(n, m, replace=False)] = 1
    X[y == 1] *= 0.5
    return (X if grid is None else np.round(X * grid) / grid), y


def full_count(X, y, of, k):
    """Rows of other classes among the k nearest but the first, ties by row number."""
    found = nearest_euclidean(X[of], X, k + 1)[1][:, 1:]
    return (y[found] != 1).sum(axis=1)


@pytest.mark.parametrize("group", [2_000, 60_000])
def test_early_stop_returns_rows_below_the_threshold(group, monkeypatch):
    monkeypatch.setattr(_packed, "GROUP_BYTES", group * 16)
    X, y = minority_table()
    Q = X[y == 1]
    squared, indices, n_exact = _packed_search(Q, X, 5, 4, 0.0, False)
    # a third stop at once, a third later, a third never
    stop_below = squared[:, -1] * np.resize([1e9, 2.0, 1.0], len(Q))
    found, rows, looked = _packed_search(Q, X, 5, 4, 0.0, False, stop_below=stop_below)
    exact = ((Q[:, None] - X[rows]) ** 2).sum(axis=2)
    np.testing.assert_allclose(found, exact, rtol=1e-12)
    assert (np.diff(found) >= 0).all() and (found[:, -1] <= stop_below).all()
    never = np.arange(len(Q)) % 3 == 2
    np.testing.assert_array_equal(rows[never], indices[never])
    np.testing.assert_array_equal(found[never], squared[never])
    assert looked.sum() < n_exact.sum() or group == 60_000


def test_float64_prefilter_takes_over(monkeypatch):
    """In the first, small group of panels; the later ones are larger."""
    monkeypatch.setattr(_knn, "MAX_OPEN_SHARE", dict.fromkeys(_knn.MAX_OPEN_SHARE, -1.0))
    monkeypatch.setattr(_packed, "GROUP_BYTES", 200_000)
    X, y = minority_table(60_000, 1_000)
    Q, stop_below = X[y == 1], np.full(1_000, 0.01)
    plain, wide = (
        _packed_search(Q, X, 5, 4, 0.0, False, kind, stop_below=stop_below)
        for kind in (np.float64, None)
    )
    late = ~(plain[0][:, -1] < stop_below)
    assert 0 < late.sum() < 1_000
    np.testing.assert_array_equal(wide[1][late], plain[1][late])
    squared = _packed_search(Q, X, 5, 4, 0.0, False)[0]
    np.testing.assert_array_equal(plain[0][late], squared[late])


@pytest.mark.parametrize("grid", [None, 8, 3])
@pytest.mark.parametrize("k", [1, 5, 10])
def test_counts_equal_those_of_a_full_search(grid, k, monkeypatch):
    """Also where rows of both classes are equal, so that a row is not its own first neighbour."""
    monkeypatch.setattr(_base, "EARLY_STOP_PAIRS", 0)
    monkeypatch.setattr(_knn, "MAX_NUMPY_PAIRS", 0)
    monkeypatch.setattr(_packed, "GROUP_BYTES", 60_000)
    for seed in range(3):
        X, y = minority_table(grid=grid, seed=seed)
        sampler = NumbaADASYN(n_neighbors=k)
        sampler.n_neighbors_ = {}
        rows = _base.Rows(X, y, np.array([], dtype=int))
        members = rows.members(1)
        found, out_of = sampler._count_other_classes(rows, 1, members, "n_neighbors")
        assert out_of == k
        np.testing.assert_array_equal(found, full_count(X, y, members, k))


@pytest.mark.parametrize("kind", FAMILY)
def test_new_rows_equal_those_of_a_full_search(kind, monkeypatch):
    monkeypatch.setattr(_base, "EARLY_STOP_PAIRS", 0)
    X, y = minority_table(40_000, 400, grid=20)
    early = kind(random_state=0).fit_resample(X, y)[0]
    monkeypatch.setattr(_base, "EARLY_STOP_RATIO", np.inf)
    np.testing.assert_array_equal(early, kind(random_state=0).fit_resample(X, y)[0])


def test_duplicates():
    X, y = minority_table(grid=3)
    X[np.flatnonzero(y == 0)[:5]] = X[np.flatnonzero(y == 1)[:5]]
    own = y == 1
    others = {row.tobytes() for row in X[~own] + 0.0}
    expected = np.array([(row + 0.0).tobytes() in others for row in X[own]])
    found = has_duplicate(X, np.flatnonzero(own), own)
    assert found[expected].all()
    X, y = minority_table(20_000, 100)
    X[0], X[1] = X[y == 1][3], X[y == 1][4]
    X[y == 1, 0][3] = 0.0
    y[:2] = 0
    own = y == 1
    np.testing.assert_array_equal(
        has_duplicate(X, np.flatnonzero(own), own).nonzero()[0],
        [i for i, row in enumerate(X[own]) if (row == X[~own]).all(axis=1).any()],
    )


def test_zeros_of_both_signs_are_duplicates():
    X, y = minority_table(20_000, 100)
    member = np.flatnonzero(y == 1)[7]
    X[member, 2], y[0] = 0.0, 0
    X[0] = X[member]
    X[0, 2] = -0.0
    own = y == 1
    assert has_duplicate(X, np.flatnonzero(own), own)[np.flatnonzero(own) == member].all()
