"""Interpolation of rows with missing cells: the base's gaps, the values of both parents."""

import numpy as np
import pytest
from scipy import sparse
from sklearn.neighbors import NearestNeighbors
from sklearn.tree import DecisionTreeClassifier
from sklearn.utils import get_tags

from skgensample import (
    NumbaADASYN,
    NumbaBorderlineSMOTE,
    NumbaKMeansSMOTE,
    NumbaNearestNeighbors,
    NumbaRandomOverSampler,
    NumbaSMOTE,
    NumbaSMOTEN,
    NumbaSMOTENC,
    NumbaSVMSMOTE,
    SafeLevelSMOTE,
)
from skgensample.neighbors._gaps import filled

pytestmark = pytest.mark.filterwarnings("ignore::skgensample.exceptions.ResamplingWarning")

#: Interpolators; SVM-SMOTE without extrapolation.
FAMILY = {
    "SMOTE": NumbaSMOTE(),
    "SMOTENC": NumbaSMOTENC(),
    "Borderline": NumbaBorderlineSMOTE(),
    "borderline-2": NumbaBorderlineSMOTE(kind="borderline-2"),
    "SVM": NumbaSVMSMOTE(out_step=0.0),
    "SVM, few rows": NumbaSVMSMOTE(out_step=0.0, svm_neighbors=5),
    "KMeans": NumbaKMeansSMOTE(kmeans_estimator=3, cluster_balance_threshold=0.05),
    "ADASYN": NumbaADASYN(),
    "SafeLevel": SafeLevelSMOTE(),
}
N = 400
CODES = [2, 3]


def mixed_table(seed=0, share=0.2):
    """Two numeric columns and two of codes, with gaps, more of them in the second class."""
    rng = np.random.RandomState(seed)
    y = (np.arange(N) % 4 == 0).astype(int)
    X = rng.standard_normal((N, 4)) + y[:, None]
    X[:, CODES] = rng.randint(0, 4, (N, 2))
    gap = rng.rand(N, 4) < share * (1 + y[:, None]) * [1, 0.5, 1, 0.2]
    return np.where(gap, np.nan, X), y


@pytest.mark.parametrize(
    "options", [{}, {"category_rule": "nearest", "scale": "quantile"}], ids=str
)
@pytest.mark.parametrize("name", FAMILY)
def test_new_cells_are_those_of_the_rule(name, options):
    X, y = mixed_table()
    sampler = FAMILY[name].set_params(
        random_state=0, categorical_features=CODES, category_rule="vote", scale=None
    )
    sampler.set_params(**options)
    X_all, y_all = sampler.fit_resample(X, y)
    np.testing.assert_array_equal(X_all[:N], X)
    assert (y_all[N:] == 1).all()
    new, (base, neighbor) = X_all[N:], sampler.synthetic_parents_.T
    a, b = X[base], X[neighbor]
    np.testing.assert_array_equal(np.isnan(new), np.isnan(a))
    for j in (0, 1):
        both = ~np.isnan(a[:, j]) & ~np.isnan(b[:, j])
        low, high = np.minimum(a, b)[both, j], np.maximum(a, b)[both, j]
        assert both.sum() > 20
        assert ((new[both, j] >= low) & (new[both, j] <= high)).all()
        alone = ~np.isnan(a[:, j]) & np.isnan(b[:, j])
        np.testing.assert_array_equal(new[alone, j], a[alone, j])
    for j in CODES:
        assert set(new[:, j][~np.isnan(new[:, j])]) <= {0.0, 1.0, 2.0, 3.0}
        alone = ~np.isnan(a[:, j]) & np.isnan(b[:, j])
        if options:
            np.testing.assert_array_equal(new[alone, j], a[alone, j])
            pairs = (new[:, j] == a[:, j]) | (new[:, j] == b[:, j]) | np.isnan(new[:, j])
            assert pairs.all()


@pytest.mark.parametrize("kind", [NumbaSMOTE, NumbaSMOTEN, NumbaRandomOverSampler])
def test_proportions_of_gaps_are_kept(kind):
    X, y = mixed_table()
    own = np.isnan(X[y == 1]).mean(axis=0)
    sampler = kind(random_state=0, sampling_strategy={1: 4_000})
    if kind is NumbaRandomOverSampler:
        sampler.set_params(shrinkage=0.5)
    new = sampler.fit_resample(X, y)[0][N:]
    np.testing.assert_allclose(np.isnan(new).mean(axis=0), own, atol=0.04)


def test_gaps_elsewhere_change_nothing():
    """Rows of the class are complete: they get the neighbours and rows of a complete table."""
    X, y = mixed_table(share=0)
    expected = NumbaSMOTE(random_state=0, categorical_features=CODES).fit_resample(X, y)[0][N:]
    X[y == 0, 0] = np.where(np.arange((y == 0).sum()) % 3, X[y == 0, 0], np.nan)
    found = NumbaSMOTE(random_state=0, categorical_features=CODES).fit_resample(X, y)[0][N:]
    np.testing.assert_array_equal(found, expected)


