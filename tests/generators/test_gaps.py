"""Tables with missing cells, dates and money through training and back."""

import numpy as np
import pandas as pd
import pytest

pytest.importorskip("torch")

from skgensample import CTGANResampler, GANOversampler
from skgensample.generators._encoding.class_statistics import class_ranges
from skgensample.table import Column

N = 1_000


@pytest.fixture(scope="module")
def table():
    """Money and a score missing together, a count missing by itself, a category, a day."""
    rng = np.random.RandomState(0)
    y = (np.arange(N) % 2 == 0).astype(int)
    together = rng.uniform(size=N) < np.where(y == 1, 0.4, 0.1)
    alone, unknown = rng.uniform(size=(2, N)) < [[0.2], [0.3]]
    score = rng.normal(size=N)
    frame = pd.DataFrame(
        {
            "amount": np.where(together, np.nan, np.round(np.exp(score) * 100, 2)),
            "score": np.where(together, np.nan, score),
            "visits": pd.array(rng.poisson(30, N), dtype="Int64"),
            "job": pd.Series(np.where(unknown, None, rng.choice(["a", "b"], N)), dtype=object),
            "seen": pd.Timestamp("2018-04-01") + pd.to_timedelta(rng.randint(0, 180, N), unit="D"),
            "never": pd.array([None] * N, dtype="Float64"),
        }
    )
    frame.loc[alone, "visits"] = pd.NA
    return frame, pd.Series(y, name="fraud")


def drawn(model, table, n=4_000):
    """Train and draw rows of class 1 only."""
    X, y = table
    if isinstance(model, CTGANResampler):
        return model.fit(X, y).sample(n, y=1)[0]
    X_res, _ = model.set_params(sampling_strategy={1: 500 + n}).fit_resample(X, y)
    return X_res[model.is_synthetic_].reset_index(drop=True)


def small(kind, **params):
    return kind(
        random_state=0, generator_dim=(64,), discriminator_dim=(64,), batch_size=100, **params
    )


@pytest.mark.parametrize("kind", [GANOversampler, CTGANResampler])
def test_rows_are_typed_and_cells_missing_together_stay_together(table, kind):
    X, y = table
    new = drawn(small(kind, max_steps=20), table)
    assert new.dtypes.equals(X.dtypes)
    assert (new["amount"].isna() == new["score"].isna()).all()
    assert 0 < new["amount"].isna().mean() < 1
    assert {None} == {cell for cell in new["job"] if not isinstance(cell, str)}
    assert new["never"].isna().all() and not new["seen"].isna().any()
    own = X[y == 1]
    for name in ("amount", "score", "visits", "seen"):
        assert new[name].dropna().between(own[name].min(), own[name].max()).all()
    assert new["amount"].dropna().round(2).equals(new["amount"].dropna())
    assert new["seen"].dt.normalize().equals(new["seen"]) and new["seen"].nunique() > 20


@pytest.mark.parametrize("kind", [GANOversampler, CTGANResampler])
def test_the_share_of_missing_cells_is_that_of_the_class(table, kind):
    X, y = table
    new = drawn(small(kind, max_steps=300), table)
    own = X[y == 1]
    for name in ("amount", "score", "visits", "job"):
        assert abs(new[name].isna().mean() - own[name].isna().mean()) < 0.02, name


def test_a_class_without_a_cell_gets_none(table):
    X, y = table
    X = X.assign(score=X["score"].where(y == 0))
    model = small(CTGANResampler, max_steps=10).fit(X, y)
    assert model.sample(200, y=1)[0]["score"].isna().all()
    assert not model.sample(200, y=0)[0]["score"].isna().all()


def test_boxes_of_columns_with_missing_cells():
    Z = np.array([[1.0, np.nan], [np.nan, np.nan], [5.0, 2.0], [7.0, 3.0]])
    columns = [Column("a", 0, "float"), Column("b", 1, "float")]
    boxes = class_ranges(Z, np.array([0, 0, 1, 1]), columns)
    np.testing.assert_array_equal(boxes[0], [[1, np.nan], [7, np.nan]])  # not a copy of one cell
    np.testing.assert_array_equal(boxes[1], [[5, 2], [7, 3]])


def test_arrays_with_nan():
    rng = np.random.RandomState(0)
    X = rng.normal(size=(80, 3))
    X[rng.uniform(size=X.shape) < 0.3] = np.nan
    y = np.repeat([0, 1], [70, 10])
    model = small(GANOversampler, max_steps=10)
    X_res, _ = model.fit_resample(X, y)
    np.testing.assert_array_equal(X_res[:80], X)
    assert np.isnan(X_res[80:]).any(axis=0).all() and not np.isnan(X_res[80:]).all()
    again, _ = model.fit_resample(X, y)
    np.testing.assert_array_equal(again, X_res)
