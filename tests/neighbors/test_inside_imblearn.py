"""Our samplers and search inside imbalanced-learn's own, which ask for its classes."""

import numpy as np
import pytest
from imblearn.combine import SMOTEENN, SMOTETomek
from imblearn.over_sampling import SMOTE, SMOTENC
from imblearn.under_sampling import NeighbourhoodCleaningRule
from sklearn.base import clone
from sklearn.neighbors import NearestNeighbors

from skgensample import (
    NumbaBorderlineSMOTE,
    NumbaNearestNeighbors,
    NumbaRandomOverSampler,
    NumbaSMOTE,
    NumbaSMOTENC,
)


@pytest.mark.parametrize("combined", [SMOTEENN, SMOTETomek])
@pytest.mark.parametrize("strategy", ["auto", {1: 50, 2: 40}])
def test_combined_samplers_give_the_same_rows(combined, strategy, three_classes):
    ours, theirs = (  # one stream for all classes, as in imbalanced-learn
        combined(
            smote=kind(sampling_strategy=strategy, random_state=np.random.RandomState(0))
        ).fit_resample(*three_classes)
        for kind in (NumbaSMOTE, SMOTE)
    )
    assert np.allclose(ours[0], theirs[0], rtol=1e-12) and np.array_equal(ours[1], theirs[1])
    assert np.bincount(ours[1])[2] > 15


@pytest.mark.parametrize("combined", [SMOTEENN, SMOTETomek])
def test_tables_with_categories(combined, rng):
    y = np.repeat([0, 1], [60, 20])
    X = np.column_stack([rng.normal(size=(80, 2)) + 3 * y[:, None], rng.randint(3, size=80)])
    sampler = clone(combined(smote=NumbaSMOTENC([2], random_state=0)))
    X_res, y_res = sampler.fit_resample(X, y)
    assert set(X_res[:, 2]) <= {0, 1, 2} and (y_res == 1).sum() > 20


def test_instances():
    assert isinstance(NumbaSMOTE(), SMOTE) and isinstance(NumbaSMOTENC(), SMOTE)
    assert not isinstance(NumbaSMOTE(), SMOTENC)
    assert not isinstance(SMOTE(), NumbaSMOTE)
    for other in (NumbaBorderlineSMOTE(), NumbaRandomOverSampler()):  # as in imbalanced-learn
        assert not isinstance(other, SMOTE)


def test_neighbourhood_cleaning_rule_takes_our_search(three_classes):
    X, y = three_classes
    ours, theirs = (
        NeighbourhoodCleaningRule(n_neighbors=kind(n_neighbors=4)).fit_resample(X, y)
        for kind in (NumbaNearestNeighbors, NearestNeighbors)
    )
    assert np.array_equal(ours[0], theirs[0]) and np.array_equal(ours[1], theirs[1])
    assert len(ours[1]) < len(y)
