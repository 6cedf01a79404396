"""WGANOversampler: one network for several classes."""

import numpy as np
import pandas as pd
import pytest
from scipy import stats

pytest.importorskip("torch")

import skgensample
from skgensample import WGANOversampler


def tiny(**changes):
    settings = {"embedding_dim": 8, "generator_dim": (32,), "discriminator_dim": (32,)}
    settings |= {"batch_size": 64, "max_steps": 10, "random_state": 0}
    return WGANOversampler(**settings | changes)


@pytest.fixture
def data():
    """Three classes at different places, with the same dependence of two columns."""
    rng = np.random.RandomState(0)
    y = np.repeat([0, 1, 2], [900, 250, 250])
    u, v = rng.normal(size=(2, 1_400))
    return np.column_stack([u + 4 * y, u + 0.3 * v, rng.gamma(2, size=1_400)]), y


@pytest.mark.parametrize("train_on", ["all", "sampled"])
def test_one_network_learns_each_class(data, train_on):
    X, y = data
    sampler = WGANOversampler(max_steps=500, train_on=train_on, random_state=0)
    X_res, y_res = sampler.fit_resample(X, y)
    for label in (1, 2):
        given, made = X[y == label], X_res[len(X) :][y_res[len(X) :] == label]
        assert stats.spearmanr(made[:, 0], made[:, 1])[0] > 0.75
        for j in range(3):
            assert stats.ks_2samp(made[:, j], given[:, j]).statistic < 0.2
        assert (made >= given.min(axis=0)).all() and (made <= given.max(axis=0)).all()


def test_other_classes_count_only_with_train_on_all(data):
    X, y = data
    other = X.copy()
    other[y == 0, 0] = X[y == 0, 0][::-1]  # the ranks stay, what goes with what does not
    for train_on, same in (("sampled", True), ("all", False)):
        made = [tiny(train_on=train_on).fit_resample(table, y)[0][1_400:] for table in (X, other)]
        assert np.array_equal(*made) == same


@pytest.mark.parametrize("sampler", ["GANOversampler", "WGANOversampler"])
def test_rows_of_a_learnt_class_alone(data, sampler):
    """As many as asked, of the class asked, of the frame's dtypes; the same for the same seed."""
    X, y = data
    frame = pd.DataFrame(X, columns=["a", "b", "c"]).assign(d=np.where(X[:, 2] > 1, "x", "y"))
    settings = tiny().get_params()
    settings = {name: value for name, value in settings.items() if name not in ("train_on", "pac")}
    model = getattr(skgensample, sampler)(**settings).fit(frame, y)
    rows, labels = model.sample(7, y=2)
    assert len(rows) == 7 and (np.asarray(labels) == 2).all()
    pd.testing.assert_series_equal(rows.dtypes, frame.dtypes)
    pd.testing.assert_frame_equal(rows, model.sample(7, y=2)[0])
    assert not rows.equals(model.sample(7, y=2, random_state=1)[0])
    inside = frame[y == 2].select_dtypes("number")
    assert (rows[inside.columns] >= inside.min()).all(axis=None)
    for asked in ({"y": 0}, {}):
        with pytest.raises(ValueError, match="Class 0 was not to be sampled"):
            model.sample(7, **asked)


def test_rows_of_all_classes_where_all_were_learnt(data):
    model = tiny(train_on="all").fit(*data)
    _, labels = model.sample(2_000)
    np.testing.assert_allclose(np.bincount(labels) / 2_000, model.class_prior_, atol=0.04)
    assert (model.sample(5, y=0)[1] == 0).all()


def test_nothing_to_sample_trains_nothing(data):
    X, y = data
    X, y = X[y > 0], y[y > 0]
    sampler = tiny()
    X_res, _ = sampler.fit_resample(X, y)
    np.testing.assert_array_equal(X_res, X)
    assert sampler.history_ == {}
    with pytest.raises(ValueError, match="not to be sampled"):
        sampler.fit(X, y).sample(3, y=1)


def test_label_is_the_only_condition(data):
    X, y = data
    X = np.column_stack([X, X[:, 2] > 1])
    seen = []
    original = WGANOversampler._generate

    class Spy(WGANOversampler):
        def _generate(self, model, label, n, rng, out):
            seen.append(model)
            return original(self, model, label, n, rng, out)

    Spy(**tiny().get_params()).fit_resample(X, y)
    assert seen[0].tabular.encoder.discrete_spans
    assert (seen[0].conditions.span == -1).all() and len(seen[0].labels) == 2
