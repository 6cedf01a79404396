"""Training goes on where it ended, as if it had not been interrupted."""

import pickle

import numpy as np
import pytest

torch = pytest.importorskip("torch")
from small_runs import small_table, tiny

RESAMPLERS = ("CTGANResampler", "CopulaGANResampler", "TVAEResampler")


@pytest.fixture
def data():
    return small_table()


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
