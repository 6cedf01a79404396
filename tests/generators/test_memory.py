"""Fit once, sample often: the cache of trained networks."""

import zipfile

import joblib
import numpy as np
import pytest
from sklearn.base import clone
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GridSearchCV, StratifiedKFold

pytest.importorskip("torch")

from imblearn.pipeline import Pipeline

import skgensample
from conftest import GENERATORS, small_nets
from skgensample.generators import _neural


def tiny(name, **changes):
    settings = {**small_nets(name), "batch_size": 40, "max_steps": 5, "random_state": 0}
    return getattr(skgensample, name)(**settings | changes)


@pytest.fixture
def data():
    rng = np.random.RandomState(0)
    y = np.repeat([0, 1, 2], [100, 40, 30])
    return rng.normal(size=(170, 3)) + y[:, None], y


@pytest.fixture
def trainings(monkeypatch):
    """One entry for each training that takes place."""
    done, original = [], _neural.train

    def count(*args, **kwargs):
        done.append(None)
        return original(*args, **kwargs)

    monkeypatch.setattr(_neural, "train", count)
    return done


@pytest.mark.parametrize("name", GENERATORS)
def test_any_ratio_from_one_training(name, data, trainings, tmp_path):
    X, y = data
    wanted = [{1: 60, 2: 50}, {1: 90, 2: 31}, {1: 41, 2: 200}]
    for counts in wanted:
        sampler = tiny(name, memory=tmp_path, sampling_strategy=counts)
        made, labels = sampler.fit_resample(X, y)
        plain = tiny(name, sampling_strategy=counts)
        np.testing.assert_array_equal(made, plain.fit_resample(X, y)[0])
        assert np.bincount(labels)[1:].tolist() == list(counts.values())
        np.testing.assert_equal(sampler.history_, plain.history_)
    per_fit = 2 if name == "GANOversampler" else 1
    assert len(trainings) == per_fit * (1 + len(wanted))


@pytest.mark.parametrize("train_on, expected", [("all", 1), ("sampled", 2)])
def test_the_classes_sampled_matter_only_where_no_other_is_learnt_from(
    train_on, expected, data, trainings, tmp_path
):
    for counts in ({1: 60}, {1: 90}, {1: 90, 2: 60}):
        tiny(
            "CTGANResampler", memory=str(tmp_path), train_on=train_on, sampling_strategy=counts
        ).fit_resample(*data)
    assert len(trainings) == expected


@pytest.mark.parametrize(
    "change",
    [{"max_steps": 6}, {"random_state": 1}, {"learning_rate": 2e-3}, {"generator_dim": (15,)}],
)
def test_whatever_changes_the_model_is_trained_anew(change, data, trainings, tmp_path):
    sampler = tiny("WGANOversampler", memory=joblib.Memory(tmp_path, verbose=0))
    sampler.fit_resample(*data)
    sampler.set_params(**change).fit_resample(*data)
    assert len(trainings) == 2


def test_other_rows_are_trained_anew(data, trainings, tmp_path):
    X, y = data
    for table in (X, X + np.eye(*X.shape) * 1e-9, X[:, ::-1]):
        tiny("WGANOversampler", memory=str(tmp_path), train_on="all").fit_resample(table, y)
    assert len(trainings) == 3


def test_output_and_display_do_not_matter(data, trainings, tmp_path):
    for change in ({}, {"output": "synthetic"}, {"verbose": True}):
        tiny("CTGANResampler", memory=str(tmp_path), **change).fit_resample(*data)
    assert len(trainings) == 1


def test_a_random_state_moves_on_as_without_cache(data, tmp_path):
    rows = []
    for memory in (None, str(tmp_path), str(tmp_path)):
        rng = np.random.RandomState(0)
        sampler = tiny("CTGANResampler", memory=memory, random_state=rng)
        rows.append([sampler.fit_resample(*data)[0] for _ in range(2)])
    np.testing.assert_array_equal(rows[0], rows[1])
    np.testing.assert_array_equal(rows[0], rows[2])
    assert (rows[0][0] != rows[0][1]).any()


def test_the_global_state_of_numpy_is_left_alone(data, tmp_path):
    before = np.random.get_state()[1].copy()
    for _ in range(2):
        tiny("CTGANResampler", memory=str(tmp_path)).fit_resample(*data)
    np.testing.assert_array_equal(np.random.get_state()[1], before)


def test_a_grid_search_trains_once_a_fold(data, trainings, tmp_path):
    X, y = data
    y = (y > 0).astype(int)
    X, y = np.r_[X, X + 0.1], np.r_[y, np.zeros_like(y)]
    sampler = tiny("CTGANResampler", memory=str(tmp_path))
    steps = Pipeline([("make", sampler), ("learn", LogisticRegression())])
    grid = {"make__sampling_strategy": [0.5, 0.75, 1.0]}
    search = GridSearchCV(steps, grid, cv=StratifiedKFold(2), refit=False).fit(X, y)
    assert len(trainings) == 2
    assert np.isfinite(search.cv_results_["mean_test_score"]).all()


def test_memory_survives_clone_and_is_never_the_default(tmp_path):
    assert clone(tiny("CTGANResampler", memory=tmp_path)).memory == tmp_path
    assert tiny("CTGANResampler").memory is None


def test_no_row_is_cached(data, tmp_path):
    X, y = data
    tiny("CTGANResampler", memory=str(tmp_path)).fit_resample(X, y)
    text = b"".join(path.read_bytes() for path in tmp_path.rglob("*") if path.is_file())
    assert text and not any(row.tobytes() in text for row in X)


@pytest.mark.parametrize("name", GENERATORS)
def test_the_cache_holds_no_more_of_the_rows_than_a_saved_model(name, tmp_path, capsys):
    """Neither as bytes nor as text, and nothing of it is printed."""
    rng = np.random.RandomState(0)
    people = [f"Ann Lee{chr(97 + i % 26)}{chr(97 + i // 26)}" for i in range(120)]
    numbers = rng.normal(size=(120, 2))
    X = np.column_stack([numbers.astype(object), people])
    y = np.repeat([0, 1], [80, 40])
    memory = joblib.Memory(tmp_path / "cache", verbose=10)
    sampler = tiny(name, memory=memory, personal="fake").fit(X, y)
    with pytest.warns(UserWarning, match="memory"):
        sampler.save(tmp_path / "model")
    cached = [path.read_bytes() for path in (tmp_path / "cache").rglob("*") if path.is_file()]
    with zipfile.ZipFile(tmp_path / "model") as archive:
        saved = [archive.read(member) for member in archive.namelist()]
    written = b"".join(cached) + "".join(capsys.readouterr()).encode()
    assert len(cached) >= 2 and not any(one.encode() in written for one in people)
    assert b"Calling" in written
    for number in numbers.ravel():
        for kind in (np.float32, np.float64):
            own = kind(number).tobytes()
            assert own not in written or any(own in part for part in saved)
        assert f"{number:.5f}"[:-1].encode() not in written
