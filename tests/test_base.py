"""The one fit_resample body, seen through two samplers of a few lines."""

import pickle

import numpy as np
import pandas as pd
import pytest
from scipy import sparse

from skgensample import NumbaSMOTE
from skgensample._runtime.random_streams import Streams
from skgensample.base import BaseConditionalResampler, BaseOverSampler


class Repeat(BaseOverSampler):
    """Repeats rows of the class."""

    _categories = "text"

    def _fit_generator(self, Z, y, columns, rng):
        return Z, y

    def _generate(self, model, label, n, rng, out):
        Z, y = model
        rows = np.flatnonzero(y == label)
        return Z[rows[rng.randint(len(rows), size=n)]]


class Means(BaseConditionalResampler):
    """Draws the class mean; keeps no row."""

    def _fit_generator(self, Z, y, columns, rng):
        return {label: Z[y == label].mean(axis=0) for label in np.unique(y)}

    def _generate(self, model, label, n, rng, out):
        out[:] = model[label]
        return out


class Broken(Repeat):
    def _generate(self, model, label, n, rng, out):
        raise KeyboardInterrupt


@pytest.fixture
def table():
    frame = pd.DataFrame(
        {
            "amount": 2 * np.arange(20.0),
            "kind": pd.Categorical(list("ab") * 10),
            "code": np.arange(20) // 2 + 2**60,
        }
    )
    return frame, pd.Series(["fraud"] * 4 + ["fine"] * 16, name="label")


def test_given_rows_first_then_new_ones(table):
    X, y = table
    sampler = Repeat(random_state=0)
    X_res, y_res = sampler.fit_resample(X, y)
    pd.testing.assert_frame_equal(X_res.iloc[:20], X)
    pd.testing.assert_series_equal(y_res.iloc[:20], y)
    assert y_res.value_counts().tolist() == [16, 16]
    assert sampler.is_synthetic_.tolist() == [False] * 20 + [True] * 12
    assert X_res["code"].iloc[20:].isin(X["code"].iloc[:4]).all()
    assert X_res.index.equals(y_res.index)


def test_sparse_rows_reach_a_dense_sampler():
    X = sparse.random(30, 5, density=0.5, format="csc", random_state=0)
    X_res, _ = Repeat(random_state=0).fit_resample(X, np.arange(30) < 10)
    assert X_res.format == "csc" and X_res.shape == (40, 5)
    assert abs(X_res[:30] - X).sum() == 0


def test_wide_sparse_is_refused_with_the_bytes():
    X = sparse.eye(300, 3_000_000, format="csr")
    with pytest.raises(ValueError, match="7200000000 bytes"):
        Repeat().fit_resample(X, np.arange(300) < 10)


def test_a_failed_call_leaves_no_trace(table):
    sampler = Broken(random_state=0)
    before = dict(vars(sampler))
    with pytest.raises(KeyboardInterrupt):
        sampler.fit_resample(*table)
    assert vars(sampler) == before
    fitted = Repeat(random_state=0)
    fitted.fit_resample(*table)
    before = dict(vars(fitted))
    with pytest.raises(ValueError, match="column 'amount', row 3"):
        fitted.fit_resample(table[0].replace({"amount": {6.0: np.nan}}), table[1])
    assert vars(fitted) == before


def test_one_row_of_a_class_is_refused_with_the_way_out(table):
    X, y = table
    y = y.where(np.arange(20) != 19, "odd")
    with pytest.raises(ValueError, match=r"Class 'odd' has 1 row\(s\).*sampling_strategy"):
        Repeat().fit_resample(X, y)
    _, y_res = Repeat(sampling_strategy={"fraud": 9}).fit_resample(X, y)
    assert y_res.value_counts()["fraud"] == 9


def test_same_labels_in_another_order_are_refused(table):
    X, y = table
    shuffled = y.sample(frac=1, random_state=0)
    with pytest.raises(ValueError, match="another order"):
        Repeat().fit_resample(X, shuffled)
    Repeat().fit_resample(X.loc[shuffled.index], shuffled)
    Repeat().fit_resample(X.loc[shuffled.index], shuffled.to_numpy())


@pytest.mark.parametrize("output", ["augment", "synthetic"])
def test_conditional_resampler_output(table, output):
    X, y = table
    model = Means(random_state=0, output=output)
    X_res, y_res = model.fit_resample(X, y)
    n_given = 20 if output == "augment" else 0
    assert y_res.value_counts().to_dict() == {"fine": 16, "fraud": 16}
    assert model.is_synthetic_.sum() == 32 - n_given
    assert list(X_res.columns) == list(X.columns) and (X_res.dtypes == X.dtypes).all()
    new = X_res.iloc[n_given:][(y_res == "fraud").iloc[n_given:]]
    assert (new["amount"] == 3).all()


