"""Early stopping: the monitor, held-out rows, the two-sample criterion."""

import numpy as np
import pytest
from sklearn.metrics import roc_auc_score

torch = pytest.importorskip("torch")
from small_runs import small_table, tiny

import skgensample
from conftest import GENERATORS
from skgensample.generators._training import early_stopping
from skgensample.generators._training.adversarial import AdversarialStep
from skgensample.generators._training.early_stopping import (
    EarlyStopping,
    TwoSampleCriterion,
    holdout_mask,
)
from skgensample.table import TableCodec


@pytest.fixture
def data():
    return small_table()


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
