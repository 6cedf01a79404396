"""Conditions and partial rows: cells of a user as numbers in ``Z``."""

from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd
import pytest

from skgensample.base._conditional import encode_cells
from skgensample.table import TableCodec

BERLIN = "Europe/Berlin"


def fitted(table):
    """Codec of a table, and the encoded table."""
    codec = TableCodec(categories="text", missing=True, learned=True)
    return codec, codec.fit_encode(table)


def stamp(text):
    return pd.Timestamp(text, tz=BERLIN)


# time zones


@pytest.fixture(scope="module")
def days():
    frame = pd.DataFrame({"day": pd.date_range("2024-01-01", periods=366, tz=BERLIN)})
    return frame, *fitted(frame)


def test_own_days_of_a_zone_are_accepted(days):
    frame, codec, Z = days
    np.testing.assert_array_equal(codec.encode_cells("day", frame["day"].tolist()), Z[:, 0])
    abroad = frame["day"].dt.tz_convert("Asia/Tokyo").tolist()
    np.testing.assert_array_equal(codec.encode_cells("day", abroad), Z[:, 0])
    values = codec.condition("day", frame["day"]).values
    np.testing.assert_array_equal(values, np.sort(Z[:, 0]))


@pytest.mark.parametrize("low", ["2024-07-01", "2024-07-01 00:30", "2024-03-31 03:30"])
@pytest.mark.parametrize("high", ["2024-10-27", "2024-10-26 23:59", "2024-10-28 00:00", None])
def test_intervals_of_days_of_a_zone(days, low, high):
    frame, codec, Z = days
    low, high = stamp(low), high and stamp(high)
    allowed = frame["day"].between(low, high or frame["day"].max())
    found = codec.condition("day", (low, high)).mask(Z[:, 0])
    np.testing.assert_array_equal(found, allowed)


def test_a_time_without_a_zone_is_refused_in_a_column_with_one(days):
    codec = days[1]
    for naive in (datetime(2024, 7, 1), np.datetime64("2024-07-01")):
        for wanted in (naive, (naive, None)):
            with pytest.raises(ValueError, match="'day' holds times of a time zone"):
                codec.condition("day", wanted)


def test_midnights_that_a_change_of_clocks_skips():
    days = pd.date_range("2017-10-01", periods=30).tz_localize(
        "America/Sao_Paulo", nonexistent="shift_forward"
    )
    frame = pd.DataFrame({"day": days.repeat(2)})
    frame = frame[frame["day"].dt.hour == 0].reset_index(drop=True)
    codec, _ = fitted(frame)
    skipped = codec.decode(np.array([[14.0]]))["day"][0]
    assert skipped.hour == 1
    condition = codec.condition("day", (skipped, skipped))
    assert condition.low == condition.high == 14.0


def test_polars_hours_of_a_zone_over_the_change_of_clocks():
    pl = pytest.importorskip("polars")
    first = datetime(2024, 10, 26, 20, tzinfo=ZoneInfo("UTC"))
    hours = pl.Series("t", [first + timedelta(hours=i) for i in range(12)])
    frame = pl.DataFrame({"t": hours.dt.convert_time_zone(BERLIN)})
    codec, Z = fitted(frame)
    np.testing.assert_array_equal(encode_cells(codec, frame)[:, 0], Z[:, 0])
    for i, cell in enumerate(frame["t"].to_list()):
        np.testing.assert_array_equal(
            codec.condition("t", (cell, None)).mask(Z[:, 0]), np.arange(12) >= i
        )


def test_polars_days_of_a_zone_and_times_of_day():
    pl = pytest.importorskip("polars")
    days = pl.datetime_range(
        datetime(2024, 1, 1), datetime(2024, 12, 1), "1d", time_zone=BERLIN, eager=True
    )
    clock = [time(i % 24, 30) for i in range(len(days))]
    frame = pl.DataFrame({"day": days, "clock": clock})
    codec, Z = fitted(frame)
    np.testing.assert_array_equal(encode_cells(codec, frame), Z)
    found = codec.condition("clock", (time(12), time(20, 30))).mask(Z[:, 1])
    assert np.array_equal(found, [time(12) <= t <= time(20, 30) for t in clock])


# integers that float64 does not hold


def test_integers_beyond_float64_are_refused_unless_exact():
    first = 2**40
    frame = pd.DataFrame({"k": [first, first + 2**60 + 1, first + 2**58]})
    codec, _ = fitted(frame)
    exact = [first, first + 2**58, first + 2**60 + 1]
    assert codec.decode(codec.encode_cells("k", exact)[:, None])["k"].tolist() == exact
    for value in (first + 2**58 + 1, np.int64(first + 2**57 + 3)):
        with pytest.raises(ValueError, match="would be rounded"):
            codec.condition("k", [first, value])
        with pytest.raises(ValueError, match=r"Row 1: Column 'k' .*would be rounded"):
            encode_cells(codec, {"k": [first, value]})


def test_floats_are_counted_as_integers_where_they_are_large():
    first = 2**60 + 1
    codec, _ = fitted(pd.DataFrame({"k": [first, first + 1_000]}))
    assert codec.encode_cell("k", float(2**60 + 256)) == (0, 255.0)


