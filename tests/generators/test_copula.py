"""The Gaussian copula: scores, correlations behind ties, shrinkage, missing cells."""

import numpy as np
import pytest
from copula_tables import CORRELATION, floats, normal_rows
from scipy import stats
from scipy.integrate import quad
from sklearn.base import clone

from skgensample import GaussianCopulaResampler
from skgensample._runtime import memory
from skgensample.generators._copula.multivariate_normal import (
    latent_correlation,
    positive_definite,
)
from skgensample.generators._copula.normal_scores import NormalScores
from skgensample.generators._encoding.quantiles import (
    LevelQuantiles,
    NumberQuantiles,
    hermite_coefficients,
    interval_scores,
)
from skgensample.table import Column


def one_class(Z, columns=None):
    """Scores of a table of one class."""
    return NormalScores(Z, np.arange(len(Z)), np.array([0, len(Z)]), columns or floats(Z.shape[1]))


def test_interval_scores_are_means_of_the_normal_density():
    counts = np.array([3, 1, 0, 6])
    edges = stats.norm.ppf(np.cumsum(counts) / 10)
    found = interval_scores(counts)
    for low, high, share, score in zip(
        [-np.inf, *edges], [*edges[:-1], np.inf], counts / 10, found
    ):
        mean = quad(lambda z: z * stats.norm.pdf(z), low, high)[0] / share if share else 0.0
        assert score == pytest.approx(mean, abs=1e-8)
    assert counts @ found == pytest.approx(0, abs=1e-12)


def test_hermite_series_is_the_arcsine_law():
    """The covariance of two signs is 2 / pi * arcsin(rho), that of their scores 2 / pi of it."""
    coefficients = hermite_coefficients(np.array([5, 5]), 60)
    for rho in (-0.8, 0.1, 0.6):
        series = (coefficients**2 * rho ** np.arange(1, 61)).sum()
        assert series == pytest.approx((2 / np.pi) ** 2 * np.arcsin(rho), abs=1e-4)


def test_hermite_coefficients_hold_the_variance():
    counts = np.array([50, 20, 20, 10])
    variance = counts @ interval_scores(counts) ** 2 / counts.sum()
    assert (hermite_coefficients(counts, 200) ** 2).sum() == pytest.approx(variance, rel=0.03)


def cut_normal(z):
    """Columns as floats, a flag, an integer of four values and a number that is mostly zero."""
    ordinal = np.searchsorted([-1, 0, 1.2], z[:, 2]).astype(float)
    spiked = np.where(z[:, 3] < 0.5, 0.0, np.exp(z[:, 3]))
    return np.column_stack([z[:, 0] ** 3, z[:, 1] > 0.8, ordinal, spiked])


def test_correlations_behind_ties_are_found(rng):
    """Grouped columns weaken correlations; the estimate takes that back."""
    wanted = np.array(
        [[1, 0.7, -0.6, 0.5], [0.7, 1, -0.4, 0.8], [-0.6, -0.4, 1, 0], [0.5, 0.8, 0, 1]]
    )
    Z = cut_normal(normal_rows(rng, wanted, 20_000))
    scores = one_class(Z)
    plain = np.corrcoef(scores.scores)
    found = scores.correlations()[0]
    np.testing.assert_allclose(found, wanted, atol=0.04)
    assert np.abs(plain - wanted).max() > 0.15


def test_correlation_is_positive_definite(rng):
    broken = np.array([[1, 0.9, -0.9], [0.9, 1, 0.9], [-0.9, 0.9, 1.0]])
    mended = positive_definite(broken)
    assert np.linalg.eigvalsh(mended)[0] > 1e-5
    np.testing.assert_allclose(np.diagonal(mended), 1)
    kept = np.array([[1, 0.5], [0.5, 1]])
    assert positive_definite(kept) is kept


def test_a_column_of_one_value_goes_with_none():
    covariance = np.array([[0.0, 0.0], [0.0, 1.0]])
    coefficients = np.zeros((2, 32))
    coefficients[1, 0] = 1
    np.testing.assert_array_equal(latent_correlation(covariance, coefficients), np.eye(2))


