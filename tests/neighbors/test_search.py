"""NumbaNearestNeighbors: exactness, scikit-learn's interface, use inside imbalanced-learn."""

import numpy as np
import pytest
from imblearn.over_sampling import SMOTE
from scipy import sparse
from sklearn.neighbors import NearestNeighbors
from sklearn.utils.estimator_checks import parametrize_with_checks

import naive
from skgensample import NumbaNearestNeighbors


@parametrize_with_checks([NumbaNearestNeighbors(n_neighbors=1)])
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
    small = naive.nearest(X, X, 5)[1]
    distances, indices = NumbaNearestNeighbors(5).fit(X * scale).kneighbors(X * scale)
    assert np.isfinite(distances).all()
    if scale > 1e-300:
        np.testing.assert_array_equal(indices, small)
    else:  # subnormal input has lost digits of its own
        assert (indices == small).mean() > 0.95


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
