"""The training room: clock, guard, monitor, callbacks, warm start, interruption, threads."""

import gc
import pickle
import time
import weakref
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from sklearn.metrics import roc_auc_score

torch = pytest.importorskip("torch")

import skgensample
from conftest import GENERATORS, small_nets
from skgensample.generators._sampling import tabular_model
from skgensample.generators._sampling.calibration import ROWS
from skgensample.generators._sampling.tabular_model import CHUNK_ROWS, _even_parts
from skgensample.generators._training import early_stopping
from skgensample.generators._training.adversarial import AdversarialStep
from skgensample.generators._training.early_stopping import (
    EarlyStopping,
    TwoSampleCriterion,
    holdout_mask,
)
from skgensample.generators._training.loop import StepBudget, train
from skgensample.generators._training.single_thread import in_threads, single_threaded_torch
from skgensample.generators._training.state import DivergenceGuard, TrainingState, WeightAverage
from skgensample.table import TableCodec

RESAMPLERS = ("CTGANResampler", "CopulaGANResampler", "TVAEResampler")


def tiny(name="CTGANResampler", **changes):
    settings = {**small_nets(name), "batch_size": 40, "max_steps": 10, "random_state": 0}
    return getattr(skgensample, name)(**settings | changes)


@pytest.fixture
def data():
    rng = np.random.RandomState(0)
    y = np.repeat([0, 1], [150, 50])
    X = np.column_stack([rng.normal(size=200) + 3 * y, rng.gamma(2, size=200), rng.rand(200) < 0.3])
    return X, y


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


class Steps:
    """A candidate for each measurement; the criterion is its own number."""

    def __init__(self, values):
        self.values, self.made = iter(values), 0

    def __call__(self):
        self.made += 1
        return self.made, next(self.values)


def test_monitor_keeps_the_best_and_loses_patience():
    values = [0.9, 0.8, 0.7, 0.75, 0.6999, 0.72, 0.71, 0.73, 0.1]
    monitor = EarlyStopping(lambda candidate: candidate[1], Steps(values))
    assert np.isnan(monitor.value_at(50, False))
    measured = []
    for number in range(1, 10):
        measured.append(monitor.value_at(number * early_stopping.EVAL_EVERY, False))
        if monitor.is_done:
            break
    assert measured == values[:8]
    assert monitor.best == (5, 0.6999)


def test_monitor_keeps_the_longest_trained_of_those_it_cannot_tell_apart():
    values = [0.9, 0.6, 0.7, 0.65, 0.75, 0.69, 0.8, 0.8, 0.8, 0.8, 0.8, 0.1]
    monitor = EarlyStopping(lambda candidate: candidate[1], Steps(values), tolerance=0.1)
    for number in range(1, len(values) + 1):
        monitor.value_at(number * early_stopping.EVAL_EVERY, False)
        if monitor.is_done:
            break
    assert number == 11 and monitor.best == (6, 0.69) and monitor.best_value == 0.6


def test_standard_error_is_that_of_scores_without_meaning():
    """Of rows weighed by class, with a score that knows nothing of real and drawn."""
    rng = np.random.RandomState(0)
    group = np.repeat([0, 1], [180, 20])
    criterion = TwoSampleCriterion(rng.normal(size=(200, 1)), group, [], None, 0)
    real = np.arange(400) < 200
    found = [
        roc_auc_score(real, rng.uniform(size=400), sample_weight=criterion.weight)
        for _ in range(400)
    ]
    assert criterion.standard_error == pytest.approx(np.std(found), rel=0.15)


def test_hold_out_takes_a_tenth_of_each_class_and_nothing_of_few_rows():
    rng = np.random.RandomState(0)
    group = np.repeat([0, 1, 2], [2_000, 300, 10])
    held = holdout_mask(group, "auto", rng)
    np.testing.assert_array_equal(np.bincount(group[held], minlength=3), [200, 30, 0])
    assert holdout_mask(np.repeat([0, 1], [60_000, 600]), "auto", rng).sum() <= 1_050
    assert not holdout_mask(group[:900], "auto", rng).any()
    assert not holdout_mask(group, False, rng).any()
    assert holdout_mask(group[:900], True, rng).sum() == 90


