"""Kernels equal their reference implementations, in both float dtypes, in blocks on threads."""

import numpy as np
import pytest

import naive
from skgensample._runtime.jit import compiled
from skgensample._runtime.threads import run
from skgensample.neighbors import _kernels
from skgensample.neighbors._base import _signature, interpolate_plan
from skgensample.neighbors._plan import Plan


def _plan(rng, n, m, k=3):
    """m random pairs of n rows: each row's k neighbours are random ones."""
    table = rng.randint(n, size=(n, k))
    return Plan(rng.permutation(n), table, rng.randint(table.size, size=m), rng.uniform(size=m))


def _pairs(base, neighbor, step):
    """A plan of the given pairs."""
    table = np.array(neighbor)[:, None]
    return Plan(np.array(base), table, np.arange(len(table)), np.array(step, dtype=float))


def _written(Z, plan):
    """Rows of a plan, and their parents."""
    parents = np.empty((len(plan.pick), 2), np.int32)
    out = np.empty((len(parents), Z.shape[1]), Z.dtype)
    return interpolate_plan(Z, plan, parents, out), parents


@pytest.mark.parametrize("whole", [np.int32, np.int64])
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_interpolate_equals_reference(rng, dtype, whole):
    Z = (rng.standard_normal((50, 7)) * 10.0 ** rng.randint(-3, 4, 7)).astype(dtype)
    plan = _plan(rng, 50, 400)
    pairs = (plan.bases, plan.table, plan.pick, plan.step)
    parents, out = np.empty((400, 2), whole), np.empty((400, 7), dtype)
    code = compiled(_kernels.interpolate, _signature(np.dtype(dtype), whole))
    run(code, 400, 33, Z, *pairs, parents, out)
    base, neighbor = naive.parents(*pairs[:3])
    np.testing.assert_array_equal(parents, np.transpose([base, neighbor]))
    np.testing.assert_array_equal(out, naive.interpolate(Z, base, neighbor, plan.step))


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_small_and_compiled_paths_agree(rng, dtype):
    Z, plan = rng.standard_normal((300, 30)).astype(dtype), _plan(rng, 300, 5000)
    small = Plan(plan.bases, plan.table, plan.pick[:99], plan.step[:99])
    for large, few in zip(_written(Z, plan), _written(Z, small)):
        np.testing.assert_array_equal(large[:99], few)


def test_interpolate_never_leaves_the_segment():
    Z = np.array([[0.1, -1.0], [0.3, 7e-17]])
    step = np.nextafter(np.ones(2), 0)
    out, _ = _written(Z, _pairs([0, 1], [1, 0], step))
    assert (out >= Z.min(axis=0)).all() and (out <= Z.max(axis=0)).all()


def test_interpolate_at_the_ends_of_the_float_range():
    top = np.finfo(float).max
    Z = np.array([[top, -top], [-top, top]])
    out, _ = _written(Z, _pairs([0] * 3, [1] * 3, [0, 0.5, 1]))
    np.testing.assert_allclose(out, [[top, -top], [0, 0], [-top, top]])


def test_read_only_rows_need_no_second_compilation(rng):
    kernel = compiled(_kernels.interpolate, _signature(np.dtype(float)))
    Z = rng.standard_normal((4, 2))
    Z.flags.writeable = False
    plan = _pairs([0], [1], [0.5])
    pairs = (plan.bases, plan.table, plan.pick, plan.step)
    kernel(0, 1, Z, *pairs, np.empty((1, 2), np.int32), np.empty((1, 2)))
    assert len(kernel.signatures) == 1


@pytest.mark.parametrize("step", [-0.5, 0.0, 0.25, 1.0, 1.5])
def test_both_paths_stay_finite_at_the_ends_of_the_float_range(step):
    top = np.finfo(float).max
    Z = np.array([[top, -top, 1.0], [-top, top, 3.0]])
    large, small = (_written(Z, _pairs([0] * n, [1] * n, [step] * n))[0] for n in (40_000, 5))
    assert np.isfinite(large).all()
    np.testing.assert_array_equal(large[:5], small)
    np.testing.assert_allclose(small[:, 2], 1 + 2 * step)
