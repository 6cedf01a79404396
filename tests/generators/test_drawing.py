"""Kernels that turn outputs into rows, against their plain twins."""

import numba
import numpy as np
import pytest
from scipy import stats

import naive
from skgensample.compiling import RELAXED
from skgensample.generators._drawing import ROWS, drawn_codes, straightened
from skgensample.generators._exponential import exp

KINDS = pytest.mark.parametrize("kind", [np.float32, np.float64])


@numba.njit(fastmath=set(RELAXED))  # what a kernel's arithmetic is makes no difference
def exponential_of(x):
    out = np.empty_like(x)
    for i in range(len(x)):
        out[i] = exp(x[i])
    return out


@KINDS
def test_exponential_to_the_last_digits(kind):
    limit = {np.float32: 87, np.float64: 708}[kind]
    x = np.concatenate([np.linspace(-limit, limit, 100_001), np.linspace(-1, 1, 10_001), [0.0]])
    x = x.astype(kind)
    exact = np.exp(x.astype(np.longdouble))
    off = np.abs(exponential_of(x) - exact) / exact
    assert off.max() < 4 * np.finfo(kind).eps
    assert exponential_of(np.zeros(3, kind)).tolist() == [1, 1, 1]


@KINDS
def test_exponential_beyond_its_limits(kind):
    limit = {np.float32: 87, np.float64: 708}[kind]
    found = exponential_of(np.array([np.nan, np.inf, -np.inf, 5e3, -5e3, limit, -limit], kind))
    assert np.isnan(found[0])
    np.testing.assert_array_equal(found[1:], found[[5, 6, 5, 6, 5, 6]])
    assert 0 < found[6] < 1e-37 and np.isfinite(found[5]) and found[5] > 1e37


@KINDS
@pytest.mark.parametrize("n", [1, ROWS - 1, ROWS, 3 * ROWS + 5])
def test_codes_are_those_of_the_plain_twin(kind, n):
    rng = np.random.RandomState(n)
    widths, n_scalars = np.array([1, 2, 2, 7, 30]), 3
    starts = n_scalars + np.cumsum(widths) - widths
    ends = np.array([starts, starts + widths])
    logits = (4 * rng.normal(size=(n, ends[1, -1]))).astype(kind)
    logits[0, n_scalars:] *= 200  # spans whose greatest logits lie far apart
    shifts = rng.normal(size=widths.sum()).astype(kind)
    draws = rng.uniform(size=(len(widths), n)).astype(kind)
    given = logits.copy()
    found = drawn_codes(logits, shifts, ends, draws)
    np.testing.assert_array_equal(found, naive.drawn_codes(logits, shifts, ends, draws))
    np.testing.assert_array_equal(logits, given)


def test_codes_follow_the_softmax_and_the_ends_of_the_draws():
    n = 20_000
    logits = np.repeat(np.array([[0.0, 1.0, 2.0]], np.float32), n, axis=0)
    ends, shifts = np.array([[0], [3]]), np.log(np.array([1, 1, 2], np.float32))
    draws = np.random.RandomState(1).uniform(size=(1, n)).astype(np.float32)
    draws[0, :2] = 0, np.nextafter(np.float32(1), np.float32(0))
    codes = drawn_codes(logits, shifts, ends, draws)[:, 0]
    assert codes[0] == 0 and codes[1] == 2
    weights = np.exp([0, 1, 2]) * [1, 1, 2]
    assert stats.chisquare(np.bincount(codes), n * weights / weights.sum()).pvalue > 0.01


@KINDS
def test_lines_are_those_of_the_plain_twin(kind):
    rng = np.random.RandomState(0)
    scores = (3 * rng.normal(size=(1_000, 4))).astype(kind)
    knots = np.sort(rng.normal(size=(2, 50)), axis=1)
    knots[0, 10:13] = knots[0, 10]  # several values at one knot
    knots[1] = knots[1].astype(kind)
    values = np.sort(rng.normal(size=50))
    scores[:50, 3] = knots[1]
    given = scores.copy()
    straightened(scores, np.array([1, 3]), knots, values)
    np.testing.assert_array_equal(scores[:, [0, 2]], given[:, [0, 2]])
    for k, column in zip(knots, (1, 3)):
        expected = naive.straightened(given[:, column].astype(float), k, values)
        np.testing.assert_allclose(scores[:, column], expected, rtol=4 * np.finfo(kind).eps)


def test_a_missing_score_stays_missing():
    scores = np.array([[np.nan], [0.5]])
    straightened(scores, np.array([0]), np.array([[0.0, 1.0]]), np.array([0.0, 2.0]))
    assert np.isnan(scores[0, 0]) and scores[1, 0] == 1
