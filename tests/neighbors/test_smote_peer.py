"""NumbaSMOTE gives the rows of imbalanced-learn's SMOTE, and meets what its tests assert."""

import numpy as np
import pytest
from imblearn.over_sampling import SMOTE
from scipy import sparse
from sklearn.base import BaseEstimator, clone
from sklearn.neighbors import NearestNeighbors, kneighbors_graph

from contracts import blobs
from skgensample import NumbaNearestNeighbors, NumbaSMOTE, SmallClassWarning


def assert_same_rows(X, y, rtol=1e-12, **params):
    """Both samplers, each with its own copy of the seed, give the same table and labels."""
    ours, theirs = NumbaSMOTE(**clone_values(params)), SMOTE(**clone_values(params))
    X_res, y_res = ours.fit_resample(X, y)
    X_peer, y_peer = theirs.fit_resample(X, y)
    if sparse.issparse(X):
        assert X_res.format == X_peer.format
        X_res, X_peer = X_res.toarray(), X_peer.toarray()
    assert len(X_peer) > X.shape[0]
    np.testing.assert_allclose(X_res, X_peer, rtol=rtol)
    np.testing.assert_array_equal(y_res, y_peer)
    assert ours.sampling_strategy_ == theirs.sampling_strategy_


def clone_values(params):
    """Parameters with a RandomState of their own: one that was used has moved on."""
    return {name: clone(value, safe=False) for name, value in params.items()}


STRATEGIES = ["auto", "minority", "not majority", "all", 0.7, {1: 41}, {0: 62, 1: 41}]


@pytest.mark.parametrize("strategy", STRATEGIES, ids=str)
@pytest.mark.parametrize("seed", [0, 12345])
def test_strategies_and_seeds(strategy, seed):
    assert_same_rows(*blobs(), sampling_strategy=strategy, random_state=np.random.RandomState(seed))
    if strategy != {0: 62, 1: 41}:  # the one with two classes to sample
        assert_same_rows(*blobs(), sampling_strategy=strategy, random_state=seed)


@pytest.mark.parametrize("counts", [(60, 30, 15), (15, 30, 60), (40, 12, 33, 8)])
def test_random_state_instance_serves_every_class(counts):
    assert_same_rows(*blobs(counts), random_state=np.random.RandomState(3))


def test_int_seed_gives_the_first_class_its_peers_rows_and_the_second_its_own():
    X, y = blobs((60, 20, 20))
    X_res, y_res = NumbaSMOTE(random_state=5).fit_resample(X, y)
    X_peer, _ = SMOTE(random_state=5).fit_resample(X, y)
    new = np.arange(len(X_res)) >= len(X)
    first, second = (new & (y_res == label) for label in (1, 2))
    np.testing.assert_allclose(X_res[first], X_peer[first], rtol=1e-12)
    assert not np.allclose(X_res[second], X_peer[second])


def test_seed_none_still_balances():
    _, y_res = NumbaSMOTE().fit_resample(*blobs())
    assert np.bincount(y_res).tolist() == [60, 60]


@pytest.mark.parametrize("k", [1, 2, 5, 19])
def test_k_neighbors(k):
    assert_same_rows(*blobs(), k_neighbors=k, random_state=0)


@pytest.mark.parametrize("d", [1, 2, 40])
def test_widths(d):
    assert_same_rows(*blobs(d=d), random_state=0)


def test_float32():
    X, y = blobs()
    assert_same_rows(X.astype(np.float32), y, rtol=1e-6, random_state=0)


def test_large_enough_for_the_parallel_kernel():
    assert_same_rows(*blobs((8_000, 300), d=15), random_state=0)


@pytest.mark.parametrize("make", [sparse.csr_matrix, sparse.csc_matrix, sparse.csr_array])
def test_sparse(make):
    X, y = blobs(d=6)
    assert_same_rows(make(np.where(X > 0, X, 0.0)), y, random_state=0)


SEARCHES = {
    "brute": NearestNeighbors(n_neighbors=6, algorithm="brute"),
    "tree": NearestNeighbors(n_neighbors=4, algorithm="kd_tree"),
    "manhattan": NearestNeighbors(n_neighbors=6, metric="manhattan"),
    "ours": NumbaNearestNeighbors(n_neighbors=6),
}


@pytest.mark.parametrize("search", SEARCHES)
def test_neighbors_object(search):
    """An estimator counts the row itself, so n_neighbors=6 stands for k=5; it is not fitted."""
    given = SEARCHES[search]
    assert_same_rows(*blobs(), k_neighbors=given, random_state=0)
    sampler = NumbaSMOTE(k_neighbors=given)
    sampler.fit_resample(*blobs())
    assert sampler.k_neighbors is given and not hasattr(given, "n_samples_fit_")


