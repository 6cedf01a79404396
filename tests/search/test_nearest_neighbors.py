"""NumbaNearestNeighbors: exactness, scikit-learn's interface, use inside imbalanced-learn."""

import numba
import numpy as np
import pytest
from imblearn.over_sampling import SMOTE
from scipy import sparse
from sklearn.neighbors import NearestNeighbors
from sklearn.utils import get_tags
from sklearn.utils.estimator_checks import parametrize_with_checks

import naive
from skgensample import NumbaNearestNeighbors
from skgensample.search import _nearest_neighbors, _radius


@parametrize_with_checks(
    [NumbaNearestNeighbors(1, metric=metric) for metric in ("euclidean", "manhattan", "mixed")]
)
def test_sklearn_checks(estimator, check):
    check(estimator)


@pytest.mark.parametrize("shape", [(80, 3), (1500, 4)])
def test_equals_scikit_learn(rng, shape):
    X, Q = rng.standard_normal(shape), rng.standard_normal((700, shape[1]))
    ours, theirs = NumbaNearestNeighbors(6).fit(X), NearestNeighbors(n_neighbors=6).fit(X)
    for query in (Q, None):
        distances, indices = ours.kneighbors(query)
        expected = theirs.kneighbors(query)
        np.testing.assert_allclose(distances, expected[0])
        np.testing.assert_array_equal(indices, expected[1])
        for mode in ("connectivity", "distance"):
            graph = ours.kneighbors_graph(query, mode=mode)
            np.testing.assert_allclose(
                graph.toarray(), theirs.kneighbors_graph(query, mode=mode).toarray()
            )


@pytest.mark.parametrize("scale", [1e-310, 1e-200, 1.0, 1e200, 1e308])
def test_any_magnitude(rng, scale):
    X = rng.uniform(-1, 1, (40, 3))
    expected = naive.nearest(X, X, 5)[1]
    distances, indices = NumbaNearestNeighbors(5).fit(X * scale).kneighbors(X * scale)
    assert np.isfinite(distances).all()
    if scale > 1e-300:
        np.testing.assert_array_equal(indices, expected)
    else:  # subnormal input has lost digits of its own
        assert (indices == expected).mean() > 0.95


def test_duplicates_far_from_the_origin_are_at_distance_zero(rng):
    X = rng.standard_normal((30, 4)) + 1e9
    X[7] = X[21]
    distances, indices = NumbaNearestNeighbors(2).fit(X).kneighbors(X[[21]])
    np.testing.assert_array_equal(distances, [[0, 0]])
    np.testing.assert_array_equal(indices, [[7, 21]])


def test_sparse_rows(rng):
    X = sparse.random(60, 20, density=0.3, format="csr", random_state=0)
    ours = NumbaNearestNeighbors(4).fit(X).kneighbors(X)[0]
    np.testing.assert_allclose(
        ours, NumbaNearestNeighbors(4).fit(X.toarray()).kneighbors(X.toarray())[0], atol=1e-7
    )


def test_serves_imbalanced_learn(rng):
    X = rng.standard_normal((200, 5))
    y = np.r_[np.ones(30, int), np.zeros(170, int)]
    ours = SMOTE(random_state=0, k_neighbors=NumbaNearestNeighbors(6)).fit_resample(X, y)
    np.testing.assert_allclose(ours[0], SMOTE(random_state=0).fit_resample(X, y)[0])


@pytest.mark.parametrize("k", [0, -1, 1.5, "2", 11])
def test_refuses_bad_k(k):
    search = NumbaNearestNeighbors().fit(np.eye(10))
    with pytest.raises(ValueError, match="n_neighbors"):
        search.kneighbors(np.eye(10), n_neighbors=k)


def test_own_rows_leave_one_neighbour_fewer():
    with pytest.raises(ValueError, match="n_samples_fit - 1"):
        NumbaNearestNeighbors(10).fit(np.eye(10)).kneighbors()


def test_refuses_unknown_mode():
    with pytest.raises(ValueError, match="mode"):
        NumbaNearestNeighbors(1).fit(np.eye(3)).kneighbors_graph(mode="cosine")
    with pytest.raises(ValueError, match="mode"):
        NumbaNearestNeighbors(1).fit(np.eye(3)).radius_neighbors_graph(mode="cosine")


