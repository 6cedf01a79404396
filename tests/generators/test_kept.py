"""Models that are kept: what they hold of the table, and which class draws from which stream."""

import collections
import os
import pickle
import threading

import numpy as np
import pytest
from scipy.stats import spearmanr

pytest.importorskip("torch")

import torch

import skgensample
from conftest import GENERATORS, small_nets
from skgensample.generators._training.single_thread import single_threaded_torch

KEPT = (*GENERATORS, "GaussianCopulaResampler", "SequentialTreesResampler")


def model(name="GANOversampler", **changes):
    nets = small_nets(name) | {"max_steps": 5} if name in GENERATORS else {}
    return getattr(skgensample, name)(**nets | {"random_state": 0} | changes)


@pytest.fixture
def data():
    rng = np.random.RandomState(0)
    return rng.normal(size=(90, 3)), np.repeat([0, 1], [60, 30])


@pytest.mark.parametrize("name", KEPT)
def test_classes_drawn_one_by_one_do_not_depend_on_each_other(name):
    rng = np.random.RandomState(0)
    X, y = rng.normal(size=(120, 2)), np.repeat([0, 1], 60)
    fitted = model(name, sampling_strategy={0: 61, 1: 61}).fit(X, y)
    first, second = (np.asarray(fitted.sample(400, y=label)[0]) for label in (0, 1))
    both, labels = fitted.sample(800)
    n = min(400, int((labels == 0).sum()))
    for one, other in ((first, second), (both[labels == 0][:n], second[:n])):
        shared = [abs(spearmanr(one[:, j], other[:, j])[0]) for j in range(2)]
        assert max(shared) < 0.2  # 4 standard deviations; the same stream gave .9 and more


@pytest.mark.parametrize("name", KEPT)
def test_each_class_draws_the_rows_that_fit_resample_draws(name, data):
    X, y = data
    y = np.where(np.arange(90) % 9 == 8, 2, y)
    sampler = model(name, sampling_strategy={1: 45, 2: 20})
    made, labels = sampler.fit_resample(X, y)
    fitted = sampler.fit(X, y)
    for label in (1, 2):
        new = made[90:][labels[90:] == label]
        np.testing.assert_array_equal(fitted.sample(len(new), y=label)[0], new)


@pytest.mark.parametrize(
    ("strategy", "learnt"),
    [("auto", [1]), ("all", [0, 1]), ({0: 60, 1: 30}, [0, 1]), ("minority", [1])],
)
@pytest.mark.parametrize("name", ["GANOversampler", "WGANOversampler"])
def test_fit_learns_every_class_that_is_named(name, strategy, learnt, data):
    X, y = data
    fitted = model(name, sampling_strategy=strategy).fit(X, y)
    for label in (0, 1):
        if label in learnt:
            assert fitted.sample(7, y=label)[1].tolist() == [label] * 7
        else:
            with pytest.raises(ValueError, match=r"Class 0 was not to be sampled.*fit with"):
                fitted.sample(7, y=label)


def test_fit_resample_trains_for_no_class_that_needs_no_row(data):
    sampler = model(sampling_strategy="all")
    sampler.fit_resample(*data)
    assert list(sampler.history_) == [1]


@pytest.mark.parametrize("kind", ["floats", "shuffled", "levels", "categories", "text"])
@pytest.mark.parametrize("name", ["GANOversampler", "TVAEResampler", *KEPT[-2:]])
def test_row_labels_neither_matter_nor_stay(name, kind, data):
    pd = pytest.importorskip("pandas")
    X, y = data
    names = [f"CUST{i}" for i in range(90)]
    index = {
        "floats": np.arange(90.0) - 40,
        "shuffled": np.random.RandomState(0).permutation(90) + 0.5,
        "levels": pd.MultiIndex.from_product([names, [0]]),
        "categories": pd.CategoricalIndex(names),
        "text": names,
    }[kind]
    frame, labels = pd.DataFrame(X, columns=list("abc"), index=index), pd.Series(y, index=index)
    frame.attrs = {"owner": "CUST"}
    for given in ((frame, labels), (X, labels), (frame, y)):
        sampler = model(name)
        assert len(sampler.fit_resample(*given)[0]) == 120
        rows, classes = sampler.sample(5, y=1)
        assert len(rows) == len(classes) == 5
        assert np.asarray(rows).tolist() == model(name).fit(X, y).sample(5, y=1)[0].tolist()
        assert b"CUST" not in pickle.dumps(sampler)