def test_scales_beyond_squares():
    """Standard deviations whose squares overflow, next to categories: the same parents."""
    X, y = mixed_table()
    parents = []
    for scale in (1.0, 2.0**600, 2.0**-600):
        sampler = NumbaADASYN(random_state=0, categorical_features=CODES)
        sampler.fit_resample(X * [scale, scale, 1, 1], y)
        parents.append(sampler.synthetic_parents_)
    np.testing.assert_array_equal(parents[0], parents[1])
    np.testing.assert_array_equal(parents[0], parents[2])


def test_votes_are_cast_by_neighbours_that_have_a_category():
    X = np.full((8, 2), np.nan)
    X[:, 0] = [0, 1, 2, 3, 100, 101, 102, 103]
    X[:4, 1] = [0, np.nan, 1, np.nan]
    X[4:, 1] = 0
    y = np.array([1, 1, 1, 1, 0, 0, 0, 0])
    sampler = NumbaSMOTE(
        k_neighbors=2, random_state=0, categorical_features=[1], sampling_strategy={1: 40, 0: 4}
    )
    new = sampler.fit_resample(X, y)[0][8:]
    base = sampler.synthetic_parents_[:, 0]
    assert np.isnan(new[np.isin(base, [1, 3]), 1]).all()
    # of rows 1 and 2, the neighbours of row 0, only row 2 has a category; rows 1 and 3, those of
    # row 2, have none, and it keeps its own
    assert (new[base == 0, 1] == 1).all() and (new[base == 2, 1] == 1).all()


def test_smoten_votes_and_keeps_gaps():
    rng = np.random.RandomState(0)
    X = rng.choice(["a", "b", "c"], (120, 4)).astype(object)
    X[rng.rand(120, 4) < 0.3] = None
    y = (np.arange(120) % 4 == 0).astype(int)
    sampler = NumbaSMOTEN(random_state=0)
    new = sampler.fit_resample(X, y)[0][120:]
    gap = np.array([[cell is None for cell in row] for row in X])
    made = np.array([[cell is None for cell in row] for row in new])
    np.testing.assert_array_equal(made, gap[sampler.synthetic_parents_[:, 0]])
    with pytest.raises(ValueError, match="give the number of neighbours"):
        NumbaSMOTEN(k_neighbors=NearestNeighbors(n_neighbors=3)).fit_resample(X, y)


def test_neighbours_without_a_common_column_are_not_chosen():
    """The class's third row has nothing in common with others: its new rows are its own."""
    X = np.array([[1.0, np.nan], [2.0, np.nan], [np.nan, 7.0], [5.0, 5.0], [6.0, 6.0], [7.0, 7.0]])
    X = np.vstack([X, X[3:] + 10])
    y = np.array([1, 1, 1, *[0] * 6])
    sampler = NumbaSMOTE(k_neighbors=2, random_state=0, sampling_strategy={1: 60})
    new = sampler.fit_resample(X, y)[0][9:]
    base, neighbor = sampler.synthetic_parents_.T
    assert set(zip(base.tolist(), neighbor.tolist())) == {(0, 1), (1, 0), (2, 2)}
    assert (new[base == 2, 1] == 7).all()


def test_a_class_without_any_common_column_is_an_error():
    X = np.full((12, 3), 1.0)
    X[:3] = np.where(np.eye(3) > 0, 1.0, np.nan)
    y = np.array([1] * 3 + [0] * 9)
    for sampler in (NumbaSMOTE(k_neighbors=2), NumbaSMOTEN(k_neighbors=2)):
        with pytest.raises(ValueError, match="Class 1: no two of its rows"):
            sampler.fit_resample(X, y)


def test_estimators_as_neighbours():
    rng = np.random.RandomState(0)
    X, y = mixed_table()
    X = np.where(np.isnan(X), np.nan, rng.standard_normal(X.shape))  # no ties
    expected = NumbaSMOTE(k_neighbors=4, random_state=0).fit_resample(X, y)[0]
    searches = [NumbaNearestNeighbors(5), NumbaNearestNeighbors(5, metric="mixed")]
    for search in searches:
        found = NumbaSMOTE(k_neighbors=search, random_state=0).fit_resample(X, y)[0]
        np.testing.assert_array_equal(found, expected)
    own = NearestNeighbors(n_neighbors=5, metric="nan_euclidean")
    found = NumbaSMOTE(k_neighbors=own, random_state=0).fit_resample(X, y)[0]
    assert found.shape == expected.shape
    refused = [NearestNeighbors(n_neighbors=5), NumbaNearestNeighbors(5, metric="manhattan")]
    for search in refused:
        with pytest.raises(ValueError, match="k_neighbors"):
            NumbaSMOTE(k_neighbors=search).fit_resample(X, y)