def test_neighbors_object_equals_its_number():
    X, y = blobs()
    number = NumbaSMOTE(k_neighbors=5, random_state=0).fit_resample(X, y)[0]
    estimator = NumbaSMOTE(k_neighbors=NearestNeighbors(n_neighbors=6), random_state=0)
    np.testing.assert_allclose(estimator.fit_resample(X, y)[0], number, rtol=1e-12)


class OwnSearch(BaseEstimator):
    """The least that a neighbours estimator of somebody else's has to have."""

    def __init__(self, n_neighbors=5, metric="euclidean"):
        self.n_neighbors = n_neighbors
        self.metric = metric

    def fit(self, X, y=None):
        self.rows_ = np.array(X)
        return self

    def kneighbors(self, X=None, n_neighbors=None, return_distance=True):
        rows = self.rows_ if X is None else X
        distances = np.linalg.norm(rows[:, None] - self.rows_[None], axis=-1)
        nearest = distances.argsort(axis=1)[:, : n_neighbors or self.n_neighbors]
        if return_distance:
            return np.take_along_axis(distances, nearest, axis=1), nearest
        return nearest

    def kneighbors_graph(self, X=None, n_neighbors=None, mode="connectivity"):
        return kneighbors_graph(self.rows_, n_neighbors or self.n_neighbors, mode=mode)


def test_own_neighbors_class():
    assert_same_rows(*blobs(), k_neighbors=OwnSearch(n_neighbors=6), random_state=0)


@pytest.mark.parametrize("wrong", [object(), NearestNeighbors, "five", 0, 2.5, None])
def test_wrong_neighbors_object(wrong):
    X, y = blobs()
    if wrong is NearestNeighbors:  # the class has the methods; it cannot be cloned
        with pytest.raises((ValueError, TypeError)):
            NumbaSMOTE(k_neighbors=wrong).fit_resample(X, y)
        return
    with pytest.raises(ValueError, match="k_neighbors"):
        NumbaSMOTE(k_neighbors=wrong).fit_resample(X, y)


def test_small_class_takes_all_its_rows_where_the_peer_fails():
    X, y = blobs((30, 4))
    with pytest.warns(SmallClassWarning, match="4 rows"):
        X_res, _ = NumbaSMOTE(random_state=0).fit_resample(X, y)
    X_peer, _ = SMOTE(k_neighbors=3, random_state=0).fit_resample(X, y)
    np.testing.assert_allclose(X_res, X_peer, rtol=1e-12)


def test_duplicate_rows():
    """A row's own copies tie with it among its neighbours; whichever is taken, the values agree."""
    X, y = blobs((200, 60))
    X[y == 1] = np.repeat(X[y == 1][:20], 3, axis=0)
    assert_same_rows(X, y, random_state=0)


# real tables


def mammography(shared_data):
    path = shared_data("mammography/mammography.csv")
    table = np.genfromtxt(path, delimiter=",", dtype=str)
    return table[:, :-1].astype(float), np.char.strip(table[:, -1], "'").astype(int)


def credit_cards(shared_data):
    path = shared_data("creditcard-ulb-partial/ulb_allfraud_randomlegit.csv")
    table = np.genfromtxt(path, delimiter=",", skip_header=1)
    return table[:, :-1], table[:, -1].astype(int)


@pytest.mark.parametrize("load", [mammography, credit_cards])
@pytest.mark.parametrize("seed", [0, np.random.RandomState(0)], ids=["int", "RandomState"])
def test_real_tables(load, seed, shared_data):
    assert_same_rows(*load(shared_data), random_state=seed)


@pytest.fixture(scope="module")
def training_weeks(shared_data):
    """The four training weeks of the Fraud Detection Handbook, 15 features each."""
    pytest.importorskip("pyarrow")
    from skgensample.datasets import card_transaction_features, load_card_transactions
    from skgensample.model_selection import PrequentialSplit

    path = shared_data("fraud-handbook-simulated/transactions.parquet")
    stream = load_card_transactions(path)
    # 30 + 7 days of history before the earliest week, and the last test day
    stream = stream[stream["TX_DATETIME"].between("2018-06-17", "2018-09-05", inclusive="left")]
    features, y = card_transaction_features(stream).to_numpy(), stream["TX_FRAUD"].to_numpy()
    folds = PrequentialSplit(start="2018-08-15").split(stream, y)
    return [(features[train], y[train]) for train, _ in folds]


def test_training_weeks_are_the_published_ones(training_weeks):
    published = [(67_049, 594), (67_080, 568), (66_975, 626), (67_240, 598)]
    assert [(len(y), y.sum()) for _, y in training_weeks] == published
    assert {X.shape[1] for X, _ in training_weeks} == {15}


@pytest.mark.parametrize("seed", [0, np.random.RandomState(0)], ids=["int", "RandomState"])
@pytest.mark.parametrize("week", range(4))
def test_training_weeks(training_weeks, week, seed):
    assert_same_rows(*training_weeks[week], random_state=seed)
