"""Estimators in place of numbers of neighbours, and their seeds."""

from collections import Counter

import imblearn.over_sampling
import numpy as np
import pytest
from family import FAMILY, Made, few_levels, tables
from sklearn.base import BaseEstimator, clone
from sklearn.cluster import KMeans
from sklearn.linear_model import LogisticRegression
from sklearn.neighbors import NearestNeighbors
from sklearn.preprocessing import OrdinalEncoder
from sklearn.svm import SVC

import naive
from contracts import blobs
from skgensample import (
    NumbaBorderlineSMOTE,
    NumbaKMeansSMOTE,
    NumbaNearestNeighbors,
    NumbaSMOTE,
    NumbaSMOTEN,
    NumbaSMOTENC,
    NumbaSVMSMOTE,
)
from skgensample.neighbors import _value_difference
from skgensample.neighbors._plan import Rows
from skgensample.neighbors._value_difference import value_differences


def test_wrong_estimators():
    X, y = blobs()
    with pytest.raises(TypeError, match="support_"):
        NumbaSVMSMOTE(svm_estimator=LogisticRegression()).fit_resample(X, y)
    for wrong in ({"svm_estimator": 3}, {"out_step": 1.5}, {"svm_neighbors": 0}):
        with pytest.raises(ValueError, match=next(iter(wrong))):
            NumbaSVMSMOTE(**wrong).fit_resample(X, y)
    with pytest.raises(ValueError, match="kmeans_estimator"):
        NumbaKMeansSMOTE(kmeans_estimator=0).fit_resample(X, y)
    with pytest.raises(ValueError, match="kind"):
        NumbaBorderlineSMOTE(kind="borderline-3").fit_resample(X, y)


SEARCHES = {
    "brute": lambda k: NearestNeighbors(n_neighbors=k, algorithm="brute"),
    "auto": lambda k: NearestNeighbors(n_neighbors=k),
    "ours": lambda k: NumbaNearestNeighbors(n_neighbors=k),
    "mixed": lambda k: NumbaNearestNeighbors(n_neighbors=k, metric="mixed"),
}


@pytest.mark.filterwarnings("ignore:cannot use tree with sparse input")
@tables
@pytest.mark.parametrize("search", SEARCHES)
@pytest.mark.parametrize("kind", FAMILY)
def test_estimators_find_the_neighbours_of_a_number(kind, search, made):
    """An estimator stands for its n_neighbors less one, in every parameter, categories or none."""
    counts = dict.fromkeys(kind._neighbor_parameters, 5)
    given = {name: SEARCHES[search](k + 1) for name, k in counts.items()}
    others = {"random_state": 0}
    if kind is NumbaKMeansSMOTE:
        others |= {"cluster_balance_threshold": 0.0, "kmeans_estimator": 2}
    if kind is NumbaSMOTENC and not made.words.size:
        others |= {"categorical_features": [2]}
    X_res, y_res = kind(**counts, **others).fit_resample(*made.table)
    X_est, y_est = kind(**given, **others).fit_resample(*made.table)
    np.testing.assert_array_equal(y_est, y_res)
    np.testing.assert_array_equal(X_est[:, 3:], X_res[:, 3:])
    np.testing.assert_allclose(X_est[:, :3].astype(float), X_res[:, :3].astype(float), rtol=1e-12)
    assert not any(hasattr(estimator, "n_samples_fit_") for estimator in given.values())


def test_smotenc_takes_an_estimator_as_its_peer_does():
    made = Made(2)
    params = {"categorical_features": [3, 4], "random_state": 0}
    for search in (NearestNeighbors(n_neighbors=4), NearestNeighbors(n_neighbors=6, p=1)):
        new = NumbaSMOTENC(k_neighbors=search, **params).fit_resample(made.X, made.y)[0]
        peer = imblearn.over_sampling.SMOTENC(k_neighbors=search, **params)
        numbers = [rows[:, :3].astype(float) for rows in (new, peer.fit_resample(*made.table)[0])]
        np.testing.assert_allclose(*numbers, rtol=1e-9)


def test_an_estimators_own_weight_of_categories_is_kept():
    """With categories that weigh nothing, neighbours are those of the numbers alone."""
    made = Made(2)
    search = NumbaNearestNeighbors(6, metric="mixed", category_weight=0.0)
    sampler = NumbaSMOTE(k_neighbors=search, random_state=0)
    numbers = sampler.fit_resample(made.X, made.y)[0][:, :3].astype(float)
    alone = NumbaSMOTE(random_state=0).fit_resample(made.numbers, made.y)[0]
    np.testing.assert_allclose(numbers, alone, rtol=1e-12)


