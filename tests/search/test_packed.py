"""Prefilter: no neighbour is lost, whatever the scale, order, shape or ties of the rows."""

import numpy as np
import pytest

import naive
from skgensample import NumbaNearestNeighbors
from skgensample._runtime.jit import compiled
from skgensample.search import _int16, _kernels, _knn, _packed
from skgensample.search._bounds import PANEL
from skgensample.search._brute_force import brute_force
from skgensample.search._knn import _packed_search, nearest_euclidean
from skgensample.search._packed import PackedRows

#: dtypes of the prefilters that this processor supports.
WIDTHS = [np.float32, np.float64, *([np.int32] if _int16.lanes() else [])]

SCALES = {
    "unit": np.ones(5),
    "one large column": np.array([1e6, 1, 1, 1, 1]),
    "geometric": 10.0 ** np.arange(-4, 6, 2),
    "tiny": np.full(5, 1e-30),
}


def _same(ours, theirs):
    np.testing.assert_array_equal(ours[0], theirs[0])
    np.testing.assert_array_equal(ours[1], theirs[1])


@pytest.mark.parametrize("exclude_self", [True, False])
def test_nearest_equals_reference(rng, exclude_self):
    # integer coordinates: many exact ties, which go to the smaller row number
    X = rng.randint(0, 4, size=(60, 3)).astype(float)
    Q = X if exclude_self else rng.randint(0, 4, size=(25, 3)).astype(float)
    expected = naive.nearest(Q, X, 8, exclude_self)
    _same(_packed_search(Q, X, 8, 3, 0.0, exclude_self), expected)
    _same(brute_force(Q, X, 8, 3, 0.0, exclude_self), expected)


@pytest.mark.parametrize("offset", [0.0, 1e7])
@pytest.mark.parametrize("scales", SCALES.values(), ids=SCALES)
@pytest.mark.parametrize("dtype", WIDTHS)
def test_no_neighbour_is_lost_by_the_prefilter(rng, dtype, scales, offset):
    # one decimal: distances that differ in their last digits only, where rounding matters
    X = np.round(rng.standard_normal((900, 5)), 1) * scales + offset
    for exclude_self in (True, False):
        found = _packed_search(X, X, 6, 5, 0.0, exclude_self, dtype)
        _same(found, brute_force(X, X, 6, 5, 0.0, exclude_self))


def test_prefilter_excludes_most_pairs(rng):
    X = rng.standard_normal((4000, 12))
    n_exact = _packed_search(X, X, 6, 12, 0.0, False)[2]
    assert 6 <= n_exact.min() and n_exact.mean() < 0.02 * 4000


@pytest.mark.parametrize("columns", [1, 7, 8, 17])
def test_float64_takes_over_where_float32_cannot_tell(rng, columns):
    X = 1e5 * rng.standard_normal((1, columns)) + 1e-5 * rng.standard_normal((500, columns))
    X[0] += 1e5
    _same(_packed_search(X, X, 5, columns, 0.0, True), brute_force(X, X, 5, columns, 0.0, True))


def brute(Q, X, k):
    """Squared distances of all pairs, column by column; the k smallest, ties by row number."""
    squared = np.zeros((len(Q), len(X)))
    for t in range(X.shape[1]):
        squared += (Q[:, t, None] - X[:, t]) ** 2
    indices = np.argsort(squared, axis=1, kind="stable")[:, :k]
    return np.take_along_axis(squared, indices, axis=1), indices


def sphere(rng, n, columns, radius, center):
    """Rows whose distances from the center differ in their last digits only."""
    way = rng.standard_normal((n, columns))
    return center + radius * way / np.linalg.norm(way, axis=1)[:, None]


@pytest.mark.parametrize("dtype", WIDTHS)
@pytest.mark.parametrize("columns", [2, 5, 30, 301])
@pytest.mark.parametrize("radius", [1e-3, 1.0, 1e3])
def test_equal_distances_but_for_their_last_digits(rng, dtype, columns, radius):
    center = rng.standard_normal(columns) * 10.0 ** rng.randint(-2, 3, columns)
    X, Q = sphere(rng, 2_000, columns, radius, center), np.repeat(center[None], 5, axis=0)
    _same(_packed_search(Q, X, 7, columns, 0.0, False, dtype), brute(Q, X, 7))


@pytest.mark.parametrize("dtype", WIDTHS[::2])
def test_prefilter_without_its_error_bound_loses_neighbours(rng, monkeypatch, dtype):
    class Careless(PackedRows):
        def __init__(self, *arguments):
            super().__init__(*arguments)
            self.unit = self.gamma = 0.0

    lost = 0
    for _ in range(
        8
    ):  # a single search may succeed by chance: the compiler chooses the order of sums
        center = rng.standard_normal(30)
        X, Q = sphere(rng, 2_000, 30, 0.1, center), center[None]
        expected = brute(Q, X, 7)[1]
        with monkeypatch.context() as patch:
            assert (_packed_search(Q, X, 7, 30, 0.0, False, dtype)[1] == expected).all()
            patch.setattr(_knn, "PackedRows", Careless)
            lost += (_packed_search(Q, X, 7, 30, 0.0, False, dtype)[1] != expected).any()
    assert lost


