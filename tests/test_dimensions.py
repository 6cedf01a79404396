"""Arrays that are no tables are refused with the reshape that makes one of them."""

import numpy as np
import pytest
from scipy import sparse

from skgensample import metrics
from skgensample.base import BaseGenerator

Y = np.repeat([0, 1], [30, 10])
COMPARISONS = [
    metrics.alpha_precision_score,
    metrics.beta_recall_score,
    metrics.c2st_auroc,
    metrics.column_density_error,
    metrics.exact_copy_rate,
    metrics.pair_error,
    lambda X, X_new: metrics.tstr_score(X_new, Y, X, Y),
]


@pytest.mark.parametrize("shape", [(4, 4), (4, 4, 3)])
@pytest.mark.parametrize("kind", [np.asarray, np.ndarray.tolist])
def test_images(sampler, shape, kind):
    images = np.random.RandomState(0).uniform(size=(40, *shape))
    back = rf"X_resampled\.reshape\(-1, {', '.join(map(str, shape))}\)"
    calls = [sampler.fit_resample, sampler.fit]
    for call in calls if isinstance(sampler, BaseGenerator) else calls[:1]:
        with pytest.raises(ValueError, match=r"X\.reshape\(len\(X\), -1\).*" + back):
            call(kind(images), Y)


def test_the_advice_for_images_works(sampler):
    images = np.random.RandomState(0).uniform(size=(40, 2, 2))
    X_res, y_res = sampler.fit_resample(images.reshape(len(images), -1), Y)
    assert X_res.reshape(-1, 2, 2).shape == (60, 2, 2)
    assert np.array_equal(X_res.reshape(-1, 2, 2)[:40], images) and len(y_res) == 60


def test_one_dimension_keeps_its_advice(sampler):
    with pytest.raises(ValueError, match=r"got 1D array.*reshape\(-1, 1\) for one feature"):
        sampler.fit_resample(np.arange(40.0), Y)


@pytest.mark.parametrize("compare", COMPARISONS)
@pytest.mark.parametrize("shape", [(40,), (40, 4, 4)])
def test_metrics_compare_tables_only(compare, shape):
    X = np.random.RandomState(0).uniform(size=shape)
    with pytest.raises(ValueError, match=rf"Expected 2D array, got {len(shape)}D"):
        compare(X, X)


def test_metrics_say_what_to_do_about_sparse_tables():
    X = sparse.eye(40, 3, format="csr")
    with pytest.raises(TypeError, match="toarray"):
        metrics.pair_error(X.toarray(), X)
