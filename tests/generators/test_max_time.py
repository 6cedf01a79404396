"""`max_time` counts the encoding of the columns, and classes share it; progress bars of both."""

import numpy as np
import pytest

pytest.importorskip("torch")

import skgensample
from conftest import GENERATORS, small_nets
from skgensample.generators import _neural
from skgensample.generators._training import loop


class Clock:
    """A clock that is one second later each time that it is read."""

    def __init__(self):
        self.now = 0.0

    def monotonic(self):
        self.now += 1
        return self.now


@pytest.fixture
def clock(monkeypatch):
    clock = Clock()
    for module in (_neural, loop):
        monkeypatch.setattr(module, "time", clock)
    return clock


def made(counts=(60, 40)):
    rng = np.random.RandomState(0)
    y = np.repeat(np.arange(len(counts)), counts)
    return np.column_stack([rng.normal(size=len(y)) + y, rng.gamma(2, size=len(y))]), y


def n_steps(history):
    """Steps of each network."""
    histories = [history] if "step" in history else history.values()
    return [len(one["step"]) for one in histories]


def sampler_of(name, **params):
    settings = {"batch_size": 20, "random_state": 0, "early_stopping": False}
    return getattr(skgensample, name)(**small_nets(name), **settings | params)


@pytest.mark.parametrize("name", GENERATORS)
def test_encoding_counts(name, clock, monkeypatch):
    sampler = sampler_of(name, max_steps=40, max_time=500)
    sampler.fit(*made())
    assert n_steps(sampler.history_) == [40]

    plain = type(sampler)._encoder

    def slow(self, *args):
        clock.now += 480
        return plain(self, *args)

    monkeypatch.setattr(type(sampler), "_encoder", slow)
    (steps,) = n_steps(sampler.fit(*made()).history_)
    assert steps == 20
    (steps,) = n_steps(sampler.set_params(max_time=300).fit(*made()).history_)
    assert steps == 1  # nothing can be sampled without any


def test_classes_share_the_time(clock):
    """The first class took it all, and the others were trained for one step each."""
    sampler = sampler_of("GANOversampler", max_steps=10_000, max_time=90, sampling_strategy="all")
    sampler.fit(*made((40, 30, 20)))
    steps = n_steps(sampler.history_)
    assert len(steps) == 3 and 80 <= sum(steps) <= 90
    assert max(steps) - min(steps) <= 2


def test_what_a_class_leaves_goes_to_those_after_it(clock):
    sampler = sampler_of("GANOversampler", max_steps=50, max_time=120, sampling_strategy="all")
    steps = n_steps(sampler.fit(*made((40, 30, 20))).history_)
    assert 35 <= steps[0] <= 40 and steps[1] <= steps[2] <= 42
    sampler.set_params(max_steps=10)
    assert n_steps(sampler.fit(*made((40, 30, 20))).history_) == [10, 10, 10]


@pytest.mark.parametrize("name", GENERATORS)
def test_verbose_shows_columns_and_steps(name, capfd):
    pytest.importorskip("tqdm")
    sampler_of(name, max_steps=3).fit(*made())
    assert not capfd.readouterr().err
    sampler_of(name, max_steps=3, verbose=True).fit(*made())
    shown = capfd.readouterr().err
    assert "Encoding: 100%" in shown and "2/2" in shown
    assert "Training: 100%" in shown and "3/3" in shown
