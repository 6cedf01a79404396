"""Missing cells in columns of fixed combinations: as frequent in new rows as in the class."""

import numpy as np
import pandas as pd
import pytest

from skgensample import (
    GaussianCopulaResampler,
    NumbaADASYN,
    NumbaBorderlineSMOTE,
    NumbaKMeansSMOTE,
    NumbaSMOTE,
    NumbaSMOTEN,
    NumbaSVMSMOTE,
    SafeLevelSMOTE,
    load,
)
from skgensample.constraints import FixedCombinations, OneHot
from skgensample.neighbors._vote import majority_vote, nearest_categories

pytestmark = pytest.mark.filterwarnings("ignore::skgensample.exceptions.ResamplingWarning")

SAMPLERS = {
    "SMOTE": NumbaSMOTE(),
    "nearest": NumbaSMOTE(category_rule="nearest"),
    "SMOTEN": NumbaSMOTEN(),
    "Borderline": NumbaBorderlineSMOTE(),
    "SVM": NumbaSVMSMOTE(),
    "KMeans": NumbaKMeansSMOTE(kmeans_estimator=3, cluster_balance_threshold=0.05),
    "ADASYN": NumbaADASYN(),
    "SafeLevel": SafeLevelSMOTE(),
}
N, PLACE = 1_200, ["city", "country"]


def places(seed=0):
    """Two numbers and 60 cities in 20 countries, both missing in 28 %, the city alone in 7 %."""
    rng = np.random.default_rng(seed)
    y = (np.arange(N) % 4 == 0).astype(int)
    city = rng.integers(0, 60, N)
    X = pd.DataFrame({
        "a": rng.normal(size=N) + y,
        "b": rng.normal(size=N),
        "city": [f"city {i}" for i in city],
        "country": [f"country {i // 3}" for i in city],
    })  # fmt: skip
    X.loc[rng.random(N) < 0.28, PLACE] = None
    X.loc[rng.random(N) < 0.1, "city"] = None
    return X, y


@pytest.mark.parametrize("name", SAMPLERS)
def test_new_rows_have_the_missing_cells_of_their_base(name):
    X, y = places()
    sampler = SAMPLERS[name].set_params(
        random_state=1, constraints=[FixedCombinations(PLACE)], sampling_strategy={1: 1_500}
    )
    new = sampler.fit_resample(X, y)[0].iloc[N:][PLACE]
    gaps, own = new.isna(), X.loc[y == 1, PLACE].isna()
    base = sampler.synthetic_parents_[:, 0]
    np.testing.assert_array_equal(gaps, X[PLACE].isna().to_numpy()[base])
    np.testing.assert_allclose(gaps.mean(), own.mean(), atol=0.04)
    np.testing.assert_allclose(gaps.all(axis=1).mean(), own.all(axis=1).mean(), atol=0.04)
    known = set(X[PLACE].fillna("").itertuples(index=False, name=None))
    assert set(new.fillna("").itertuples(index=False, name=None)) <= known


def test_samplers_that_prefer_rows_keep_frequencies_exactly():
    """The preferred rows, near the other class, are those without a place."""
    X, y = places()
    gone = X["country"].isna() & (y == 1)
    X["a"] += 3.0 * y - 2.5 * gone
    sampler = NumbaBorderlineSMOTE(
        constraints=[FixedCombinations(PLACE)], sampling_strategy={1: 300 + 1_200}, random_state=0
    )
    new = sampler.fit_resample(X, y)[0].iloc[N:]
    own = X.loc[y == 1, PLACE].isna().sum()
    np.testing.assert_allclose(new[PLACE].isna().sum(), 4 * own, atol=2)


def test_one_hot_groups_with_missing_cells():
    rng = np.random.default_rng(0)
    y = (np.arange(400) % 4 == 0).astype(int)
    flags = np.eye(4)[rng.integers(0, 4, 400)]
    flags[rng.random(400) < 0.3] = np.nan
    X = np.c_[rng.normal(size=(400, 2)), flags]
    sampler = NumbaADASYN(constraints=[OneHot([2, 3, 4, 5])], categorical_features=None)
    new = sampler.set_params(random_state=0).fit_resample(X, y)[0][400:, 2:]
    gone = np.isnan(new).all(axis=1)
    assert abs(gone.mean() - np.isnan(X[y == 1, 2]).mean()) < 0.02
    assert (new[~gone].sum(axis=1) == 1).all()


def test_votes_of_one_gap_pattern():
    """Level 2 is incomplete: most neighbours of base 0 have it, and do not vote."""
    Z = np.array([[0.0], [2], [2], [2], [1]])
    levels = {0: np.array([0, 0, 1])}
    table, bases = np.array([[1, 2, 3, 4], [0, 4, 1, 2], [0, 4, 0, 4]]), np.array([0, 1, 2])
    out, rng = np.empty((3, 1)), np.random.RandomState(0)
    ballot = Z, np.array([0]), table, np.array([0, 1, 2])
    majority_vote(*ballot, rng, out, bases=bases, patterns=levels)
    np.testing.assert_array_equal(out.ravel(), [1, 2, 2])
    parents, step = np.array([[0, 1], [0, 4], [1, 0]]), np.ones(3)
    nearest_categories(Z, np.array([0]), parents, step, out, patterns=levels)
    np.testing.assert_array_equal(out.ravel(), [0, 1, 2])


def test_generators_are_saved_with_such_combinations(tmp_path):
    X, y = places()
    model = GaussianCopulaResampler(constraints=[FixedCombinations(PLACE)], random_state=0)
    model.fit(X, y).save(tmp_path / "model")
    made, again = (m.sample(50)[0] for m in (model, load(tmp_path / "model")))
    pd.testing.assert_frame_equal(made, again)
