"""NumbaNearestNeighbors in place of scikit-learn's search, in classes that accept an estimator."""

import imblearn.over_sampling
import imblearn.under_sampling
import numpy as np
import pytest
from sklearn.base import clone
from sklearn.datasets import make_classification
from sklearn.neighbors import KNeighborsClassifier, NearestNeighbors

from skgensample import NumbaNearestNeighbors

#: Class, and the number of neighbours of each parameter that takes a search.
SAMPLERS = {
    "SMOTE": {"k_neighbors": 6},
    "BorderlineSMOTE": {"k_neighbors": 6, "m_neighbors": 11},
    "SVMSMOTE": {"k_neighbors": 6, "m_neighbors": 11},
    "ADASYN": {"n_neighbors": 6},
    "EditedNearestNeighbours": {"n_neighbors": 4},
    "RepeatedEditedNearestNeighbours": {"n_neighbors": 4},
    "AllKNN": {"n_neighbors": 4},
    "NearMiss": {"n_neighbors": 3},
    "NearMiss-2": {"n_neighbors": 3},
    "NearMiss-3": {"n_neighbors": 3, "n_neighbors_ver3": 3},
}


def instance(name, neighbours):
    kind, _, variant = name.partition("-")
    found = getattr(imblearn.over_sampling, kind, None) or getattr(imblearn.under_sampling, kind)
    sampler = found(**neighbours)
    if variant:
        sampler.set_params(version=int(variant))
    if "random_state" in sampler.get_params():
        sampler.set_params(random_state=0)
    return sampler


@pytest.mark.parametrize("name", SAMPLERS)
def test_imbalanced_learn_gives_the_same_rows(name):
    X, y = make_classification(1_200, 16, weights=[0.85], flip_y=0.05, random_state=1)
    results = []
    for search in (NearestNeighbors, NumbaNearestNeighbors):
        objects = {key: search(n_neighbors=k) for key, k in SAMPLERS[name].items()}
        results.append(clone(instance(name, objects)).fit_resample(X, y))
    (theirs, y_theirs), (ours, y_ours) = results
    assert len(ours) != len(X)
    np.testing.assert_allclose(ours, theirs, rtol=1e-9, atol=1e-12)
    np.testing.assert_array_equal(y_ours, y_theirs)


def test_graph_for_precomputed_neighbours():
    X, y = make_classification(900, 6, random_state=0)
    train, test = X[:700], X[700:]
    search = NumbaNearestNeighbors(8).fit(train)
    graphs = [search.kneighbors_graph(part, mode="distance") for part in (train, test)]
    precomputed = KNeighborsClassifier(5, metric="precomputed", algorithm="brute")
    ours = precomputed.fit(graphs[0], y[:700]).predict(graphs[1])
    theirs = KNeighborsClassifier(5).fit(train, y[:700]).predict(test)
    np.testing.assert_array_equal(ours, theirs)
