"""The SMOTE family at its limits: nothing to start from, sparse, wide and tiny tables."""

import tracemalloc
from collections import Counter

import numpy as np
import pytest
from family import FAMILY, OF_NUMBERS, Made
from scipy import sparse
from sklearn.cluster import KMeans
from sklearn.datasets import make_classification

from contracts import blobs
from skgensample import (
    NumbaADASYN,
    NumbaBorderlineSMOTE,
    NumbaKMeansSMOTE,
    NumbaSMOTE,
    NumbaSMOTENC,
    NumbaSVMSMOTE,
    ResamplingWarning,
    SmallClassWarning,
)
from skgensample.neighbors import _kmeans, _svm

# where a variant finds nothing to start from, plain SMOTE makes the rows, and says so


def separated():
    """Two classes so far apart that no row is in danger."""
    return blobs((60, 20), shift=100.0)


def test_no_row_in_danger():
    X, y = separated()
    sampler = NumbaBorderlineSMOTE(random_state=0)
    with pytest.warns(ResamplingWarning, match="no row is in danger"):
        X_res, _ = sampler.fit_resample(X, y)
    assert np.array_equal(X_res, NumbaSMOTE(random_state=0).fit_resample(X, y)[0])
    assert sampler.in_danger_indices_ == {}


def test_no_neighbor_of_another_class():
    X, y = separated()
    with pytest.warns(ResamplingWarning, match="neighbour of another class"):
        X_res, _ = NumbaADASYN(random_state=0).fit_resample(X, y)
    assert np.array_equal(X_res, NumbaSMOTE(random_state=0).fit_resample(X, y)[0])


def test_no_usable_cluster():
    X, y = blobs()
    with pytest.warns(ResamplingWarning, match="no cluster is usable"):
        X_res, _ = NumbaKMeansSMOTE(cluster_balance_threshold=10, random_state=0).fit_resample(X, y)
    plain = NumbaSMOTE(k_neighbors=2, random_state=0)
    # the clustering has a stream of its own, so the draws are plain SMOTE's
    assert np.array_equal(X_res, plain.fit_resample(X, y)[0])


def test_all_support_vectors_noise():
    """The table of imbalanced-learn's test, which expects an error."""
    X, y = make_classification(
        n_classes=3,
        class_sep=0.001,
        weights=[0.004, 0.451, 0.545],
        n_informative=3,
        n_redundant=0,
        flip_y=0,
        n_features=3,
        n_samples=1000,
        random_state=10,
    )
    with pytest.warns(ResamplingWarning, match="not noise"):
        _, y_res = NumbaSVMSMOTE(k_neighbors=3, random_state=42).fit_resample(X, y)
    assert len(set(np.bincount(y_res))) == 1


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("value", [0.1, 0.3, 1 / 3, 1.7, 1e6 / 7])
def test_constant_sparse_tables(value):
    """Whose variance scikit-learn may find a hair below 0: libsvm refuses such a gamma."""
    y = np.repeat([0, 1, 2], [2, 2, 10])
    X = sparse.csr_matrix(np.full((14, 3), value))
    _, y_res = NumbaSVMSMOTE(random_state=0).fit_resample(X, y)
    assert np.bincount(y_res).tolist() == [10, 10, 10]
    pd = pytest.importorskip("pandas")
    flags = pd.DataFrame({"night": np.zeros(14, bool), "amount": np.full(14, value)})
    X_res, _ = NumbaSVMSMOTE(random_state=0).fit_resample(flags, y)
    assert (X_res == flags.iloc[0]).all().all()


def wide(n=300, columns=1_000_000, stored=100):
    """Sparse rows of very many columns, and labels. scipy's `random` would draw from all cells."""
    rng = np.random.RandomState(0)
    cells = rng.uniform(1, 2, n * stored), rng.randint(0, columns, n * stored)
    X = sparse.csr_matrix((*cells, np.arange(0, n * stored + 1, stored)), (n, columns))
    X.sum_duplicates()
    return X, (np.arange(n) % 5 == 0).astype(int)


@pytest.mark.parametrize("kind", OF_NUMBERS)
def test_wide_sparse_tables_stay_sparse(kind):
    """A million columns: 2.4 GB as dense rows, 64 MB for the centres of K-means."""
    X, y = wide()
    tracemalloc.start()
    try:
        X_res, y_res = kind(random_state=0).fit_resample(X, y)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert np.bincount(y_res).tolist() == [240, 240] and X_res.shape == (480, 1_000_000)
    assert sparse.issparse(X_res) and X_res.nnz < 480 * 200
    assert peak < (500e6 if kind is NumbaKMeansSMOTE else 150e6)


