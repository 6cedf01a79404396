"""int16 prefilter: dot products, quantisation, and when it is used."""

import numba
import numpy as np
import pytest

from conftest import needs_kernels
from skgensample import NumbaNearestNeighbors
from skgensample._runtime.jit import compiled
from skgensample.search import _bounds, _int16, _packed
from skgensample.search._bounds import PANEL
from skgensample.search._int16 import INT16X2, MAX_NORM, PADDING_NORM
from skgensample.search._knn import _packed_search, nearest_euclidean
from skgensample.search._packed import PackedRows

needed = pytest.mark.skipif(not _int16.lanes(), reason="no VNNI instructions here")


@numba.njit
def _looked(panels, norms, A, acc):
    _bounds._prefilter(panels, 0, norms, A, 0, len(A) - 1, 0, 0, acc)


def _words(numbers):
    return np.ascontiguousarray(numbers, np.int16).view(np.int32)


@needed
@pytest.mark.parametrize("words", [1, 2, 15, 500])
@pytest.mark.parametrize("n_queries", [1, 3, 4])
def test_products_equal_plain_ones(rng, words, n_queries):
    ends = np.iinfo(np.int16)
    rows = rng.randint(ends.min, ends.max + 1, (PANEL, 2 * words))
    queries = rng.randint(ends.min, ends.max + 1, (n_queries, 2 * words))
    norms = rng.randint(-(2**31), 2**31, (1, PANEL)).astype(np.int32)
    panels = np.ascontiguousarray(_words(rows).T)[None]
    acc = np.zeros(4 * PANEL, np.int32)
    _looked(panels, norms, _words(queries), acc)
    # sums wrap around at 32 bits; the search never lets that happen
    expected = (norms + queries.astype(np.int64) @ rows.T).astype(np.int32)
    np.testing.assert_array_equal(acc.reshape(4, PANEL)[:n_queries], expected)