def test_small_classes_lean_on_the_whole(rng):
    """A class of n rows weighs n / (n + d) against the mean, that N / (N + d)."""
    large = normal_rows(rng, np.array([[1, 0.8], [0.8, 1]]), 5_000)
    small = np.column_stack([np.arange(4.0), -np.arange(4.0)])
    Z = np.concatenate([large, small])
    scores = NormalScores(Z, np.arange(5_004), np.array([0, 5_000, 5_004]), floats(2))
    found = [correlation[0, 1] for correlation in scores.correlations()]
    own = scores._correlation(0)[0, 1], scores._correlation(1)[0, 1]
    assert own[1] < -0.9
    pooled = (5_000 * own[0] + 4 * own[1]) / 5_004 * 5_004 / 5_006
    assert found[0] == pytest.approx(5_000 / 5_002 * own[0] + 2 / 5_002 * pooled)
    assert found[1] == pytest.approx(4 / 6 * own[1] + 2 / 6 * pooled)


def test_numbers_keep_spikes_range_and_no_single_value(rng):
    x = np.concatenate([np.zeros(400), rng.lognormal(size=600)])
    distinct, counts = np.unique(x, return_counts=True)
    quantiles = NumberQuantiles(distinct, counts, observed_only=False)
    drawn = quantiles.decode(rng.uniform(size=50_000))
    assert np.mean(drawn == 0) == pytest.approx(0.4, abs=0.01)
    assert stats.ks_2samp(drawn, x).statistic < 0.015
    assert drawn.min() >= x.min() and drawn.max() <= x.max()
    assert not set(quantiles.values) & set(x[x > 0])
    assert quantiles.interval(0.0) == (0.0, 0.4)
    low, high = quantiles.interval(np.median(x))
    assert low == high == pytest.approx(0.5, abs=1e-3)


@pytest.mark.parametrize("scale", [1e-308, 1.0, 1e300, 1.5e308])
def test_numbers_of_any_size(scale):
    values = np.array([-1.0, -0.5, 0.25, 1.0]) * scale
    quantiles = NumberQuantiles(values, np.ones(4, dtype=int), observed_only=False)
    drawn = quantiles.decode(np.linspace(0, 1, 101))
    assert np.isfinite(drawn).all() and (np.diff(drawn) > 0).all()
    assert drawn[0] >= values[0] and drawn[-1] <= values[-1]


def test_many_values_are_thinned(rng):
    x = np.concatenate([rng.standard_normal(50_000), np.full(500, 0.3)])
    distinct, counts = np.unique(x, return_counts=True)
    quantiles = NumberQuantiles(distinct, counts, observed_only=False)
    assert len(quantiles.values) <= 4_096
    drawn = quantiles.decode(rng.uniform(size=100_000))
    assert stats.ks_2samp(drawn, x).statistic < 0.01
    assert np.mean(drawn == 0.3) == pytest.approx(500 / 50_500, abs=0.002)


def test_levels_have_their_shares():
    quantiles = LevelQuantiles(np.array([2, 0, 1]), np.array([1.0, 1.0, 2.0]))
    np.testing.assert_array_equal(
        quantiles.decode(np.array([0.0, 0.49, 0.6, 0.9, 1])), [2, 2, 0, 1, 1]
    )
    assert quantiles.interval(0) == (0.5, 0.75)


def test_levels_are_put_in_the_order_that_other_columns_give(rng):
    """Codes without order, of which a number depends: the copula keeps most of the dependence."""
    place = rng.permutation(12)
    codes = rng.randint(12, size=4_000)
    Z = np.column_stack([codes, place[codes] + rng.standard_normal(4_000)]).astype(float)
    columns = [
        Column(name=0, index=0, kind="categorical", lo=0, hi=11, n_levels=12),
        *floats(2)[1:],
    ]
    scores = one_class(Z, columns)
    order = scores.quantiles[0][0].order
    assert abs(stats.spearmanr(place[order], np.arange(12))[0]) > 0.99
    assert abs(scores.correlations()[0][0, 1]) > 0.9


