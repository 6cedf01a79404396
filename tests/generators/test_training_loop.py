"""The training loop: clock, guard, callbacks, interruption."""

import gc
import time
import weakref

import numpy as np
import pytest

torch = pytest.importorskip("torch")
from small_runs import small_table, tiny

from conftest import GENERATORS
from skgensample.generators._training.loop import StepBudget, train
from skgensample.generators._training.state import DivergenceGuard, TrainingState, WeightAverage


@pytest.fixture
def data():
    return small_table()


class Walk(TrainingState):
    """A weight that grows by its learning rate at each step; from step `bad` on it is NaN."""

    losses = ("loss",)

    def __init__(self, bad=None, times=1):
        self.net = torch.nn.Linear(1, 1, bias=False)
        torch.nn.init.zeros_(self.net.weight)
        optimizer = torch.optim.SGD(self.net.parameters(), lr=1.0)
        self.nets, self.optimizers, self.average = (
            (self.net,),
            (optimizer,),
            WeightAverage(self.net),
        )
        self.bad, self.times, self.calls = bad, times, 0
        self.random = torch.Generator()

    @property
    def weight(self):
        return self.net.weight.item()

    def __call__(self):
        self.calls += 1
        self.net.weight.grad = -torch.ones(1, 1)
        self.optimizers[0].step()
        if self.bad and self.calls >= self.bad and self.times:
            self.times -= 1
            with torch.no_grad():
                self.net.weight.fill_(float("nan"))
        self.average.update()
        return self.net.weight.detach().reshape(1).clone()


def test_train_records_every_step():
    history = train(Walk(), StepBudget(7))
    np.testing.assert_array_equal(history["step"], np.arange(1, 8))
    np.testing.assert_array_equal(history["loss"], np.arange(1, 8))
    assert np.isnan(history["criterion"]).all() and len(history["criterion"]) == 7


def test_clock_stops_in_time_after_at_least_one_step():
    def slow():
        time.sleep(0.02)
        return Walk.__call__(walk)

    walk = Walk()
    walk_step = type("Slow", (Walk,), {"__call__": lambda self: slow()})()
    begin = time.monotonic()
    history = train(walk_step, StepBudget(10**9, max_time=0.1))
    assert 1 <= len(history["step"]) <= 6
    assert time.monotonic() - begin < 5
    assert len(train(Walk(), StepBudget(10**9, max_time=1e-9))["step"]) == 1


def test_guard_goes_back_and_halves_the_rate_once():
    walk = Walk(bad=120)
    history = train(walk, StepBudget(200))
    # 100 good steps of 1, back from step 150 to there, then 50 of one half
    assert walk.weight == 125
    assert np.isnan(history["loss"][119:150]).all()
    assert np.isfinite(history["loss"][150:]).all()
    assert all(torch.isfinite(w).all() for w in walk.average.weights)


def test_guard_sees_weights_that_no_loss_shows():
    class Hidden(Walk):
        def __call__(self):
            super().__call__()
            return torch.zeros(1)

    walk = Hidden(bad=60)
    train(walk, StepBudget(150))
    assert walk.weight == 50 + 25


def test_second_divergence_is_an_error_that_names_the_step():
    with pytest.raises(FloatingPointError, match=r"step 200.*Lower learning_rate"):
        train(Walk(bad=120, times=60), StepBudget(10_000))


@pytest.mark.parametrize("name", GENERATORS)
def test_too_fast_learning_ends_in_an_error_and_a_clean_object(name, data):
    sampler = tiny(name, learning_rate=1e30, max_steps=400, early_stopping=False)
    before = set(vars(sampler))
    with pytest.raises(FloatingPointError, match="learning_rate"):
        sampler.fit_resample(*data)
    assert set(vars(sampler)) == before


def test_callbacks_see_means_and_can_stop():
    calls = []

    def stop(step, losses, criterion):
        calls.append((step, losses, criterion))
        return step >= 100

    history = train(Walk(), StepBudget(1_000), callbacks=[stop, lambda *seen: None])
    assert len(history["step"]) == 100
    assert [step for step, _, _ in calls] == [50, 100]
    assert calls[1][1] == (75.5,) and np.isnan(calls[1][2])


@pytest.mark.parametrize("name", GENERATORS)
def test_models_call_callbacks(name, data):
    seen = []
    sampler = tiny(name, max_steps=120, callbacks=lambda *call: seen.append(call[0]))
    sampler.fit_resample(*data)
    assert seen == [50, 100, 120]
    sampler.set_params(callbacks=[lambda *call: True]).fit_resample(*data)
    history = sampler.history_[1] if name == "GANOversampler" else sampler.history_
    assert len(history["step"]) == 50


@pytest.mark.parametrize("name", GENERATORS)
def test_max_time_ends_training(name, data):
    sampler = tiny(name, max_steps=10**6, max_time=0.05)
    begin = time.monotonic()
    X, y = sampler.fit_resample(*data)
    assert time.monotonic() - begin < 20
    assert len(X) == len(y) == 300


@pytest.mark.parametrize("threads", [1, 2])
def test_what_trained_is_gone_after_training(data, monkeypatch, threads):
    """Networks, moments and the encoded table do not wait for a collection of cycles."""
    seen, kept = [], DivergenceGuard.__init__

    def keep(self, step):
        seen.append(weakref.ref(step))
        kept(self, step)

    monkeypatch.setattr(DivergenceGuard, "__init__", keep)
    before = torch.get_num_threads()
    torch.set_num_threads(threads)
    gc.collect()
    gc.disable()
    try:
        for name in GENERATORS:
            tiny(name, max_steps=3).fit_resample(*data)
        assert seen and not any(step() for step in seen)
    finally:
        gc.enable()
        torch.set_num_threads(before)


@pytest.mark.parametrize("name", GENERATORS)
def test_interruption_leaves_the_object_as_it_was(name, data):
    def interrupt(*call):
        raise KeyboardInterrupt

    sampler = tiny(name, callbacks=interrupt)
    before = dict(vars(sampler))
    with pytest.raises(KeyboardInterrupt):
        sampler.fit_resample(*data)
    assert vars(sampler) == before
    again = sampler.set_params(callbacks=None).fit_resample(*data)[0]
    np.testing.assert_array_equal(again, tiny(name).fit_resample(*data)[0])


def test_interruption_of_a_second_fit_keeps_the_first(data):
    model = tiny().fit(*data)
    wanted = model.sample(10)[0]

    def interrupt(*call):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        model.set_params(callbacks=interrupt, max_steps=50).fit(*data)
    np.testing.assert_array_equal(model.sample(10)[0], wanted)