@needed
@pytest.mark.parametrize("shape", [(600, 5), (300, 1), (1, 4)])
def test_pack_equals_reference(rng, shape):
    X, n_panels, words = rng.standard_normal(shape), 3, -(-shape[1] // 2)
    panels = np.full((2, words, PANEL), -1, np.int32)
    norm2, norm_bound = np.empty((2, PANEL), np.int32), np.empty(2)
    center, scale = X.mean(axis=0), 5_000.0
    compiled(_int16.pack_int16, _packed._pack_types(INT16X2), relaxed=True)(
        0, 2, X, 1, n_panels, center, scale, panels, norm2, norm_bound
    )
    halves = panels.transpose(0, 2, 1).copy().view(np.int16)
    for p in range(2):
        error = 0.0
        for c in range(PANEL):
            j = 1 + p + c * n_panels
            if j >= len(X):
                assert norm2[p, c] == PADDING_NORM and not halves[p, c].any()
                continue
            exact = (X[j] - center) * scale
            whole = np.rint(exact)
            assert halves[p, c, : shape[1]].tolist() == whole.tolist()
            assert not halves[p, c, shape[1] :].any()
            assert norm2[p, c] == (whole**2).sum() // 2
            error = max(error, np.linalg.norm(exact - whole))
        assert error <= norm_bound[p] <= error * (1 + 1e-9) + 1e-9


@needed
def test_max_squared_norms_equals_reference(rng):
    X, center = rng.standard_normal((1_000, 4)), rng.standard_normal(4)
    top = np.zeros(2)
    code = compiled(_int16.max_squared_norms, _packed._MAX_NORM_TYPES, relaxed=True)
    code(0, 512, 512, X, center, top)
    code(512, 1_000, 512, X, center, top)
    squares = ((X - center) ** 2).sum(axis=1)
    np.testing.assert_allclose(top, [squares[:512].max(), squares[512:].max()])


@needed
@pytest.mark.parametrize("columns", [1, 2, 29, 1_000])
@pytest.mark.parametrize("scale", [1e-140, 1e-3, 1.0, 1e80])
def test_no_sum_overflows_int32(rng, columns, scale):
    """Rows at both ends of the int16 range, on the same and on opposite sides."""
    X = rng.standard_t(1.5, (700, columns)) * scale
    X[::2] *= -1
    search = PackedRows(X.copy(), X, columns, 0.0, INT16X2, 1.0)
    search.pack(0)
    A = search.A.view(np.int16).astype(np.int64)
    rows = search.panels.transpose(0, 2, 1).copy().view(np.int16).astype(np.int64)
    rows = rows.reshape(-1, A.shape[1])
    assert (rows**2).sum(axis=1).max() <= MAX_NORM**2 and (A**2).sum(axis=1).max() <= MAX_NORM**2
    values = search.b_norm2.ravel().astype(np.int64) + A @ rows.T
    there = search.b_norm2.ravel() < PADDING_NORM
    assert values[:, there].max() < PADDING_NORM and values.min() > -(2**31)
    back = values + (np.int64(search.a_norm2) // 2)[:, None]
    assert back.max() < 2**31 and back[:, there].min() >= -1


@needed
@pytest.mark.parametrize("exclude_self", [True, False])
@pytest.mark.parametrize("n", [2_100, 900])
def test_outliers_and_their_neighbours(rng, n, exclude_self):
    X = rng.standard_normal((n, 7))
    X[::97] *= 300
    X[1::97] = X[::97] + rng.standard_normal((len(X[::97]), 7)) / 100
    for Q in (X, X.copy()):
        if Q is not X and exclude_self:
            continue
        found = _packed_search(Q, X, 4, 7, 0.0, exclude_self, np.int32)
        expected = _packed_search(Q, X, 4, 7, 0.0, exclude_self, np.float64)
        for ours, theirs in zip(found[:2], expected[:2]):
            np.testing.assert_array_equal(ours, theirs)


@pytest.fixture
def widths(monkeypatch):
    """dtypes of the prefilters that a search creates."""
    noted = []

    class Noted(PackedRows):
        def __init__(self, *arguments):
            super().__init__(*arguments)
            noted.append(self.dtype.name)

    monkeypatch.setattr("skgensample.search._knn.PackedRows", Noted)
    return noted


@needed
def test_used_where_it_separates_rows(rng, widths):
    X = rng.standard_normal((20_000, 6))
    far = X.copy()
    far[7] = 1e5  # an outlier: all other rows quantise to one point
    for table, Q, expected in [
        (X, X, ["int32"]),
        (X, X[:800], ["int32"]),
        (X, X[:31], ["float32"]),  # too few to try it on
        (far, far, ["int32", "float32"]),
        (far, far[:800], ["int32", "float32"]),
    ]:
        widths.clear()
        found = _packed_search(Q, table, 5, 6, 0.0, False)
        assert widths == expected
        theirs = _packed_search(Q.copy(), table, 5, 6, 0.0, False, np.float64)
        np.testing.assert_array_equal(found[1], theirs[1])


@needs_kernels
def test_not_used_without_vnni(rng, monkeypatch, widths):
    X = rng.standard_normal((3_000, 5))
    expected = nearest_euclidean(X, X, 4)
    widths.clear()
    monkeypatch.setattr(_int16, "lanes", lambda: 0)
    for ours, theirs in zip(nearest_euclidean(X, X, 4), expected):
        np.testing.assert_array_equal(ours, theirs)
    assert widths == ["float32"]


@pytest.mark.parametrize(
    "name, features, expected",
    [
        ("generic", "", 0),
        ("znver4", "+avx2,+avx512vnni", 16),
        (None, "+avxvnni,-avx512vnni", 8),
        (None, "", 0),
    ],
)
def test_lanes_of_the_cpu_that_numba_targets(monkeypatch, name, features, expected):
    monkeypatch.setattr(numba.config, "CPU_NAME", name)
    monkeypatch.setattr(numba.config, "CPU_FEATURES", features)
    assert _int16.lanes() == expected


def test_estimator_on_heavy_tails(rng):
    X = rng.standard_t(2, (3_000, 12))
    indices = NumbaNearestNeighbors(5).fit(X).kneighbors(X[:500], return_distance=False)
    squares = np.zeros((500, 3_000))
    for t in range(12):
        squares += (X[:500, t, None] - X[:, t]) ** 2
    np.testing.assert_array_equal(indices, np.argsort(squares, axis=1, kind="stable")[:, :5])