def test_rare_levels_are_not_placed_by_chance(rng):
    """A category of many rare levels seems to fit any number if each is placed by its own row."""
    Z = np.column_stack([np.arange(2_000) // 2, rng.standard_normal(2_000)]).astype(float)
    columns = [
        Column(name=0, index=0, kind="categorical", lo=0, hi=999, n_levels=1_000),
        *floats(2)[1:],
    ]
    assert abs(one_class(Z, columns).correlations()[0][0, 1]) < 0.1


def test_columns_go_together_as_in_the_table(mixed_frame):
    X, y = mixed_frame
    X = X.assign(double=X["amount"] * 2, rest=-X["visits"])
    made, labels = GaussianCopulaResampler(random_state=0).fit(X, y).sample(2_000, y=1)
    assert (labels == 1).all() and (made.dtypes == X.dtypes).all()
    assert stats.spearmanr(made["amount"], made["double"])[0] > 0.8
    assert stats.spearmanr(made["visits"], made["rest"])[0] < -0.7


def test_missing_cells_stay_together():
    """Two columns missing together stay so; the share of missing cells and the values as well."""
    rng = np.random.RandomState(0)
    z = normal_rows(rng, CORRELATION, 8_000)
    gone = z[:, 0] > 1
    Z = np.column_stack([z, rng.randint(3, size=8_000)])
    Z[gone, 1] = Z[gone, 2] = np.nan
    Z[rng.uniform(size=8_000) < 0.1, 4] = np.nan
    level = Column(name=4, index=4, kind="categorical", lo=0, hi=2, n_levels=3)
    y = np.arange(8_000) % 2
    sampler = GaussianCopulaResampler()
    model = sampler._fit_generator(Z, y, [*floats(4), level], rng)
    made = sampler._generate(model, 1, 8_000, rng, np.empty((8_000, 5)))
    empty = np.isnan(made)
    np.testing.assert_allclose(empty.mean(axis=0), np.isnan(Z).mean(axis=0), atol=0.02)
    assert np.mean(empty[:, 1] == empty[:, 2]) > 0.98
    assert made[empty[:, 1], 0].mean() == pytest.approx(z[gone, 0].mean(), abs=0.25)
    shown = ~empty[:, 1]
    assert np.corrcoef(made[shown, 0], made[shown, 1])[0, 1] == pytest.approx(
        np.corrcoef(z[~gone, 0], z[~gone, 1])[0, 1], abs=0.12
    )
    assert set(made[~empty[:, 4], 4]) == {0, 1, 2}


def test_gaps_in_every_column_and_columns_of_gaps_only():
    """No complete column is left to lean on; a class may miss a column that others have."""
    rng = np.random.RandomState(0)
    X, y = rng.standard_normal((200, 3)), np.arange(200) % 2
    X[rng.uniform(size=X.shape) < 0.2] = np.nan
    X[y == 1, 0] = np.nan
    made, labels = GaussianCopulaResampler(random_state=0).fit(X, y).sample(400)
    assert np.isnan(made[labels == 1, 0]).mean() > 0.95
    assert np.isnan(made[labels == 0]).mean() == pytest.approx(0.2, abs=0.05)
    X[:] = np.nan
    assert np.isnan(GaussianCopulaResampler().fit(X, y).sample(9)[0]).all()


def test_threads_make_no_difference():
    """Sums run in one order: the same bits on one thread of BLAS or two, for 80 columns."""
    threadpoolctl = pytest.importorskip("threadpoolctl")
    rng = np.random.RandomState(0)
    X, y = rng.standard_normal((400, 80)) @ rng.standard_normal((80, 80)), np.arange(400) % 4 == 0
    made = []
    for threads in (1, 2):
        with threadpoolctl.threadpool_limits(threads):
            made.append(GaussianCopulaResampler(random_state=0).fit_resample(X, y)[0])
    assert made[0].tobytes() == made[1].tobytes()


def test_too_wide_tables_are_refused(monkeypatch):
    monkeypatch.setattr(memory, "available_memory", lambda: 10**10)
    X, y = np.zeros((4, 30_000)), [0, 0, 1, 1]
    with pytest.raises(ValueError, match="bytes"):
        GaussianCopulaResampler().fit(X, y)


def test_fitting_draws_nothing(blobs):
    """Another seed, the same model: only the rows drawn differ."""
    models = [GaussianCopulaResampler(random_state=seed).fit(*blobs) for seed in (0, 1)]
    rows = [model.sample(20, random_state=5)[0] for model in models]
    np.testing.assert_array_equal(*rows)
    assert not np.array_equal(models[0].sample(20)[0], models[1].sample(20)[0])
    assert clone(models[0]).random_state == 0