@pytest.mark.parametrize("metric", ["euclidean", "manhattan"])
@pytest.mark.parametrize("own", [True, False])
def test_radius_equals_scikit_learn(rng, metric, own):
    X = rng.standard_normal((900, 4)) * 3 + 50
    Q = None if own else X[:333] + 0.1
    ours = NumbaNearestNeighbors(metric=metric, radius=2.5).fit(X)
    theirs = NearestNeighbors(metric=metric, radius=2.5).fit(X)
    expected = theirs.radius_neighbors(Q, sort_results=True)
    for found, wanted in zip(ours.radius_neighbors(Q, sort_results=True), expected):
        assert found.shape == wanted.shape
        for a, b in zip(found, wanted):
            np.testing.assert_allclose(a, b)
    plain = ours.radius_neighbors(Q, return_distance=False)
    assert all((np.diff(row) > 0).all() for row in plain)
    assert [sorted(row) for row in plain] == [sorted(row) for row in expected[1]]
    for mode in ("connectivity", "distance"):
        graph, wanted = (nn.radius_neighbors_graph(Q, mode=mode) for nn in (ours, theirs))
        assert type(graph) is type(wanted) and graph.dtype == wanted.dtype
        np.testing.assert_array_equal(graph.indptr, wanted.indptr)
        np.testing.assert_allclose(graph.toarray(), wanted.toarray())


def test_radius_takes_the_border_in_and_any_magnitude(rng):
    X = rng.randint(0, 6, (200, 3)).astype(float)
    squares = ((X[:, None] - X) ** 2).sum(axis=2)
    for scale in (1e-200, 1.0, 1e200):
        found = NumbaNearestNeighbors().fit(X * scale).radius_neighbors(X * scale, 2 * scale)[1]
        assert [row.tolist() for row in found] == [np.flatnonzero(s <= 4).tolist() for s in squares]


def test_radius_is_that_of_kneighbors_to_the_last_digit(rng):
    """Duplicates far from the origin are at distance zero; the k-th one, a radius of k rows."""
    X = rng.standard_normal((300, 7)) + 1e9
    X[150:] = X[:150]
    search = NumbaNearestNeighbors(2).fit(X)
    assert [row.tolist() for row in search.radius_neighbors(X[:9], 0.0)[1]] == [
        [i, i + 150] for i in range(9)
    ]
    search = NumbaNearestNeighbors(8).fit(rng.standard_normal((300, 3)))
    distances, indices = search.kneighbors()
    for i in range(100):
        found = search.radius_neighbors(search._rows[[i]], distances[i, -1], sort_results=True)
        assert found[1][0].tolist() == [i, *indices[i]]
        np.testing.assert_array_equal(found[0][0][1:], distances[i])


def test_radius_without_end(rng):
    found = (
        NumbaNearestNeighbors().fit(rng.standard_normal((20, 3))).radius_neighbors(radius=np.inf)
    )
    assert all(row.tolist() == [j for j in range(20) if j != i] for i, row in enumerate(found[1]))


def test_radius_in_mixed_tables(rng):
    X = np.c_[rng.randint(0, 3, (80, 2)), rng.randint(0, 4, (80, 2))].astype(float)
    search = NumbaNearestNeighbors(
        metric="mixed", categorical_features=[0, 3], category_weight=0.75
    ).fit(X)
    squares = ((X[:, None, 1:3] - X[:, 1:3]) ** 2).sum(axis=2)
    squares += 0.75 * (X[:, None, [0, 3]] != X[:, [0, 3]]).sum(axis=2)
    np.fill_diagonal(squares, np.inf)
    found = search.radius_neighbors(radius=1.5)
    for i in range(80):
        assert found[1][i].tolist() == np.flatnonzero(squares[i] <= 2.25).tolist()
        np.testing.assert_allclose(found[0][i], np.sqrt(squares[i][found[1][i]]))
    unseen = np.array([[7.0, 1, 1, 9]])  # levels of no fitted row
    [near] = search.radius_neighbors(unseen, 1.5, return_distance=False)
    expected = ((unseen[:, 1:3] - X[:, 1:3]) ** 2).sum(axis=1) + 1.5 <= 2.25
    assert 0 < len(near) and near.tolist() == np.flatnonzero(expected).tolist()
    free = search.set_params(category_weight=0.0).fit(X).radius_neighbors(unseen, 1.0)[1][0]
    assert free.tolist() == np.flatnonzero(((1 - X[:, 1:3]) ** 2).sum(axis=1) <= 1).tolist()


