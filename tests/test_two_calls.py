"""One sampler in two threads at once: the rows of each call are those of its own table."""

import numpy as np
import pytest
from sklearn.base import clone
from two_threads import at_the_same_time

from conftest import ONE_NETWORK, slow_except
from contracts import blobs

pytestmark = pytest.mark.filterwarnings("ignore::skgensample.exceptions.ResamplingWarning")


@slow_except(ONE_NETWORK)
def test_rows_of_each_call(sampler):
    tables = [blobs(), blobs(counts=(90, 30))]
    tables = [(X.round(), y) for X, y in tables]  # repeated values are categories, too
    wanted = [clone(sampler).fit_resample(*table) for table in tables]
    for found, expected in zip(at_the_same_time(sampler, *tables), wanted):
        for one, other in zip(found, expected):
            np.testing.assert_array_equal(one, other)
    # what is remembered is that of one of them, as a whole
    assert len(sampler.is_synthetic_) in (120, 180)
    assert sum(sampler.class_counts_.values()) * 1.5 == len(sampler.is_synthetic_)


@slow_except(ONE_NETWORK)
def test_a_call_that_fails_leaves_the_sampler_as_it_was(sampler, three_classes, monkeypatch):
    sampler.fit_resample(*blobs())
    before = dict(vars(sampler))
    monkeypatch.setattr(type(sampler), "_generate", None)  # fails after training
    with pytest.raises(TypeError):
        sampler.fit_resample(*three_classes)
    assert vars(sampler).keys() == before.keys()
    assert all(vars(sampler)[name] is before[name] for name in before)
