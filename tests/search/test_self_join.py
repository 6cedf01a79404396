"""k-NN self-join: equal to the search by queries, on any number of threads, each pair once."""

import threading
import time

import numpy as np
import pytest

from conftest import needs_kernels
from skgensample import NumbaNearestNeighbors, NumbaSMOTE
from skgensample.search import _int16, _knn, _self_join
from skgensample.search._knn import _packed_search, nearest_euclidean
from skgensample.search._self_join import schedule_block_pairs

N = 2_309  # ten panels, none of them full

#: dtypes of the prefilters that this processor supports.
WIDTHS = [np.float32, np.float64, *([np.int32] if _int16.lanes() else [])]


@pytest.fixture
def asked(monkeypatch):
    """dtypes in which self-joins were run."""
    widths, search = [], _knn.search_self_join

    def noted(found, *arguments):
        widths.append(found.dtype.name)
        return search(found, *arguments)

    monkeypatch.setattr(_knn, "search_self_join", noted)
    return widths


def _apart(X, k, exclude_self, nominal=0, weight=0.0, dtype=None):
    """The same neighbours, by the search for queries."""
    n_numeric = X.shape[1] - nominal
    if not exclude_self:
        return _packed_search(X.copy(), X, k, n_numeric, weight, False, dtype)[:2]
    squared, indices, _ = _packed_search(X.copy(), X, k + 1, n_numeric, weight, False, dtype)
    own = indices == np.arange(len(X))[:, None]
    own[~own.any(axis=1), -1] = True  # k duplicates precede the row itself
    return squared[~own].reshape(-1, k), indices[~own].reshape(-1, k)


def _tables(rng):
    """Tables that provoke errors of the prefilter, of ties or of row order."""
    plain = rng.standard_normal((N, 6))
    way = rng.standard_normal((N, 6))
    return {
        "plain": plain,
        "ties": rng.randint(0, 4, (N, 3)).astype(float),
        "one decimal, far away": np.round(plain, 1) + 1e7,
        "scales": plain * 10.0 ** np.arange(-6, 6, 2),
        "equal distances": way / np.linalg.norm(way, axis=1)[:, None] + 3,
        "in order": np.c_[np.arange(N), plain],
        "tails": rng.standard_t(1.2, (N, 6)),
        "one column": plain[:, :1].copy(),
        "constant": np.ones((N, 2)),
        "tiny": plain * 1e-30,
    }


@pytest.mark.parametrize("exclude_self", [True, False])
@pytest.mark.parametrize("dtype", [None, *WIDTHS])
def test_equals_the_search_for_queries(rng, asked, dtype, exclude_self):
    for name, X in _tables(rng).items():
        for k in (1, 6, 30):
            found = _packed_search(X, X, k, X.shape[1], 0.0, exclude_self, dtype)
            for ours, theirs in zip(found, _apart(X, k, exclude_self, dtype=dtype)):
                np.testing.assert_array_equal(ours, theirs, err_msg=f"{name}, k={k}")
    assert asked


@pytest.mark.parametrize("exclude_self", [True, False])
def test_mixed_tables(rng, exclude_self):
    X = np.c_[rng.standard_normal((N, 3)), rng.randint(0, 5, (N, 3))]
    found = _packed_search(X, X, 6, 3, 0.7, exclude_self)
    for ours, theirs in zip(found, _apart(X, 6, exclude_self, 3, 0.7)):
        np.testing.assert_array_equal(ours, theirs)
    X = rng.randint(0, 3, (N, 4)).astype(float)  # codes only
    for ours, theirs in zip(_packed_search(X, X, 6, 0, 1.0, False), _apart(X, 6, False, 4, 1.0)):
        np.testing.assert_array_equal(ours, theirs)


def test_float64_takes_over_where_float32_cannot_tell(rng, asked):
    X = 1e5 * rng.standard_normal((1, 4)) + 1e-5 * rng.standard_normal((N, 4))
    X[0] += 1e5
    found = _packed_search(X, X, 5, 4, 0.0, False)
    assert asked == [*(["int32"] if _int16.lanes() else []), "float32", "float64"]
    for ours, theirs in zip(found, _apart(X, 5, False)):
        np.testing.assert_array_equal(ours, theirs)