@pytest.mark.parametrize("shape", [(5, 1), (257, 2), (300, 3), (1_000, 6), (2_049, 7)])
@pytest.mark.parametrize("n_queries", [1, 3, 258])
def test_any_shape_in_any_number_of_groups(rng, monkeypatch, shape, n_queries):
    X, Q = rng.randint(0, 9, shape).astype(float), rng.randint(0, 9, (n_queries, shape[1])) + 0.0
    for k in (1, 5, min(len(X), 40), min(len(X), 290)):
        expected = brute(Q, X, k)
        for group in (1, 2**20):  # one panel at a time, and all at once
            monkeypatch.setattr(_packed, "GROUP_BYTES", group)
            _same(_packed_search(Q, X, k, shape[1], 0.0, False), expected)


def test_sorted_rows_are_no_harder(rng):
    """If panels held consecutive rows, each nearer row in turn would be measured exactly."""
    X = rng.standard_normal((20_000, 4))
    X[:, 0] = np.arange(20_000)
    Q = X[::100].copy()
    ordered = _packed_search(Q, X, 6, 4, 0.0, False)
    _same(ordered, brute(Q, X, 6))
    assert ordered[2].mean() < 0.02 * len(X)


def test_an_ineffective_prefilter_is_replaced_during_the_search(rng, monkeypatch):
    widths = []

    class Noted(PackedRows):
        def __init__(self, *arguments):
            super().__init__(*arguments)
            widths.append(self.dtype.name)

    monkeypatch.setattr(_knn, "PackedRows", Noted)
    monkeypatch.setattr(_packed, "GROUP_BYTES", 40_000)
    X = np.c_[1e9 * rng.standard_normal(3_000), 1e-3 * rng.standard_normal((3_000, 2))]
    X[:2_900, 0] = 1e9
    found = _packed_search(X[:600], X, 5, 3, 0.0, True)
    assert widths == [*(["int32"] if _int16.lanes() else []), "float32", "float64"]
    _same(found, brute_force(X[:600], X, 5, 3, 0.0, True))


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_mixed_tables(rng, dtype):
    numbers, codes = rng.randint(0, 3, (400, 3)) / 2, rng.randint(0, 4, (400, 2))
    X, weight = np.c_[numbers, codes], 0.7
    squares = naive.mixed_squares(numbers, codes, weight)
    squared, indices, _ = _packed_search(X, X, 9, 3, weight, True, dtype)
    for i in range(0, 400, 20):
        nearest = naive.nearest_of(squares, i, range(400), 9)
        assert indices[i].tolist() == nearest
        np.testing.assert_allclose(squared[i], squares[i][nearest], rtol=1e-14)


@pytest.mark.parametrize("far", [1e-250, 1e-160, 1e160, 1e300])
def test_queries_of_another_magnitude(rng, far):
    X = rng.uniform(-1, 1, (900, 2))
    Q = X[:600] * far
    big = max(1.0, far)
    distances, indices = nearest_euclidean(Q, X, 3)
    expected = brute(Q / big, X / big, 3)
    np.testing.assert_array_equal(indices, expected[1])
    np.testing.assert_allclose(distances / big, np.sqrt(expected[0]), rtol=1e-14)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_pack_equals_reference(rng, dtype):
    X, n_panels, d = rng.standard_normal((600, 5)), 3, 8
    X[:, 3:] = rng.randint(0, 9, (600, 2))
    panels = np.full((2, d, PANEL), np.nan, dtype)
    norm2, norm_bound = np.empty((2, PANEL), dtype), np.empty(2)
    center = X[:, :3].mean(axis=0)
    code = compiled(_kernels.pack, _packed._pack_types(np.dtype(dtype)), relaxed=True)
    code(0, 2, X, 1, n_panels, center, 0.25, 3, panels, norm2, norm_bound)
    for p in range(2):
        for c in range(PANEL):
            j = 1 + p + c * n_panels
            if j >= 600:
                assert norm2[p, c] == np.float32(3e38) or norm2[p, c] == 3e38
                continue
            row = ((X[j, :3] - center) * 0.25).astype(dtype)
            assert panels[p, :, c].tolist() == [*row, 0, 0, 0, *X[j, 3:]]
            assert norm2[p, c] == pytest.approx(float((row.astype(float) ** 2).sum()))
            assert norm2[p, c] <= norm_bound[p] ** 2 * (1 + 1e-6)


@pytest.mark.parametrize("metric", ["euclidean", "manhattan"])
def test_many_duplicates_are_sorted_by_row_number(metric):
    X = np.repeat([[0.5, 2.0], [1.0, 1.0]], 700, axis=0)
    found = NumbaNearestNeighbors(5, metric=metric).fit(X).kneighbors()[1]
    assert found[:700].tolist() == [[j for j in range(6) if j != i][:5] for i in range(700)]
