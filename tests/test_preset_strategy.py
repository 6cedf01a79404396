"""imbalanced-learn's protocol for wrappers: set `sampling_strategy_`, call `_fit_resample`."""

import numpy as np
import pytest
from imblearn.over_sampling import SMOTE
from sklearn.base import clone

from skgensample import NumbaSMOTE


def preset(sampler, strategy):
    """The same sampler with its numbers of new rows set from outside."""
    sampler.sampling_strategy_ = strategy
    return sampler


def test_preset_numbers_are_obeyed(sampler, three_classes):
    X, y = three_classes
    X_res, y_res = preset(sampler, {2: 7, 1: 4, 0: 0})._fit_resample(X, y)
    assert np.bincount(y_res).tolist() == [60, 34, 22]
    assert sampler.sampling_strategy_ == {2: 7, 1: 4, 0: 0}
    assert np.array_equal(X_res[: len(X)], X) and sampler.is_synthetic_.sum() == 11


def test_refits_compute_the_strategy_afresh(sampler, three_classes):
    X, y = three_classes
    _, first = preset(sampler, {1: 2})._fit_resample(X, y)
    _, second = sampler.fit_resample(X, y)
    _, third = sampler.fit_resample(X[y != 2], y[y != 2])
    assert [np.bincount(labels).tolist() for labels in (first, second, third)] == [
        [60, 32, 15], [60, 60, 60], [60, 60]
    ]  # fmt: skip
    preset(sampler, {1: 2}).fit(X, y)
    assert sampler.sampling_strategy_ == {1: 30, 2: 45}


def test_a_failed_refit_keeps_the_strategy_of_before(sampler, blobs):
    X, y = blobs
    sampler.fit_resample(X, y)
    with pytest.raises(ValueError, match="inconsistent"):
        sampler.fit_resample(X, y[1:])
    assert sampler.sampling_strategy_ == {1: 40}


def test_rows_are_those_of_imbalanced_learn(blobs):
    X, y = blobs
    ours, theirs = (
        preset(kind(random_state=0), {1: 9})._fit_resample(X, y) for kind in (NumbaSMOTE, SMOTE)
    )
    assert np.allclose(ours[0], theirs[0], rtol=1e-12) and np.array_equal(ours[1], theirs[1])


def test_whole_table_is_replaced_by_preset_numbers(three_classes):
    from skgensample import GaussianCopulaResampler

    model = GaussianCopulaResampler(output="synthetic", random_state=0)
    _, y_res = preset(model, {1: 3})._fit_resample(*three_classes)
    assert np.bincount(y_res).tolist() == [60, 33, 15]


@pytest.mark.parametrize(
    ("strategy", "text"),
    [
        ("auto", "dict"),
        ({5: 3}, "not present"),
        ({1: -3}, "non-negative"),
        ({1: 2.5}, "integer"),
        ({1: True}, "integer"),
    ],
)
def test_what_is_no_number_of_rows_is_refused(blobs, strategy, text):
    with pytest.raises(ValueError, match=text):
        preset(NumbaSMOTE(), strategy)._fit_resample(*blobs)


def test_a_clone_forgets_the_preset(blobs):
    copy = clone(preset(NumbaSMOTE(random_state=0), {1: 3}))
    assert not hasattr(copy, "sampling_strategy_")
    assert np.bincount(copy._fit_resample(*blobs)[1]).tolist() == [60, 60]
