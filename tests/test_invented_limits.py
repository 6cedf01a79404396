"""Invented values at the limits of dtypes, of Faker's providers, and of empty columns."""

from decimal import Decimal

import numpy as np
import pandas as pd
import pytest

from skgensample import (
    FakeColumns,
    GaussianCopulaResampler,
    NumbaRandomOverSampler,
    NumbaSMOTE,
)

N = 235


def invented(ids, n_new=470, **options):
    """New values of a column of identifiers."""
    X = pd.DataFrame({"ID": ids, "a": np.random.RandomState(0).rand(len(ids))})
    options = {"personal": "fake", "random_state": 0, **options}
    new, _ = GaussianCopulaResampler(**options).fit(X).sample(n_new)
    assert new["ID"].dtype == X["ID"].dtype and new["ID"].is_unique
    assert not new["ID"].isin(X["ID"]).any()
    return new["ID"]


@pytest.mark.parametrize("dtype", [np.int64, np.uint64, np.int32, np.int16])
@pytest.mark.parametrize("step", [1, 7])
def test_identifiers_at_the_top_of_their_dtype(dtype, step):
    top = np.iinfo(dtype).max
    assert (invented(top - step * np.arange(N).astype(dtype)) >= 0).all()


def test_identifiers_that_nearly_fill_their_dtype():
    assert invented(np.arange(100, dtype=np.int8), 20).between(100, 127).all()
    assert (invented(np.arange(N).astype(np.uint8), 10) >= N).all()


@pytest.mark.parametrize("n_given", [100, 128])
def test_a_full_dtype_is_told_with_a_way_out(n_given):
    with pytest.raises(ValueError, match=r"dtype int8 .*convert the column to a wider dtype") as e:
        invented(np.arange(n_given, dtype=np.int8))
    assert "Give it another" not in str(e.value)
    assert len(invented(np.arange(n_given, dtype=np.int64)))  # the way out


def table():
    """Names and numbers of two classes."""
    pytest.importorskip("faker")
    names = [f"Ann Lee{chr(97 + i % 26)}{chr(97 + i // 26)}" for i in range(N)]
    return pd.DataFrame({"Name": names, "a": np.arange(N) / 7}), np.arange(N) % 5 // 4


@pytest.mark.parametrize(
    ("provider", "meant"),
    [("cty", "'city'"), ("frist_name", "'first_name'"), ("seed_instance", "texts"),
     ("pydict", "texts"), ("pybool", "texts"), ("binary", "texts"), ("add_provider", "texts")],
)  # fmt: skip
def test_providers_of_other_than_single_values_are_refused(provider, meant):
    X, y = table()
    with pytest.raises(ValueError, match=rf"'Name': '{provider}' is no provider .*{meant}"):
        NumbaSMOTE(personal=FakeColumns(columns={"Name": provider})).fit_resample(X, y)


@pytest.mark.parametrize("provider", ["pyint", "date_object", "uuid4", "company"])
def test_providers_of_single_values_make_texts(provider):
    X, y = table()
    sampler = NumbaSMOTE(personal=FakeColumns(columns={"Name": provider}), random_state=0)
    rows, _ = sampler.fit_resample(X, y)
    assert all(isinstance(cell, str) for cell in rows["Name"])


@pytest.mark.parametrize("sampler", [NumbaSMOTE, NumbaRandomOverSampler, GaussianCopulaResampler])
def test_a_declared_column_of_missing_cells_stays_empty(sampler):
    X, y = table()
    X["phone"] = None
    schema = {"phone": "phone_number"}
    rows, _ = sampler(personal="fake", schema=schema, random_state=0).fit_resample(X, y)
    assert len(rows) > N and rows["phone"].isna().all()


def test_decimals_are_invented():
    for digits in (1, 10):
        ids = [Decimal(100_000 + i) / digits for i in range(N)]
        new = invented(ids, schema={"ID": "identifier"})
        assert all(isinstance(cell, Decimal) for cell in new)
