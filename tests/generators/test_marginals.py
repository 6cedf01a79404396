"""One-column mixtures: known answers, limits, and the exact inverse of the transform."""

import numpy as np
import pytest
from scipy import stats

from skgensample.generators._encoding.mixture import MAX_MODES, UnitScale, fit_mixture


def mixture_log_likelihood(mixture, x):
    """Mean log-density by scipy, in the unit of the scaled column."""
    u = mixture.scale.forward(x)[:, None]
    return np.log(stats.norm.pdf(u, mixture.means, mixture.stds) @ mixture.weights).mean()


def test_two_separate_normals_are_found():
    rng = np.random.RandomState(0)
    x = np.r_[rng.normal(0, 1, size=20_000), rng.normal(12, 0.5, size=10_000)]
    mixture = fit_mixture(x)
    order = np.argsort(mixture.means)
    assert mixture.n_modes == 2
    np.testing.assert_allclose(mixture.weights[order], [2 / 3, 1 / 3], atol=0.01)
    np.testing.assert_allclose(mixture.scale.inverse(mixture.means[order]), [0, 12], atol=0.05)
    stds = mixture.stds[order] * np.ptp(x) / 2
    np.testing.assert_allclose(stds, [1, 0.5], rtol=0.05)


def test_one_normal_needs_one_mode():
    assert fit_mixture(np.random.RandomState(0).normal(size=5_000)).n_modes == 1


@pytest.mark.parametrize("seed", [0, 1])
def test_likelihood_is_close_to_that_of_the_true_density(seed):
    rng = np.random.RandomState(seed)
    x = np.r_[rng.normal(0, 1, size=6_000), rng.normal(3, 0.7, size=4_000)]
    mixture = fit_mixture(x)
    true = 0.6 * stats.norm.pdf(x, 0, 1) + 0.4 * stats.norm.pdf(x, 3, 0.7)
    expected = np.log(true).mean() + np.log(np.ptp(x) / 2)
    assert abs(mixture_log_likelihood(mixture, x) - expected) < 0.005


def test_posterior_agrees_with_scipy():
    x = np.random.RandomState(0).exponential(size=3_000)
    mixture = fit_mixture(x)
    u = mixture.scale.forward(x)[:, None]
    joint = mixture.weights * stats.norm.pdf(u, mixture.means, mixture.stds)
    assert mixture.n_modes > 1
    np.testing.assert_allclose(
        mixture.assign(x), joint / joint.sum(axis=1, keepdims=True), atol=1e-9
    )


def test_a_spike_is_an_atom_and_comes_back_exactly():
    rng = np.random.RandomState(0)
    x = np.r_[np.zeros(9_000), np.exp(2 * rng.normal(size=1_000))]
    mixture = fit_mixture(x)
    alpha, modes = mixture.split(x)
    atom = np.flatnonzero(mixture.stds == 0)
    assert len(atom) == 1
    np.testing.assert_allclose(mixture.weights[atom], 0.9)
    assert set(modes[:9_000]) == set(atom) and not np.isin(modes[9_000:], atom).any()
    np.testing.assert_allclose(mixture.join(alpha, modes)[:9_000], 0, atol=1e-12)


def test_split_and_join_are_inverse_but_for_clipped_tails():
    rng = np.random.RandomState(0)
    x = rng.standard_t(3, size=5_000)
    mixture = fit_mixture(x)
    alpha, modes = mixture.split(x)
    inside = np.abs(alpha) < 1
    assert inside.mean() > 0.995
    np.testing.assert_allclose(mixture.join(alpha, modes)[inside], x[inside], atol=1e-9)


def test_each_value_gets_its_most_probable_mode():
    x = np.random.RandomState(0).exponential(size=20_000)
    mixture = fit_mixture(x)
    _, modes = mixture.split(x)
    posterior = mixture.assign(x)
    chosen = posterior[np.arange(len(x)), modes]
    assert mixture.n_modes > 2 and len(set(modes)) > 2
    np.testing.assert_allclose(chosen, posterior.max(axis=1), atol=1e-5)


@pytest.mark.parametrize(
    "x",
    [
        np.array([3.0]),
        np.array([1.0, 2.0]),
        np.ones(10),
        np.array([-1e308, 0.0, 1e308, 1.5e308]),
        np.array([0.0, 5e-324, 1e-323]),
        np.r_[np.linspace(0, 1e-9, 100), 1e9],
        np.repeat(np.arange(40.0), 3),
    ],
    ids=["one", "two", "constant", "huge", "denormal", "outlier", "ties"],
)
def test_awkward_columns_stay_finite_and_in_range(x):
    mixture = fit_mixture(x)
    alpha, modes = mixture.split(x)
    back = mixture.join(alpha, modes)
    assert 1 <= mixture.n_modes <= MAX_MODES
    np.testing.assert_allclose(mixture.weights.sum(), 1)
    assert np.isfinite(back).all()
    assert back.min() >= x.min() and back.max() <= x.max()


def test_scaling_by_a_power_of_two_changes_nothing():
    x = np.random.RandomState(0).gamma(2, size=3_000)
    plain, scaled = fit_mixture(x), fit_mixture(x * 2.0**100)
    np.testing.assert_array_equal(plain.means, scaled.means)
    np.testing.assert_array_equal(plain.stds, scaled.stds)


def test_unit_scale_maps_the_range_to_unit_interval():
    x = np.array([-7.5, 0.0, 100.0])
    scale = UnitScale.fit(x)
    np.testing.assert_allclose(scale.forward(x)[[0, 2]], [-1, 1])
    np.testing.assert_allclose(scale.inverse(scale.forward(x)), x, atol=1e-12)
