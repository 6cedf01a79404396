"""Contracts D19 to D31 and D36: columns of text, categories, dates and names."""

import numpy as np
import pytest

from conftest import ONE_NETWORK, slow_except
from contracts import Contracts, blobs, judge, repeats_rows, resample

pd = pytest.importorskip("pandas")

CASES = contract = Contracts()

#: A sampler for numbers says what the column holds, and the way out.
TEXT = "'extra'.*(string|text|categor)"
DTYPE = "'extra'.*(dtype|type|datetime|timedelta)"
MISSING = "'extra'.*(missing|NaN)|(missing|NaN).*'extra'|" + TEXT


@slow_except(ONE_NETWORK)
@pytest.mark.parametrize("code", CASES)
def test_contract(code, sampler):
    judge(CASES[code], sampler)


def channels(n=80):
    """Labels of three sorts, as an array of objects."""
    return np.random.RandomState(1).choice(np.array(["chip", "online", "swipe"], object), n)


def resample_with(sampler, values):
    """Resample the blobs with one more column; returns that column of the result."""
    X, y = blobs(d=2)
    frame = pd.DataFrame(X, columns=["amount", "age"]).assign(extra=values)
    X_res, _ = resample(sampler, frame, pd.Series(y, name="fraud"))
    return X_res["extra"]


@contract("D19", "either", "object string column", cause=TEXT)
def object_strings(sampler):
    resample_with(sampler, pd.Series(channels(), dtype=object))


@contract("D20", "either", "category column", cause=TEXT)
def category(sampler):
    resample_with(sampler, pd.Categorical(channels()))


@contract("D21", "either", "pandas string column", cause=TEXT)
def pandas_strings(sampler):
    resample_with(sampler, pd.array(channels(), dtype="string"))


@contract("D22", "either", "pyarrow-backed string column", cause=TEXT)
def arrow_strings(sampler):
    pa = pytest.importorskip("pyarrow")
    resample_with(sampler, pd.array(channels(), dtype=pd.ArrowDtype(pa.string())))


@contract("D23", "either", "ArrowDtype float and int columns", cause=DTYPE + "|arrow")
def arrow_numbers(sampler):
    pa = pytest.importorskip("pyarrow")
    for made in (pa.float64(), pa.int32()):
        resample_with(sampler, pd.array(np.arange(80) % 11, dtype=pd.ArrowDtype(made)))


@contract("D24", "either", "category with unused level and order", cause=TEXT)
def unused_level(sampler):
    levels = ["swipe", "mail", "chip", "online"]
    new = resample_with(sampler, pd.Categorical(channels(), categories=levels, ordered=True))
    assert new.cat.ordered and list(new.cat.categories) == levels
    assert "mail" not in set(new)


@contract("D25", "either", "category with missing values", cause=MISSING)
def missing_level(sampler):
    values = channels()
    values[[3, 40]] = None
    resample_with(sampler, pd.Categorical(values))


@contract("D26", "either", "single-level category", cause=TEXT)
def single_level(sampler):
    new = resample_with(sampler, pd.Categorical(["chip"] * 80))
    assert set(new) == {"chip"}


@contract("D27", "either", "mixed-type object column ('a', 1, 2.5)", cause=TEXT + "|'extra'.*mix")
def mixed_types(sampler):
    values = np.array(["a", 1, 2.5, 3] * 20, dtype=object)
    resample_with(sampler, pd.Series(values, dtype=object))


@contract("D28", "either", "category of integers, codes not contiguous", cause=TEXT)
def integer_levels(sampler):
    new = resample_with(sampler, pd.Categorical(np.array([5411, 7995, 4829, 5411] * 20)))
    assert set(new) <= {5411, 7995, 4829}


@contract("D29", "either", "datetime64 column", cause=DTYPE)
def datetimes(sampler):
    resample_with(sampler, pd.date_range("2018-04-01", periods=80, freq="h"))


@contract("D30", "either", "tz-aware datetime", cause=DTYPE)
def aware_datetimes(sampler):
    resample_with(sampler, pd.date_range("2018-04-01", periods=80, freq="h", tz="Europe/Berlin"))


@contract("D31", "either", "timedelta column", cause=DTYPE)
def timedeltas(sampler):
    resample_with(sampler, pd.to_timedelta(np.arange(80), unit="min"))


@contract("D36", "either", "unique text per row (names)", cause=TEXT + "|'extra'.*identif")
def names(sampler):
    people = [f"Person Number {i}" for i in range(80)]
    new = resample_with(sampler, pd.Series(people, dtype=object))[80:]
    if repeats_rows(sampler):  # whole people, as they are
        assert set(new) <= set(people)
        return
    assert not set(new) & set(people), "synthetic rows carry real names"