def test_criterion_tells_copies_from_noise():
    rng = np.random.RandomState(0)
    Z = np.column_stack([rng.normal(size=800), rng.randint(0, 5, size=800)]).astype(float)
    group = np.arange(800) % 2
    codec = TableCodec(categories="text", learned=True)
    codec.fit_encode(Z)
    assert [c.decimals for c in codec.columns] == [None, 0]

    class Shifted:
        def install(self, net, groups):
            self.shift = net

        def sample(self, g, rng, out):
            number = rng.normal(size=len(out)) + self.shift
            out[:] = np.column_stack([number, rng.randint(0, 5, len(out)) + 0.3])  # to be rounded
            return out

    criterion = TwoSampleCriterion(Z, group, codec.columns, Shifted(), 0)
    values = [criterion(shift) for shift in (0.0, 0.5, 3.0)]
    assert 0.4 < values[0] < 0.58 < values[1] < 0.75 < 0.9 < values[2]
    assert criterion(0.5) == values[1]


@pytest.mark.parametrize("name", GENERATORS)
def test_early_stopping_measures_and_ends(name, data, monkeypatch):
    monkeypatch.setattr(early_stopping, "EVAL_EVERY", 50)
    monkeypatch.setattr(early_stopping, "LEAST_GAIN", 1.0)
    monkeypatch.setattr(getattr(skgensample, name), "_stopping_tolerance", 0.0)
    sampler = tiny(name, max_steps=1_000, early_stopping=True)
    sampler.fit_resample(*data)
    history = sampler.history_[1] if name == "GANOversampler" else sampler.history_
    every = sampler._evaluation_steps or 50
    assert history["step"][-1] == every * (1 + early_stopping.PATIENCE)
    measured = np.flatnonzero(np.isfinite(history["criterion"]))
    np.testing.assert_array_equal(measured + 1, every * np.arange(1, 7))
    assert history["criterion"][measured].min() >= 0


def test_looking_on_does_not_change_training(data, monkeypatch):
    monkeypatch.setattr(early_stopping, "EVAL_EVERY", 50)
    losses = []
    for often in (50, 100):
        monkeypatch.setattr(early_stopping, "EVAL_EVERY", often)
        sampler = tiny(max_steps=200, early_stopping=True)
        losses.append(sampler.fit(*data).history_["critic_loss"])
    np.testing.assert_array_equal(*losses)


def test_held_out_rows_are_not_shown(data, monkeypatch):
    shown = []
    original = AdversarialStep.__init__

    def spy(self, generator, critic, head, objective, draw, optimizers, random):
        shown.append(len(draw.scalars))
        original(self, generator, critic, head, objective, draw, optimizers, random)

    monkeypatch.setattr(AdversarialStep, "__init__", spy)
    for holds_out in (False, True):
        tiny(max_steps=2, early_stopping=holds_out).fit(*data)
    assert shown == [200, 180]


@pytest.mark.parametrize("name", RESAMPLERS)
@pytest.mark.parametrize("early_stopping", [False, True])
def test_warm_start_goes_on_as_if_not_interrupted(name, early_stopping, data):
    once = tiny(name, max_steps=30, early_stopping=early_stopping).fit(*data)
    twice = tiny(name, max_steps=10, early_stopping=early_stopping, warm_start=True).fit(*data)
    twice = pickle.loads(pickle.dumps(twice)).set_params(max_steps=20).fit(*data)
    loss = list(once.history_)[1]
    np.testing.assert_array_equal(twice.history_["step"], np.arange(11, 31))
    np.testing.assert_array_equal(twice.history_[loss], once.history_[loss][10:])
    np.testing.assert_array_equal(twice.sample(20)[0], once.sample(20)[0])


def test_warm_start_refuses_another_table_and_a_memory(data, tmp_path):
    X, y = data
    model = tiny(warm_start=True, max_steps=2).fit(X, y)
    assert not any(row.tobytes() in pickle.dumps(model) for row in X)
    with pytest.raises(ValueError, match="another one"):
        model.fit(X[1:], y[1:])
    with pytest.raises(ValueError, match="set one of them"):
        model.set_params(memory=str(tmp_path)).fit(X, y)
    assert not hasattr(tiny(max_steps=2).fit(X, y).model_.checkpoint, "keys")


def test_warm_start_refuses_what_another_version_left(data):
    model = tiny(warm_start=True, max_steps=2).fit(*data)
    del model.model_.checkpoint["format"]
    with pytest.raises(ValueError, match="another version"):
        model.fit(*data)


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


