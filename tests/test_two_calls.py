"""One sampler in two threads at once: the rows of each call are those of its own table."""

import numpy as np
import pytest
from sklearn.base import clone
from two_threads import at_the_same_time

from conftest import ONE_NETWORK, slow_except
from contracts import blobs
from skgensample import NumbaSMOTE

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


class Watched(NumbaSMOTE):
    """A sampler whose hook calls a function of the user."""

    def __init__(self, *, random_state=None, seen=None, sampling_strategy="auto"):
        super().__init__(random_state=random_state, sampling_strategy=sampling_strategy)
        self.seen = seen

    def _generate(self, rows, label, n, rng, out):
        self.generated_ = n
        self.seen()
        return super()._generate(rows, label, n, rng, out)


def test_what_a_callback_sets_on_the_sampler_is_kept():
    def seen():
        sampler.log_ = len(vars(sampler))
        sampler.set_params(sampling_strategy="minority")

    sampler = Watched(random_state=0, seen=seen)
    sampler.fit_resample(*blobs())
    assert sampler.log_ and sampler.sampling_strategy == "minority"
    assert sampler.generated_ == sampler.sampling_strategy_[1]
    sampler.generated_ = "old"
    sampler.fit_resample(*blobs())
    assert sampler.generated_ == sampler.sampling_strategy_[1]


def test_attributes_of_a_call_that_ended_meanwhile_are_not_mixed_in():
    def seen():
        sampler.seen = bool
        sampler.fit_resample(*blobs(counts=(90, 30)))
        sampler.seen = seen

    sampler = Watched(random_state=0, seen=seen)
    sampler.fit_resample(*blobs())
    assert sum(sampler.class_counts_.values()) == len(blobs()[1])
    assert len(sampler.is_synthetic_) == 2 * max(sampler.class_counts_.values())
