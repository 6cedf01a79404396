"""Kernels against their plain twins, both float widths, parallel and serial."""

import naive
import numpy as np
import pytest
from numba import types

from skgensample.neighbors import _kernels
from skgensample.neighbors._base import _signature, interpolate
from skgensample.neighbors._search import _nearest, _nearest_small
from skgensample.neighbors._threads import compiled


def _plan(rng, n, m):
    return rng.randint(n, size=m), rng.randint(n, size=m), rng.uniform(size=m)


@pytest.mark.parametrize("parallel", [True, False])
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_interpolate_equals_twin(rng, dtype, parallel):
    Z = (rng.standard_normal((50, 7)) * 10.0 ** rng.randint(-3, 4, 7)).astype(dtype)
    base, neighbor, gap = _plan(rng, 50, 400)
    out = np.empty((400, 7), dtype)
    compiled(_kernels.interpolate, _signature(np.dtype(dtype)), parallel)(
        Z, base, neighbor, gap, out
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


@pytest.mark.parametrize("parallel", [True, False])
@pytest.mark.parametrize("exclude_self", [True, False])
def test_nearest_equals_twin(rng, exclude_self, parallel):
    # integer coordinates: many exact ties, which go to the smaller row number
    X = rng.randint(0, 4, size=(60, 3)).astype(float)
    Q = X if exclude_self else rng.randint(0, 4, size=(25, 3)).astype(float)
    squared, indices = np.empty((len(Q), 8)), np.empty((len(Q), 8), np.int64)
    compiled(_kernels.nearest, _nearest, parallel)(
        Q, X, 0 if exclude_self else -1, 8, squared, indices
    )
    expected = naive.nearest(Q, X, 8, exclude_self)
    np.testing.assert_array_equal(squared, expected[0])
    np.testing.assert_array_equal(indices, expected[1])
    small = _nearest_small(Q, X, 8, exclude_self)
    np.testing.assert_array_equal(squared, small[0])
    np.testing.assert_array_equal(indices, small[1])


def test_serial_and_parallel_are_cached_apart():
    signature = _signature(np.dtype(float))
    names = {compiled(_kernels.interpolate, signature, p).__qualname__ for p in (True, False)}
    assert len(names) == 2


def test_read_only_rows_need_no_second_compilation(rng):
    kernel = compiled(_kernels.interpolate, _signature(np.dtype(float)), False)
    before = len(kernel.signatures)
    Z = rng.standard_normal((4, 2))
    Z.flags.writeable = False
    kernel(Z, np.array([0]), np.array([1]), np.array([0.5]), np.empty((1, 2)))
    assert len(kernel.signatures) == before == 1
    assert kernel.signatures[0][0] == types.Array(types.float64, 2, "C", readonly=True)
