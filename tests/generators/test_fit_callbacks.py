"""scikit-learn's callbacks are told of the training of samplers."""

import pickle

import numpy as np
import pytest
from sklearn.base import clone
from sklearn.datasets import make_classification

import skgensample
from skgensample import SequentialTreesResampler

pytest.importorskip("sklearn.callback", reason="scikit-learn 1.9 or later")

X, Y = make_classification(n_samples=90, n_features=4, weights=[0.6], random_state=0)


class Recorder:
    """Keeps what it is told; may stop training after some batches, or fail."""

    def __init__(self, stop_after=None, fail=False):
        self.begun, self.ended, self.stop_after, self.fail = [], [], stop_after, fail
        self.state = []

    def setup(self, estimator, context):
        self.state.append("setup")

    def on_fit_task_begin(self, estimator, context):
        self.begun.append((context.task_name, context.max_subtasks, depth(context)))

    def on_fit_task_end(self, estimator, context, *, metadata=None):
        if self.fail and metadata:
            raise RuntimeError("a callback fails")
        self.ended.append((context.task_name, metadata))
        batches = [facts for _, facts in self.ended if facts]
        return self.stop_after is not None and len(batches) >= self.stop_after

    def teardown(self, estimator, context):
        self.state.append("teardown")


def depth(context):
    return 0 if context.parent is None else 1 + depth(context.parent)


def network(name, **options):
    pytest.importorskip("torch")
    return getattr(skgensample, name)(random_state=0, early_stopping=False, **options)


@pytest.mark.parametrize("name", ["CTGANResampler", "TVAEResampler", "AutoregressiveResampler"])
def test_batches_of_steps_are_tasks(name):
    recorder = Recorder()
    sampler = network(name, max_steps=120).set_callbacks(recorder)
    sampler.fit(X, Y)
    assert recorder.begun[:2] == [("fit", 1, 0), ("train", 3, 1)]
    assert recorder.begun[2:] == [("batch of steps", 0, 2)] * 3
    steps = [facts["step"] for _, facts in recorder.ended if facts]
    assert steps == [50, 100, 120]
    assert [name for name, _ in recorder.ended][-2:] == ["train", "fit"]
    assert recorder.state == ["setup", "teardown"]


def test_every_class_of_a_gan_is_a_task():
    recorder, y = Recorder(), np.arange(90) % 3
    network("GANOversampler", max_steps=10, sampling_strategy={0: 40, 2: 40}).set_callbacks(
        recorder
    ).fit_resample(X, y)
    assert recorder.begun[0] == ("fit", 2, 0)
    assert [name for name, *_ in recorder.begun].count("train") == 2


def test_rows_do_not_depend_on_callbacks_and_stopping_works():
    plain = network("TVAEResampler", max_steps=60).fit(X, Y)
    told = network("TVAEResampler", max_steps=60).set_callbacks(Recorder()).fit(X, Y)
    np.testing.assert_array_equal(plain.sample(20)[0], told.sample(20)[0])
    stopped = network("TVAEResampler", max_steps=200).set_callbacks(Recorder(stop_after=2))
    assert stopped.fit(X, Y).history_["step"][-1] == 100


def test_a_failing_callback_is_torn_down_and_leaves_the_sampler_as_it_was():
    recorder = Recorder(fail=True)
    sampler = network("TVAEResampler", max_steps=60).set_callbacks(recorder)
    before = set(vars(sampler))
    with pytest.raises(RuntimeError, match="a callback fails"):
        sampler.fit(X, Y)
    assert recorder.state == ["setup", "teardown"]
    assert set(vars(sampler)) == before


def test_memory_is_not_asked_with_callbacks(tmp_path):
    recorder = Recorder()
    for _ in range(2):
        network("TVAEResampler", max_steps=50, memory=tmp_path).set_callbacks(recorder).fit(X, Y)
    assert len([facts for _, facts in recorder.ended if facts]) == 2


def test_columns_of_trees_are_tasks():
    recorder = Recorder()
    sampler = SequentialTreesResampler(random_state=0, n_trees=1).set_callbacks(recorder)
    sampler.fit(X, Y)
    n_forests = recorder.begun[0][1]
    assert recorder.begun[0] == ("fit", n_forests, 0) and n_forests % X.shape[1] == 0
    assert recorder.begun[1:] == [("trees of a column", 0, 1)] * n_forests
    assert recorder.ended[-1][0] == "fit" and recorder.state == ["setup", "teardown"]
    plain = SequentialTreesResampler(random_state=0, n_trees=1).fit(X, Y)
    np.testing.assert_array_equal(plain.sample(20)[0], sampler.sample(20)[0])


def test_copies_and_removal():
    sampler = SequentialTreesResampler(random_state=0, n_trees=1).set_callbacks(Recorder())
    assert pickle.loads(pickle.dumps(sampler.fit(X, Y))).sample(2)[0].shape == (2, 4)
    again = Recorder()
    clone(sampler).set_callbacks(again).fit(X, Y)
    assert again.state == ["setup", "teardown"]
    sampler.set_callbacks().fit(X, Y)
    with pytest.raises(TypeError, match="FitCallback"):
        sampler.set_callbacks(print)


def test_progress_bar(capsys):
    pytest.importorskip("rich")
    from sklearn.callback import ProgressBar

    sampler = network("TVAEResampler", max_steps=60).set_callbacks(ProgressBar())
    sampler.fit(X, Y)
    assert "TVAEResampler - train" in capsys.readouterr().out