@pytest.mark.parametrize("name", KEPT)
def test_no_table_is_kept_alive(name, data):
    pd = pytest.importorskip("pandas")
    X, y = data
    fitted = model(name).fit(X, y)
    assert fitted._target.y.base is None
    assert fitted._target.labels.base is None
    fitted = model(name).fit(pd.DataFrame(X, columns=list("abc")), pd.Series(y))
    template = fitted.codec_._table.template
    assert template.shape == (0, 3)
    assert template.to_numpy().base is None or template.to_numpy().base.size == 0


def test_values_that_only_training_needs_are_dropped():
    X = np.random.RandomState(0).normal(size=(40_000, 1))
    y = np.arange(40_000) % 2
    for name in ("GANOversampler", "CopulaGANResampler"):
        fitted = model(name, sampling_strategy="all", max_steps=1).fit(X, y)
        assert len(pickle.dumps(fitted)) < X.nbytes * 2  # knots, of two classes and all rows


def test_memory_gives_nobody_what_a_callback_stopped(data, tmp_path):
    called = []

    def stop(*said):
        called.append(said)
        return np.True_

    def steps(**changes):
        return model(memory=tmp_path, max_steps=100, **changes).fit(*data).history_[1]["step"][-1]

    assert steps(callbacks=stop) == 50
    assert steps() == steps() == 100
    assert steps(callbacks=stop) == 50
    assert len(called) == 2


def test_a_second_fit_says_nothing_of_rows_returned_before(data):
    X, y = data
    sampler = model()
    sampler.fit_resample(X, y)
    assert sampler.is_synthetic_.sum() == 30
    assert not hasattr(sampler.fit(X[:, :2], y), "is_synthetic_")


@pytest.mark.parametrize("name", KEPT)
def test_any_bit_generator_will_do(name, data):
    def source():
        return np.random.RandomState(np.random.PCG64(3))

    first, second = (model(name, random_state=source()).fit_resample(*data)[0] for _ in range(2))
    np.testing.assert_array_equal(first, second)


@pytest.mark.parametrize("y", [None, 1])
def test_the_module_of_numpy_is_no_seed(y, data):
    fitted = model(sampling_strategy="all").fit(*data)
    with pytest.raises(ValueError, match="random_state must be"):
        fitted.sample(3, y=y, random_state=np.random)


def test_kinds_of_targets_without_rows(data):
    X, y = data
    one_hot = np.eye(2, dtype=int)[y].tolist()
    assert model().fit(X, one_hot).sample(2, y=1)[1] == [[0, 1]] * 2
    assert model().fit(X, y.tolist()).sample(2, y=1)[1] == [1, 1]
    made, labels = model().fit_resample(X, collections.deque(y.tolist()))
    assert len(made) == len(labels) == 120


@pytest.mark.skipif(not hasattr(os, "fork"), reason="no fork here")
@pytest.mark.filterwarnings("ignore:.*fork:DeprecationWarning")
def test_a_child_is_not_inside_what_another_thread_had_begun():
    entered, leave = threading.Event(), threading.Event()

    def hold():
        with single_threaded_torch():
            entered.set()
            leave.wait()

    before = torch.get_num_threads()
    torch.set_num_threads(2)
    other = threading.Thread(target=hold)
    other.start()
    entered.wait()
    try:
        child = os.fork()
        if not child:
            torch.set_num_threads(3)
            with single_threaded_torch():
                inside = torch.get_num_threads()
            os._exit(0 if (inside, torch.get_num_threads()) == (1, 3) else 1)
        assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
    finally:
        leave.set()
        other.join()
        torch.set_num_threads(before)