def test_one_hot_columns_of_a_radius_search_have_a_limit(monkeypatch):
    search = NumbaNearestNeighbors(metric="mixed", categorical_features=[0])
    search.fit(np.arange(50.0)[:, None])
    monkeypatch.setattr(_radius, "ONE_HOT_LIMIT", 8 * 50 * 50)
    assert all(len(row) == 49 for row in search.radius_neighbors(radius=1)[1])
    with pytest.raises(ValueError, match="51 categories would need 20808 bytes"):
        search.radius_neighbors([[50.0]], 1)


def test_radius_of_sparse_rows_and_nothing_near():
    X = sparse.random(40, 12, density=0.4, format="csr", random_state=0)
    theirs = NearestNeighbors(radius=1.2).fit(X).radius_neighbors(X, return_distance=False)
    search = NumbaNearestNeighbors(radius=1.2).fit(X)
    ours = search.radius_neighbors(X, return_distance=False)
    assert [row.tolist() for row in ours] == [sorted(row) for row in theirs]
    graph = NumbaNearestNeighbors(radius=1.2).fit(X.toarray()).radius_neighbors_graph(X)
    np.testing.assert_array_equal(search.radius_neighbors_graph(X).toarray(), graph.toarray())
    lonely = NumbaNearestNeighbors().fit(np.eye(3)).radius_neighbors(return_distance=False)
    assert [len(row) for row in lonely] == [0, 0, 0]


def test_only_dense_rows_where_categories_are_mixed_in(rng):
    """The tag says so, and every method that is given sparse rows."""
    assert not get_tags(NumbaNearestNeighbors(metric="mixed")).input_tags.sparse
    assert get_tags(NumbaNearestNeighbors(metric="manhattan")).input_tags.sparse
    search = NumbaNearestNeighbors(2, metric="mixed", categorical_features=[1]).fit(np.eye(3))
    rows = sparse.csr_matrix(np.eye(3))
    for method in ("fit", "kneighbors", "kneighbors_graph", "radius_neighbors"):
        with pytest.raises(TypeError, match=r"metric='mixed' does not take sparse rows: .*toarray"):
            getattr(search, method)(rows)


def test_sparse_queries_of_dense_rows_have_a_limit(monkeypatch):
    search = NumbaNearestNeighbors(1).fit(np.eye(5))
    rows = sparse.csr_matrix(np.eye(5))
    np.testing.assert_array_equal(search.kneighbors(rows)[1].ravel(), np.arange(5))
    monkeypatch.setattr(_nearest_neighbors, "DENSE_LIMIT", 199)
    for method in (search.kneighbors, search.radius_neighbors):
        with pytest.raises(ValueError, match="200 bytes"):
            method(rows)


@pytest.mark.parametrize("radius", [-1, "1", True, np.nan])
def test_refuses_bad_radius(radius):
    with pytest.raises(ValueError, match="radius"):
        NumbaNearestNeighbors().fit(np.eye(3)).radius_neighbors(radius=radius)


@pytest.mark.parametrize(("n_jobs", "expected"), [(None, None), (1, 1)])
def test_n_jobs_limits_threads_of_scikit_learn(n_jobs, expected, monkeypatch):
    """Without it OMP_NUM_THREADS stays what it is."""
    asked, given = [], _nearest_neighbors.safe_after_fork

    def limited(threads):
        asked.append(threads)
        return given(threads)

    monkeypatch.setattr(
        _nearest_neighbors,
        "safe_after_fork",
        lambda threads: asked.append(threads) or given(threads),
    )
    for X in (np.eye(4), sparse.csr_matrix(np.eye(4))):
        search = NumbaNearestNeighbors(1, n_jobs=n_jobs).fit(X)
        search.radius_neighbors(X)
    search.kneighbors(X)
    assert asked == [expected] * 3


def test_n_jobs_counts_threads(monkeypatch):
    monkeypatch.setattr(numba.config, "NUMBA_NUM_THREADS", 4)
    wanted = {None: 4, -1: 4, -2: 3, -9: 1, 1: 1, 3: 3, 99: 4}
    for n_jobs, threads in wanted.items():
        assert NumbaNearestNeighbors(n_jobs=n_jobs)._threads == threads
    with pytest.raises(ValueError, match="n_jobs"):
        NumbaNearestNeighbors(n_jobs=0).fit(np.eye(3))