@pytest.mark.parametrize("dtype", WIDTHS[::2])
def test_prefilter_without_its_error_bound_loses_neighbours(rng, monkeypatch, dtype):
    way = rng.standard_normal((N, 30))
    X = 3 + 1e-2 * way / np.linalg.norm(way, axis=1)[:, None]
    X[0] = 3  # all others are at one distance from this row, but for the last digits
    expected = _apart(X, 20, False)[1]
    assert (_packed_search(X, X, 20, 30, 0.0, False, dtype)[1] == expected).all()

    class Careless(_knn.PackedRows):
        def __init__(self, *arguments):
            super().__init__(*arguments)
            self.unit = self.gamma = 0.0

    monkeypatch.setattr(_knn, "PackedRows", Careless)
    assert (_packed_search(X, X, 20, 30, 0.0, False, dtype)[1] != expected).any()


@pytest.mark.parametrize("threads", [1, 2, 5])
def test_same_on_any_number_of_threads(rng, monkeypatch, threads):
    monkeypatch.setattr(_self_join, "thread_count", lambda most: threads)
    X = rng.standard_normal((N, 5))
    for ours, theirs in zip(nearest_euclidean(X, X, 6), nearest_euclidean(X.copy(), X, 6)):
        np.testing.assert_array_equal(ours, theirs)


def test_prefilter_excludes_most_pairs(rng):
    X = rng.standard_normal((4_000, 12))
    n_exact = _packed_search(X, X, 6, 12, 0.0, False)[2]
    assert 6 <= n_exact.min() and n_exact.mean() < 0.02 * 4_000


@pytest.mark.parametrize("n_blocks, threads", [(1, 1), (2, 3), (7, 2), (8, 4)])
def test_every_pair_of_blocks_is_joined_once(n_blocks, threads):
    joined, running, lock = [], [], threading.Lock()

    def join_blocks(a, b):
        with lock:
            assert not {a, b} & set(running)
            assert a == b or {(a, a), (b, b)} <= set(joined)
            running.extend({a, b})
        time.sleep(0.001)
        with lock:
            for block in {a, b}:
                running.remove(block)
            joined.append((a, b))

    schedule_block_pairs(join_blocks, n_blocks, threads)
    assert sorted(joined) == [(a, b) for a in range(n_blocks) for b in range(a, n_blocks)]


def test_an_error_in_a_task_is_raised():
    def join_blocks(a, b):
        if (a, b) == (1, 2):
            raise KeyError(a)

    with pytest.raises(KeyError):
        schedule_block_pairs(join_blocks, 4, 2)


def test_an_interruption_leaves_no_thread_waiting():
    joined = []

    def join_blocks(a, b):
        if (a, b) == (0, 0):
            time.sleep(0.05)
            raise KeyboardInterrupt
        joined.append((a, b))

    with pytest.raises(KeyboardInterrupt):
        schedule_block_pairs(join_blocks, 3, 2)
    assert set(joined) <= {(1, 1), (2, 2), (1, 2)}


@pytest.mark.parametrize("n", [N, 60])
@pytest.mark.parametrize("weight", [1e-300, 1.0, 1e60, 1e300])
@pytest.mark.parametrize("scale", [0.0, 1e-25, 1.0])
def test_weights_of_any_size(rng, n, weight, scale):
    X = np.c_[scale * rng.standard_normal((n, 2)), rng.randint(0, 2, n)]
    X[:, 2] *= scale > 0
    squared = ((X[:, None, :2] - X[None, :, :2]) ** 2).sum(axis=2)
    squared = squared + weight * (X[:, None, 2] != X[None, :, 2])
    expected = np.argsort(squared, axis=1, kind="stable")[:, :4]
    for Q in (X, X.copy()):
        found = nearest_euclidean(Q, X, 4, nominal=[2], weight=weight)[1]
        np.testing.assert_array_equal(found, expected)


@needs_kernels
def test_estimator_and_sampler_use_the_self_join(rng, asked):
    X = rng.standard_normal((N, 5))
    search = NumbaNearestNeighbors(5).fit(X)
    for found in (search.kneighbors(), search.kneighbors(X)):
        assert found[0].shape == (N, 5)
    y = np.arange(2 * N + 100) < N
    NumbaSMOTE(random_state=0).fit_resample(rng.standard_normal((len(y), 5)), y)
    assert len(asked) == 3
