"""Neighbours of rows with missing cells, against slow twins and scikit-learn."""

import numpy as np
import pytest
from sklearn.metrics.pairwise import nan_euclidean_distances

from skgensample.search import _gaps
from skgensample.search._gaps import nearest_categories_with_gaps, nearest_with_gaps
from skgensample.search._knn import nearest_euclidean


def holes(X, share, rng):
    return np.where(rng.rand(*X.shape) < share, np.nan, X)


def ranked(distances, k, own=None):
    """Nearest first, ties by row number; -1 where the distance is infinite."""
    found = []
    for i, row in enumerate(distances.tolist()):
        pairs = [(d, j) for j, d in enumerate(row) if d < np.inf and (own is None or j != own[i])]
        found.append(([j for _, j in sorted(pairs)] + [-1] * k)[:k])
    return np.array(found)


def slow(Q, X, nominal, weight):
    """Distances of all pairs, cell by cell."""
    squares = np.empty((len(Q), len(X)))
    for i, q in enumerate(Q.tolist()):
        for j, x in enumerate(X.tolist()):
            parts = [
                weight * (a != b) if t in nominal else (a - b) ** 2
                for t, (a, b) in enumerate(zip(q, x))
                if a == a and b == b
            ]
            squares[i, j] = sum(parts) * len(q) / len(parts) if parts else np.inf
    return np.sqrt(squares)


@pytest.mark.parametrize("pairs", [100, 10**6])
def test_distances_are_those_of_scikit_learn(rng, pairs, monkeypatch):
    monkeypatch.setattr(_gaps, "MAX_PAIRS", pairs)
    X = holes(rng.standard_normal((90, 6)) + 1e3, 0.4, rng)
    Q = X[:40]
    expected = nan_euclidean_distances(Q, X)
    distances, found = nearest_with_gaps(Q, X, 7)
    slot = np.where(found < 0, 0, found)
    expected_there = np.take_along_axis(expected, slot, axis=1)
    # scikit-learn subtracts squares of 1,000 from each other
    np.testing.assert_allclose(distances[found >= 0], expected_there[found >= 0], atol=1e-3)


@pytest.mark.parametrize("share", [0.0, 0.2, 0.7])
@pytest.mark.parametrize("grid", [False, True])
def test_neighbours_are_those_of_the_slow_twin(rng, share, grid):
    X = rng.standard_normal((60, 5))
    X = np.rint(X) if grid else X
    X[:, [1, 4]] = rng.randint(0, 3, (60, 2))
    X = holes(X, share, rng)
    own = np.arange(60)
    weight = 0.49
    expected = ranked(slow(X, X, {1, 4}, weight), 6, own)
    distances, found = nearest_with_gaps(X, X, 6, nominal=[1, 4], weight=weight, own=own)
    if not grid:
        np.testing.assert_array_equal(found, expected)
    known = found >= 0
    np.testing.assert_array_equal(known, expected >= 0)
    all_pairs = slow(X, X, {1, 4}, weight)
    rows = np.repeat(own[:, None], 6, axis=1)
    np.testing.assert_allclose(distances[known], all_pairs[rows[known], expected[known]])
    np.testing.assert_allclose(distances[known], all_pairs[rows[known], found[known]])


def test_without_gaps_it_is_the_search_of_complete_rows(rng):
    X = rng.randint(0, 4, (80, 3)).astype(float)
    complete = nearest_euclidean(X, X, 5, exclude_self=True)
    found = nearest_with_gaps(X, X, 5, own=np.arange(80))
    np.testing.assert_array_equal(found[1], complete[1])
    np.testing.assert_array_equal(found[0], complete[0])


@pytest.mark.parametrize("scale", [1e-200, 1.0, 1e200])
def test_scales_whose_squares_leave_the_range(rng, scale):
    X = holes(rng.standard_normal((40, 4)), 0.3, rng)
    plain = nearest_with_gaps(X, X, 3, own=np.arange(40))
    scaled = nearest_with_gaps(X * scale, X * scale, 3, own=np.arange(40))
    np.testing.assert_array_equal(scaled[1], plain[1])
    np.testing.assert_allclose(scaled[0], plain[0] * scale, rtol=1e-9)


def test_rows_without_a_common_column():
    X = np.array([[1.0, np.nan], [np.nan, 1.0], [2.0, np.nan], [np.nan, np.nan]])
    distances, found = nearest_with_gaps(X, X, 2, own=np.arange(4))
    assert found.tolist() == [[2, -1], [-1, -1], [0, -1], [-1, -1]]
    assert distances[0].tolist() == [np.sqrt(2), np.inf]


def test_categories_by_class_frequencies(rng):
    frequencies = [rng.dirichlet([1, 1], 30)[rng.randint(0, 4, 30)] for _ in range(3)]
    for column in frequencies:
        column[rng.rand(30) < 0.4] = np.nan
    squares = np.empty((30, 30))
    for i in range(30):
        for j in range(30):
            parts = [np.abs(c[i] - c[j]).sum() ** 2 for c in frequencies]
            parts = [part for part in parts if part == part]
            squares[i, j] = sum(parts) * 3 / len(parts) if parts else np.inf
    distances, found = nearest_categories_with_gaps(frequencies, 4)
    expected = ranked(squares, 4, np.arange(30))
    np.testing.assert_array_equal(found >= 0, expected >= 0)
    rows = np.repeat(np.arange(30)[:, None], 4, axis=1)
    known = found >= 0
    np.testing.assert_allclose(distances[known], squares[rows[known], expected[known]])