def test_sample_draws_the_class_asked_for(table):
    model = Means(random_state=0).fit(*table)
    X_new, y_new = model.sample(7, y="fraud")
    assert len(X_new) == 7 and (y_new == "fraud").all() and (X_new["amount"] == 3).all()
    assert y_new.name == "label" and X_new.index.equals(y_new.index)
    _, labels = model.sample(20_000)
    assert abs((labels == "fraud").mean() - 0.2) < 0.02
    assert len(pickle.loads(pickle.dumps(model)).sample(3)[0]) == 3


@pytest.mark.parametrize(("n", "y"), [(0, None), (2.5, None), (True, None), (3, "unknown")])
def test_sample_refuses(table, n, y):
    model = Means(random_state=0).fit(*table)
    with pytest.raises(ValueError, match=r"n_samples|not a class"):
        model.sample(n, y=y)


@pytest.mark.parametrize("dtype", [None, object])
def test_sample_takes_arrays_of_no_dimension(table, dtype):
    model = Means(random_state=0).fit(*table)
    X_new, y_new = model.sample(np.array(7), y=np.array("fraud", dtype=dtype))
    assert len(X_new) == 7 and (y_new == "fraud").all()


@pytest.mark.parametrize("dtype", [int, float, bool, np.uint8])
def test_sample_takes_tensors_of_no_dimension(dtype, rng):
    torch = pytest.importorskip("torch")
    y = (np.arange(20) < 4).astype(dtype)
    model = Means(random_state=0).fit(rng.normal(size=(20, 2)), y)
    _, y_new = model.sample(torch.tensor(3), y=torch.tensor(y[0]))
    assert y_new.tolist() == [y[0]] * 3 and y_new.dtype == dtype


@pytest.mark.parametrize("label", [["fraud"], np.array(["fraud"]), pd.Series(["fraud"])])
def test_sample_says_what_a_label_is(table, label):
    with pytest.raises(ValueError, match=r"not a class.*give one of \['fine', 'fraud'\]"):
        Means(random_state=0).fit(*table).sample(3, y=label)


def test_streams():
    first = np.random.RandomState(5).uniform(size=3)
    streams = Streams(5)
    assert streams.training().uniform() != first[0]
    assert (streams.next().uniform(size=3) == first).all()
    assert (streams.next().uniform(size=3) != first).all()
    shared = np.random.RandomState(5)
    streams = Streams(shared)
    assert streams.next() is shared and streams.next() is shared
    assert Streams(None).next().uniform() != Streams(None).next().uniform()


def test_two_classes_of_equal_size_get_different_draws(rng):
    X = np.tile(rng.standard_normal((10, 2)), (5, 1))
    y = np.repeat([0, 1, 2], [10, 10, 30])
    sampler = NumbaSMOTE(random_state=0)
    X_res, _ = sampler.fit_resample(X, y)
    first, second = X_res[50:70], X_res[70:90]
    assert not np.isclose(first, second).all(axis=1).any()
    parents = sampler.synthetic_parents_
    assert parents.shape == (40, 2) and (parents[:20] < 10).all() and (parents[20:] >= 10).all()


class Spoilt(Means):
    """A model whose rows of one class are not finite."""

    value, column, spoilt = np.nan, 0, "fraud"

    def _generate(self, model, label, n, rng, out):
        out[:] = model[label]
        if label == self.spoilt:
            out[-1, self.column] = self.value
        return out


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
@pytest.mark.parametrize("output", ["augment", "synthetic"])
def test_rows_that_are_not_finite_are_refused(table, value, output):
    """By `fit_resample` and by `sample`: class and column are named, and nothing is returned."""
    X, y = table
    sampler = Spoilt(random_state=0, output=output)
    sampler.value = value
    with pytest.raises(FloatingPointError, match="class 'fraud' in column 'amount'"):
        sampler.fit_resample(X[["amount", "code"]], y)
    sampler.fit(X[["amount", "code"]], y)
    with pytest.raises(FloatingPointError, match="class 'fraud' in column 'amount'"):
        sampler.sample(10, y="fraud")
    assert len(sampler.sample(10, y="fine")[0]) == 10


def test_missing_cells_are_no_fault_where_the_given_column_has_some(table):
    X, y = table
    holed = X[["amount", "code"]].assign(other=np.where(np.arange(20) % 3, 1.5, np.nan))
    sampler = Spoilt(random_state=0)
    sampler.column = 2
    assert np.isnan(sampler.fit_resample(holed, y)[0]["other"].iloc[-1])
    sampler.value = np.inf
    with pytest.raises(FloatingPointError, match="column 'other'"):
        sampler.fit_resample(holed, y)


def test_sums_that_overflow_are_no_fault():
    """The quick check adds up all numbers; the result may be infinite though they are not."""
    X = np.full((20, 3), 1.7e308)
    X[::2] = 1.6e308
    y = np.arange(20) < 4
    assert np.isfinite(Repeat(random_state=0).fit_resample(X, y)[0]).all()