@pytest.mark.parametrize("name", ["CTGANResampler", "TVAEResampler"])
def test_margins_are_fitted_on_more_rows_of_a_network_that_stays(name, data, monkeypatch):
    found = tiny(name).fit(*data).model_
    counts, network = [], found.tabular.net.forward

    def counted(n, *others):
        counts.append(n)
        return network(n, *others)

    monkeypatch.setattr(found.tabular.net, "forward", counted)
    found.install(found.tabular.net, [1])
    assert counts == [ROWS]
    for numbers, rows in ((2**24, 4 * ROWS), (20_000, 10_000), (0, ROWS)):
        width = found.tabular.encoder.layout.width
        monkeypatch.setattr(tabular_model, "CALIBRATION_NUMBERS", numbers * width)
        counts.clear()
        found.install(found.tabular.net)
        assert sum(counts) == 2 * rows and max(counts) == ROWS  # two classes, a part at a time


@pytest.mark.parametrize("n", [0, 1, CHUNK_ROWS, CHUNK_ROWS + 1, 2 * CHUNK_ROWS + 1, 100_001])
def test_rows_are_drawn_in_an_even_number_of_equal_parts(n):
    parts = _even_parts(n)
    sizes = [part.stop - part.start for part in parts]
    assert [i for part in parts for i in range(part.start, part.stop)] == list(range(n))
    assert len(parts) == (n > 0) if n <= CHUNK_ROWS else len(parts) % 2 == 0
    assert not parts or max(sizes) <= min(CHUNK_ROWS, min(sizes) + 1)


@pytest.mark.parametrize("name", RESAMPLERS)
def test_drawing_does_not_depend_on_threads(name, data):
    model, before, drawn = tiny(name, max_steps=2).fit(*data), torch.get_num_threads(), []
    try:
        for threads in (1, 3):
            torch.set_num_threads(threads)
            drawn.append(model.sample(20_000)[0])
            assert torch.get_num_threads() == threads
    finally:
        torch.set_num_threads(before)
    np.testing.assert_array_equal(*drawn)
    assert len(np.unique(drawn[0][:, 0])) > 10_000


@pytest.mark.parametrize("name", ["GANOversampler", "CTGANResampler", "TVAEResampler"])
def test_training_does_not_depend_on_threads(name, data):
    """Whatever torch's number of threads, and with several trainings at once."""
    before = torch.get_num_threads()

    def resampled(_=None):
        return tiny(name, max_steps=20).fit_resample(*data)[0]

    try:
        torch.set_num_threads(1)
        alone = resampled()
        torch.set_num_threads(2)
        with ThreadPoolExecutor(4) as pool:
            several = [resampled(), *pool.map(resampled, range(4))]
        assert torch.get_num_threads() == 2
    finally:
        torch.set_num_threads(before)
    assert all(np.array_equal(alone, rows) for rows in several)


def test_in_threads_does_every_job_on_one_torch_thread_and_raises():
    seen, before = [], torch.get_num_threads()
    torch.set_num_threads(2)
    try:
        in_threads(lambda job: seen.append((job, torch.get_num_threads())), range(20))
        with pytest.raises(ZeroDivisionError):
            in_threads(lambda job: 1 / job, [1, 0, 2])
        with single_threaded_torch() as outside:
            assert outside == 2
    finally:
        torch.set_num_threads(before)
    assert sorted(seen) == [(job, 1) for job in range(20)]


@pytest.mark.parametrize("device", ["cuda:99", "mps", "hpu", "meta", "abacus"])
@pytest.mark.skipif(torch.cuda.is_available(), reason="a GPU is here")
def test_a_missing_device_is_refused(device, data):
    with pytest.raises(ValueError, match=f"device='{device}' cannot be used"):
        tiny(device=device).fit(*data)


@pytest.mark.skipif(torch.cuda.is_available(), reason="a GPU is here")
def test_the_device_is_recorded_and_auto_prefers_cuda(data, monkeypatch):
    assert tiny(max_steps=2).fit(*data).device_ == "cpu"
    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    with pytest.raises(ValueError, match="device='cuda'"):  # tried, not silently the CPU
        tiny(max_steps=2).fit(*data)
