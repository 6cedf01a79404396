"""Kernels against their plain twins, both float widths, in blocks on threads."""

import numpy as np
import pytest

import naive
from skgensample.neighbors import _kernels
from skgensample.neighbors._base import _signature, interpolate
from skgensample.neighbors._threads import compiled, run


def _plan(rng, n, m):
    return rng.randint(n, size=m), rng.randint(n, size=m), rng.uniform(size=m)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_interpolate_equals_twin(rng, dtype):
    Z = (rng.standard_normal((50, 7)) * 10.0 ** rng.randint(-3, 4, 7)).astype(dtype)
    base, neighbor, gap = _plan(rng, 50, 400)
    out = np.empty((400, 7), dtype)
    run(
        compiled(_kernels.interpolate, _signature(np.dtype(dtype))),
        400,
        33,
        Z,
        base,
        neighbor,
        gap,
        out,
    )
    np.testing.assert_array_equal(out, naive.interpolate(Z, base, neighbor, gap))


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_small_and_compiled_paths_agree(rng, dtype):
    Z = rng.standard_normal((300, 30)).astype(dtype)
    base, neighbor, gap = _plan(rng, 300, 5000)
    large = interpolate(Z, base, neighbor, gap, np.empty((5000, 30), dtype))
    small = interpolate(Z, base[:99], neighbor[:99], gap[:99], np.empty((99, 30), dtype))
    np.testing.assert_array_equal(large[:99], small)


def test_interpolate_never_leaves_the_segment():
    Z = np.array([[0.1, -1.0], [0.3, 7e-17]])
    gap = np.nextafter(np.ones(2), 0)
    base, neighbor = np.array([0, 1]), np.array([1, 0])
    out = interpolate(Z, base, neighbor, gap, np.empty((2, 2)))
    assert (out >= Z.min(axis=0)).all() and (out <= Z.max(axis=0)).all()


def test_interpolate_at_the_ends_of_the_float_range():
    top = np.finfo(float).max
    Z = np.array([[top, -top], [-top, top]])
    out = interpolate(Z, np.zeros(3, int), np.ones(3, int), np.array([0, 0.5, 1]), np.empty((3, 2)))
    np.testing.assert_allclose(out, [[top, -top], [0, 0], [-top, top]])


def test_read_only_rows_need_no_second_compilation(rng):
    kernel = compiled(_kernels.interpolate, _signature(np.dtype(float)))
    Z = rng.standard_normal((4, 2))
    Z.flags.writeable = False
    kernel(0, 1, Z, np.array([0]), np.array([1]), np.array([0.5]), np.empty((1, 2)))
    assert len(kernel.signatures) == 1


@pytest.mark.parametrize("gap", [-0.5, 0.0, 0.25, 1.0, 1.5])
def test_both_paths_stay_finite_at_the_ends_of_the_float_range(gap):
    top = np.finfo(float).max
    Z = np.array([[top, -top, 1.0], [-top, top, 3.0]])
    base, neighbor, gaps = np.zeros(40_000, int), np.ones(40_000, int), np.full(40_000, gap)
    large = interpolate(Z, base, neighbor, gaps, np.empty((40_000, 3)))
    small = interpolate(Z, base[:5], neighbor[:5], gaps[:5], np.empty((5, 3)))
    assert np.isfinite(large).all()
    np.testing.assert_array_equal(large[:5], small)
    np.testing.assert_allclose(small[:, 2], 1 + 2 * gap)