@pytest.mark.parametrize("kind", OF_NUMBERS)
def test_row_numbers_of_sparse_tables_may_be_wide(kind):
    """scikit-learn's K-means and support vector machines refuse int64 ones."""
    X, y = wide(columns=5_000)
    given = sparse.csr_array(X)
    given.indices, given.indptr = given.indices.astype(np.int64), given.indptr.astype(np.int64)
    found = kind(random_state=0).fit_resample(given, y)[0]
    assert given.indices.dtype == given.indptr.dtype == np.int64
    assert (found != sparse.csr_array(kind(random_state=0).fit_resample(X, y)[0])).nnz == 0


@pytest.mark.parametrize("table", ["sparse", "mixed"])
def test_a_kernel_computed_before_gives_the_support_vectors_of_libsvm(table, monkeypatch):
    X, y = wide(200, 500, 20) if table == "sparse" else Made(2).table
    found = [NumbaSVMSMOTE(random_state=0).fit(X, y) for _ in range(2)]
    for sampler, limit in zip(found, (2**30, 0)):
        monkeypatch.setattr(_svm, "KERNEL_LIMIT", limit)
        sampler.fit_resample(X, y)
    assert len(found[0].support_indices_[1])
    for name in ("support_indices_", "synthetic_parents_"):
        np.testing.assert_equal(*(getattr(sampler, name) for sampler in found))


def test_centres_of_sparse_clusters_have_a_limit(monkeypatch):
    X, y = wide()
    monkeypatch.setattr(_kmeans, "CENTRES_LIMIT", 20_000_000)
    message = "3 clusters in 1000000 sparse columns would need 24000000 bytes.*kmeans_estimator"
    with pytest.raises(ValueError, match=message):
        NumbaKMeansSMOTE(kmeans_estimator=3).fit_resample(X, y)
    with pytest.raises(ValueError, match="3 clusters"):
        NumbaKMeansSMOTE(kmeans_estimator=KMeans(3, n_init=1)).fit_resample(X, y)


def test_safe_support_vectors_alone_get_all_rows():
    """Far from other classes all are safe: every row is extrapolated."""
    X, y = separated()
    sampler = NumbaSVMSMOTE(random_state=0)
    X_res, y_res = sampler.fit_resample(X, y)
    assert np.bincount(y_res).tolist() == [60, 60]
    base, neighbor = sampler.synthetic_parents_.T
    step = X[neighbor] - X[base]
    assert (((X_res[80:] - X[base]) * step).sum(axis=1) <= 0).all()


def test_more_clusters_than_rows():
    X, y = blobs((4, 3))
    with pytest.warns(ResamplingWarning, match="n_clusters"):
        _, y_res = NumbaKMeansSMOTE(random_state=0).fit_resample(X, y)
    assert np.bincount(y_res).tolist() == [4, 4]


def test_one_cluster_is_plain_smote():
    """imbalanced-learn's own test: with one cluster there is nothing to choose."""
    X, y = blobs()
    sampler = NumbaKMeansSMOTE(kmeans_estimator=1, k_neighbors=5, random_state=42)
    X_res, _ = sampler.fit_resample(X, y)
    assert sampler.kmeans_estimator_.n_clusters == 1
    assert sampler.cluster_balance_threshold_ == -np.inf
    np.testing.assert_allclose(X_res, NumbaSMOTE(random_state=42).fit_resample(X, y)[0])


def test_identical_rows_share_by_size():
    """Clusters without spread would be weighed zero by zero."""
    X = np.repeat([[0.0, 0.0], [5.0, 5.0], [9.0, 0.0]], [9, 6, 40], axis=0)
    y = np.repeat([1, 1, 0], [9, 6, 40])
    sampler = NumbaKMeansSMOTE(kmeans_estimator=KMeans(3, n_init=1, random_state=0), random_state=0)
    X_res, _ = sampler.fit_resample(X, y)
    assert Counter(X_res[55:, 0].tolist()) == {0.0: 15, 5.0: 10}


@pytest.mark.parametrize("kind", FAMILY)
def test_tiny_classes(kind):
    X, y = blobs((30, 3))
    params = {kind._neighbor_parameters[-1]: 5}
    if kind is NumbaSMOTENC:
        params["categorical_features"] = [0]
    with pytest.warns(SmallClassWarning, match="only"):
        _, y_res = kind(**params).fit_resample(X, y)
    assert np.bincount(y_res).tolist() == [30, 30]
    X, y = blobs((30, 1))
    with pytest.raises(ValueError, match=r"1 row.*NumbaRandomOverSampler"):
        kind().fit_resample(X, y)