@pytest.mark.parametrize(
    "search", [NearestNeighbors(n_neighbors=4), NearestNeighbors(algorithm="brute")]
)
def test_smoten_takes_an_estimator_as_its_peer_does(search):
    """Votes with one winner are the peer's, ties between equal distances included."""
    X, y = few_levels()
    members = np.flatnonzero(y == 1)
    sampler = NumbaSMOTEN(k_neighbors=search, random_state=0)
    new = sampler.fit_resample(X, y)[0][len(y) :]
    peer = imblearn.over_sampling.SMOTEN(k_neighbors=search, random_state=0)
    new_peer = peer.fit_resample(X, y)[0][len(y) :]
    rows = Rows(OrdinalEncoder().fit_transform(X), y, np.arange(4))
    apart = value_differences(rows, 1, members)
    np.testing.assert_allclose(apart, naive.value_differences(X, y, members))
    found = clone(search).set_params(metric="precomputed").fit(apart).kneighbors(apart)[1]
    slot = np.random.RandomState(0).choice(len(members), size=len(new))
    clear = 0
    for place, row, row_peer in zip(slot, new, new_peer):
        for cell, cell_peer, column in zip(row, row_peer, X[members[found[place]]].T):
            (top, most), *others = Counter(column).most_common(2)
            if not others or others[0][1] < most:
                assert cell == cell_peer == top
                clear += 1
    assert clear > 0.5 * new.size
    assert sampler.k_neighbors_ == {1: search.n_neighbors - 1}


def test_smoten_searches_itself_in_place_of_our_estimator(monkeypatch):
    """Any metric, no matrix of distances: a limit of nothing refuses other estimators alone."""
    X, y = few_levels()
    monkeypatch.setattr(_value_difference, "MATRIX_LIMIT", 0)
    expected = NumbaSMOTEN(k_neighbors=3, random_state=0).fit_resample(X, y)[0]
    for search in (NumbaNearestNeighbors(4), NumbaNearestNeighbors(4, metric="mixed", n_jobs=1)):
        found = NumbaSMOTEN(k_neighbors=search, random_state=0).fit_resample(X, y)[0]
        np.testing.assert_array_equal(found, expected)
    with pytest.raises(ValueError, match=r"40 rows of class 1.*38400 bytes.*NumbaNearestNeighbors"):
        NumbaSMOTEN(k_neighbors=NearestNeighbors(n_neighbors=4)).fit_resample(X, y)


def test_smoten_with_the_row_itself_alone():
    """n_neighbors=1 is the row itself: new rows repeat rows of the class, as the peer's do."""
    X, y = few_levels()
    alone = NearestNeighbors(n_neighbors=1)
    new = NumbaSMOTEN(k_neighbors=alone, random_state=0).fit_resample(X, y)[0]
    peer = imblearn.over_sampling.SMOTEN(k_neighbors=alone, random_state=0).fit_resample(X, y)[0]
    np.testing.assert_array_equal(new, peer)


class NoMetric(BaseEstimator):
    """A search that cannot be given distances."""

    def __init__(self, n_neighbors=5):
        self.n_neighbors = n_neighbors

    def kneighbors(self):
        """Never called."""

    kneighbors_graph = kneighbors


def test_estimators_that_cannot_serve():
    X, y = few_levels()
    with pytest.raises(ValueError, match="NoMetric has no parameter metric"):
        NumbaSMOTEN(k_neighbors=NoMetric()).fit_resample(X, y)
    with pytest.raises(ValueError, match="n_jobs"):
        NumbaSMOTEN(k_neighbors=NumbaNearestNeighbors(n_jobs=0)).fit_resample(X, y)
    for kind in FAMILY:
        name = kind._neighbor_parameters[-1]
        with pytest.raises(ValueError, match=rf"{name} has n_neighbors=1.*at least 2"):
            kind(**{name: NearestNeighbors(n_neighbors=1)}).fit_resample(*Made(2).table)


def test_seeds_reach_estimators_and_no_global_state():
    """An estimator without a seed would draw from NumPy's global one."""
    X, y = blobs((200, 60), d=2)
    state = np.random.get_state()[1].copy()
    samplers = [
        NumbaKMeansSMOTE(kmeans_estimator=KMeans(5, n_init=1), cluster_balance_threshold=0),
        NumbaSVMSMOTE(svm_estimator=SVC()),
    ]
    for sampler in samplers:
        for seed in (3, None, np.random.RandomState(3)):
            sampler.set_params(random_state=seed).fit_resample(X, y)
        first, second = (sampler.set_params(random_state=3).fit_resample(X, y)[0] for _ in "ab")
        assert np.array_equal(first, second)
    assert np.array_equal(np.random.get_state()[1], state)
