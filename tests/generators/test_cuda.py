"""Training and sampling on a GPU, where there is one."""

import numpy as np
import pytest
from sklearn.base import clone

from conftest import GENERATORS, SAMPLERS

torch = pytest.importorskip("torch")
pytestmark = pytest.mark.skipif(not torch.cuda.is_available(), reason="there is no CUDA device")


def table():
    rng = np.random.default_rng(0)
    X = np.column_stack([rng.normal(size=(200, 3)), rng.integers(0, 3, 200)])
    return X, (np.arange(200) % 4 == 0).astype(int)


@pytest.mark.parametrize("name", GENERATORS)
def test_generators_train_and_draw_on_cuda(name):
    X, y = table()
    sampler = SAMPLERS[name]().set_params(device="cuda")
    X_all, y_all = sampler.fit_resample(X, y)
    assert sampler.device_.startswith("cuda")
    assert np.isfinite(X_all).all() and np.bincount(y_all).tolist() == [150, 150]
    np.testing.assert_array_equal(X_all[:200], X)


@pytest.mark.parametrize("name", GENERATORS)
def test_same_seed_same_rows_on_cuda(name):
    X, y = table()
    sampler = SAMPLERS[name]().set_params(device="cuda")
    first, again = (clone(sampler).fit_resample(X, y)[0] for _ in range(2))
    np.testing.assert_allclose(first, again, rtol=1e-4, atol=1e-4)


def test_auto_is_cuda():
    X, y = table()
    sampler = SAMPLERS["TVAEResampler"]().set_params(device="auto").fit(X, y)
    assert sampler.device_.startswith("cuda")


def test_searches_stay_on_the_cpu():
    X, y = table()
    before = torch.cuda.memory_allocated()
    SAMPLERS["NumbaSMOTE"]().fit_resample(X, y)
    assert torch.cuda.memory_allocated() == before