def test_what_stays_refused():
    X, y = mixed_table()
    with pytest.raises(ValueError, match="toarray"):
        NumbaSMOTE().fit_resample(sparse.csr_matrix(X), y)
    X[5, 1] = np.inf
    with pytest.raises(ValueError, match="infinity: column 1, row 5"):
        NumbaSMOTE().fit_resample(X, y)
    assert get_tags(NumbaSMOTE()).input_tags.allow_nan


def test_the_same_seed_gives_the_same_rows():
    X, y = mixed_table()
    first = NumbaADASYN(random_state=3, categorical_features=CODES).fit_resample(X, y)[0]
    again = NumbaADASYN(random_state=3, categorical_features=CODES).fit_resample(X, y)[0]
    np.testing.assert_array_equal(first, again)


def test_large_tables_are_written_by_the_kernels_alike():
    """More cells than NumPy writes: compiled interpolation, gaps put back afterwards."""
    X, y = mixed_table()
    small = NumbaSMOTE(random_state=0, sampling_strategy={1: 40_000})
    X_all = small.fit_resample(X, y)[0]
    new, (base, neighbor) = X_all[N:], small.synthetic_parents_.T
    np.testing.assert_array_equal(np.isnan(new), np.isnan(X[base]))
    both = ~np.isnan(X[base] + X[neighbor])
    low = np.minimum(X[base], X[neighbor])[both]
    high = np.maximum(X[base], X[neighbor])[both]
    assert ((new[both] >= low) & (new[both] <= high)).all()


def test_means_and_modes_of_classes():
    nan = np.nan
    Z = np.array([[1.0, 2, nan], [3.0, nan, nan], [nan, 2, nan], [7.0, 0, nan], [nan, nan, nan]])
    made = filled(Z, np.array([0, 0, 0, 1, 2]), np.array([1]))
    overall = np.mean([1, 3, 7])
    expected = [[1, 2, 0], [3, 2, 0], [2, 2, 0], [7, 0, 0], [overall, 2, 0]]
    np.testing.assert_allclose(made, expected)


def test_in_a_pipeline_with_trees_that_take_gaps():
    from imblearn.pipeline import make_pipeline

    X, y = mixed_table()
    model = make_pipeline(NumbaSMOTE(random_state=0), DecisionTreeClassifier(random_state=0))
    assert model.fit(X, y).score(X, y) > 0.9


def near_and_far(rng, share=0.3, n=1_200):
    """A class whose complete rows are far from the other class, and incomplete ones near it."""
    y = (np.arange(n) % 4 == 0).astype(int)
    X = rng.standard_normal((n, 6)) + 3.0 * y[:, None]
    incomplete = (y == 1) & (rng.rand(n) < share)
    X[incomplete] -= 2.2
    X[incomplete, :3] = np.nan
    return X, y


def scattered(rng, n=1_200):
    """Gaps of 30 % of all cells, of nearly as many patterns as rows."""
    y = (np.arange(n) % 4 == 0).astype(int)
    X = rng.standard_normal((n, 8)) + 1.2 * y[:, None]
    return np.where(rng.rand(n, 8) < 0.3, np.nan, X), y


def wholly_empty(rng, n=1_200):
    """Rows of the class of which 37 % are empty."""
    y = (np.arange(n) % 4 == 0).astype(int)
    X = rng.standard_normal((n, 4)) + 1.5 * y[:, None]
    X[(y == 1) & (rng.rand(n) < 0.37)] = np.nan
    return X, y


@pytest.mark.parametrize("table", [near_and_far, scattered, wholly_empty])
@pytest.mark.parametrize("name", FAMILY)
def test_every_interpolator_keeps_the_proportion_of_missing_cells(name, table):
    X, y = table(np.random.RandomState(0))
    sampler = FAMILY[name].set_params(
        random_state=0, categorical_features=None, category_rule="vote", scale=None
    )
    if name == "SMOTENC":
        sampler.set_params(categorical_features=[3])
        X[:, 3] = np.sign(X[:, 3])
    new = np.isnan(sampler.fit_resample(X, y)[0][len(X) :])
    own = np.isnan(X[y == 1])
    # up to twice the standard error of the sampler's draws of rows
    tolerance = 2.5 * np.sqrt(0.25 / len(new)) + 0.015
    np.testing.assert_allclose(new.mean(), own.mean(), atol=tolerance)
    np.testing.assert_allclose(new.all(axis=1).mean(), own.all(axis=1).mean(), atol=tolerance)
    np.testing.assert_allclose(new.mean(axis=0), own.mean(axis=0), atol=tolerance)
    if table is near_and_far and "SVM" not in name:  # no row is made twice
        made = sampler.fit_resample(X, y)[0][len(X) :]
        assert len(np.unique(made, axis=0)) > 0.98 * len(made)