def test_intervals_of_integers_beyond_float64_do_not_reach_outside():
    first = 5
    frame = pd.DataFrame({"k": [first, first + 2**62 + 3]})
    codec, _ = fitted(frame)
    for offset in range(-5, 6):
        value = first + 2**60 + offset
        low, high = (
            codec.condition("k", (value, None)).low,
            codec.condition("k", (None, value)).high,
        )
        made = codec.decode(np.array([[low], [high]]))["k"].tolist()
        assert made[0] >= value >= made[1]
        assert made[0] - value < 512 and value - made[1] < 512


# narrow floats


@pytest.mark.parametrize("dtype", ["f4", "f2", "f8"])
@pytest.mark.parametrize("places", [2, 1, None])
def test_own_cells_of_narrow_floats(dtype, places):
    rng = np.random.RandomState(0)
    x = rng.uniform(0, 9, 200)
    x = (np.pi * x if places is None else np.round(x, places)).astype(dtype)
    for table in (x[:, None], pd.DataFrame({0: x})):
        codec, Z = fitted(table)
        for cells in (x.tolist(), list(x)):
            np.testing.assert_array_equal(encode_cells(codec, {0: cells})[:, 0], Z[:, 0])
            for cell in cells[:30]:
                for wanted in (cell, [cell], (cell, cell)):
                    found = codec.condition(0, wanted).mask(Z[:, 0].astype(float))
                    np.testing.assert_array_equal(found, x == x.dtype.type(cell))


def test_cents_between_two_are_refused_in_narrow_floats_too():
    codec, _ = fitted(np.array([[0.1], [0.25], [3.0]], dtype="f4"))
    assert codec.condition(0, 0.11).values == np.float32(0.11)
    with pytest.raises(ValueError, match="2 decimal places, and this value would be rounded"):
        codec.condition(0, 0.113)
    condition = codec.condition(0, (0.111, 0.209))
    found = condition.mask(np.array([0.11, 0.12, 0.2, 0.21]))
    assert found.tolist() == [False, True, True, False]


# bools


@pytest.mark.parametrize("dtype", [bool, int])
def test_intervals_of_bools(dtype):
    codec, Z = fitted(np.array([[0], [1], [1]], dtype=dtype))
    for end in (False, True, np.True_, 0, 1):
        condition = codec.condition(0, (end, end))
        assert condition.low == condition.high == int(end)
    assert codec.condition(0, (False, True)).mask(Z[:, 0]).all()


# what is refused, and how


@pytest.fixture(scope="module")
def mixed():
    return fitted(
        pd.DataFrame(
            {
                "age": [30, 40, 50],
                "cat": ["a", "b", "c"],
                "x": [0.1, 0.2, np.pi],
                "day": pd.date_range("2024-01-01", periods=3),
            }
        )
    )[0]


@pytest.mark.parametrize(
    ("partial", "cause"),
    [
        ({"age": 30}, "Column 'age': partial takes a list of values.* one int"),
        ({"age": np.array(30)}, "Column 'age': partial takes a list of values"),
        ({"cat": "abc"}, "Column 'cat': partial takes a list of values.* one str"),
        ({"age": np.array([[30]])}, "Column 'age': .*not a table"),
        ({"age": []}, "Column 'age': the list of values is empty"),
        (pd.DataFrame([[1, 2]], columns=["age", "age"]), "several columns 'age'"),
        ({"x": [0.1, 1j]}, "Row 1: Column 'x' .*give a float, not a complex"),
        ({"x": ["0.1"]}, "Row 0: Column 'x' .*give a float, not a str"),
        ({"x": [np.inf]}, "Column 'x' holds finite numbers"),
        ({"age": [np.inf]}, "Column 'age' holds whole numbers: give a finite one"),
        ({"age": [30.5]}, "Column 'age' holds whole steps"),
        ({"age": [10**400]}, "Column 'age' has no such value"),
        ({"day": [30]}, "Column 'day': give a value of the column's type"),
    ],
)
def test_partial_rows_that_cannot_be(mixed, partial, cause):
    with pytest.raises(ValueError, match=cause):
        encode_cells(mixed, partial)


def series_of_polars(values):
    return pytest.importorskip("polars").Series("other", values)


@pytest.mark.parametrize("kind", [list, pd.Series, pd.Index, np.array, pd.array, series_of_polars])
def test_values_come_in_any_list(mixed, kind):
    columns = {
        "age": ([30, 50], [0, 20]),
        "cat": (["a", "c"], [0, 2]),
        "x": ([0.1, 0.2], [0.1, 0.2]),
    }
    for name, (values, numbers) in columns.items():
        assert mixed.condition(name, kind(values)).values.tolist() == numbers
        j = mixed.column(name).index
        assert encode_cells(mixed, {name: kind(values)})[:, j].tolist() == numbers
        with pytest.raises(ValueError, match=f"Column '{name}': the list of values is empty"):
            mixed.condition(name, kind([]))


def test_dates_come_in_arrays_of_nanoseconds(mixed):
    days = np.array(["2024-01-03", "2024-01-02"], dtype="M8[ns]")
    assert encode_cells(mixed, {"day": days})[:, 3].tolist() == [2, 1]
    assert mixed.condition("day", (days[1], days[0])).high == 2
