"""Missing cells, decimals and dates on their way through the codec."""

import pickle

import numpy as np
import pandas as pd
import pytest

from skgensample.table import TableCodec
from skgensample.table._decimals import decimal_places, to_places

N = 60
GAP = np.arange(N) % 7 == 3
RNG = np.random.RandomState(0)
COLOURS = np.array(["red", "blue"] * (N // 2), dtype=object)


def learned_codec():
    return TableCodec(categories="text", missing=True, learned=True)


def with_gaps(values):
    column = pd.Series(values).copy()
    column[GAP] = None
    return column


COLUMNS = {
    "float": with_gaps(RNG.normal(size=N)),
    "float32": with_gaps(RNG.normal(size=N).astype("f4")),
    "Int64": with_gaps(pd.array(RNG.randint(0, 9, N), dtype="Int64")),
    "Int64 above 2**53": with_gaps(pd.array(2**60 + np.arange(N) // 2, dtype="Int64")),
    "boolean": with_gaps(pd.array(RNG.rand(N) < 0.5, dtype="boolean")),
    "Float64": with_gaps(pd.array(RNG.normal(size=N), dtype="Float64")),
    "object None": pd.Series(np.where(GAP, None, RNG.choice(list("abc"), N)), dtype=object),
    "object NaN": pd.Series(np.where(GAP, np.nan, COLOURS), dtype=object),
    "object integers": pd.Series(np.where(GAP, None, np.arange(N) % 9), dtype=object),
    "string": with_gaps(pd.array(RNG.choice(list("abc"), N), dtype="string")),
    "category": with_gaps(pd.Categorical(RNG.choice(list("abc"), N), categories=list("cbad"))),
    "datetime": with_gaps(pd.date_range("2020-01-31", periods=N)),
    "zoned": with_gaps(pd.date_range("2020-01-31", periods=N, freq="min", tz="Europe/Berlin")),
    "timedelta": with_gaps(pd.to_timedelta(np.arange(N), unit="min")),
    "sparse": pd.Series(pd.arrays.SparseArray(np.where(GAP, np.nan, 1.5))),
}


@pytest.mark.parametrize("name", COLUMNS)
@pytest.mark.parametrize("empty", [False, True])
def test_pandas_columns_come_back(name, empty):
    column = COLUMNS[name]
    if empty:
        column = pd.Series([None] * N, dtype=column.dtype)
    frame = pd.DataFrame({"full": np.arange(N) / 7, "c": column})
    codec = learned_codec()
    Z = codec.fit_encode(frame)
    assert np.array_equal(np.isnan(Z[:, 1]), column.isna())
    assert [c.missing for c in codec.columns] == [False, True]
    pd.testing.assert_frame_equal(codec.decode(Z), frame)
    assert codec.decode(Z[:0]).dtypes.equals(frame.dtypes)
    pd.testing.assert_frame_equal(pickle.loads(pickle.dumps(codec)).decode(Z), frame)


def test_polars_columns_come_back():
    pl = pytest.importorskip("polars")
    pytest.importorskip("pyarrow")
    names = ["float", "Int64", "boolean", "object None", "datetime", "zoned", "timedelta"]
    frame = pl.from_pandas(pd.DataFrame({name: COLUMNS[name] for name in names}))
    frame = frame.with_columns(
        pl.Series("NaN", np.where(GAP, np.nan, np.arange(N)), nan_to_null=False),
        pl.Series("nothing", [None] * N),
        pl.col("object None").cast(pl.Categorical).alias("category"),
        pl.col("datetime").cast(pl.Date).alias("date"),
        pl.col("zoned").dt.time().alias("time"),
    )
    codec = learned_codec()
    Z = codec.fit_encode(frame)
    assert codec.decode(Z).equals(frame) and codec.decode(Z).schema == frame.schema
    assert np.isnan(Z[GAP]).all()
    places = dict(zip(frame.columns, Z.T))
    assert set(np.diff(places["date"][~GAP])) == {1.0, 2.0}


def test_object_arrays_and_sparse_matrices_come_back():
    from scipy import sparse

    table = np.column_stack([np.where(GAP, None, np.arange(N) % 9), ["x", "y"] * (N // 2)])
    codec = learned_codec()
    back = codec.decode(codec.fit_encode(table))
    assert back.dtype == object and back.tolist() == table.tolist()
    X = sparse.csr_matrix(np.where(GAP, np.nan, np.arange(N) % 3.0)[:, None])
    back = codec.decode(codec.fit_encode(X))
    np.testing.assert_array_equal(back.toarray(), X.toarray())


@pytest.mark.parametrize("dtype", ["f8", "f4", "f2", ">f8"])
def test_arrays_come_back(dtype):
    X = np.column_stack([np.where(GAP, np.nan, RNG.normal(size=N)), np.arange(N)]).astype(dtype)
    codec = learned_codec()
    np.testing.assert_array_equal(codec.decode(codec.fit_encode(X)), X)
    assert [c.missing for c in codec.columns] == [True, False]


def test_infinity_is_an_error_next_to_missing_cells():
    for make in (np.array, lambda rows: pd.DataFrame(rows, columns=["a", "b"])):
        with pytest.raises(ValueError, match=r"infinity: column ('b'|1), row 2"):
            learned_codec().fit_encode(make([[np.nan, 1.0], [1.0, np.nan], [2.0, np.inf]]))


# decimals


@pytest.mark.parametrize(
    ("texts", "places"),
    [
        (["12.34", "0.1", "5"], 2),
        (["1", "-3", "0"], 0),
        (["0.000001", "123456.654321"], 6),
        (["0.0000001", "1"], None),
        (["1e300", "-1e300"], 0),
        (["1e300", "0.25"], 2),
        (["5e-324", "1"], None),
        (["1.7976931348623157e308", "4503599627370495.5"], 1),
        (["nan", "99999999999.99"], 2),
        (["nan"], 0),
        (["0.30000000000000004"], None),
    ],
)
def test_decimal_places(texts, places):
    x = np.array(texts, dtype=np.float64)
    assert decimal_places(x) == places
    if places is not None:
        np.testing.assert_array_equal(to_places(x, places), x)


@pytest.mark.parametrize("dtype", ["f8", "f4"])
def test_every_number_of_cents_is_recognised_and_made(dtype):
    rng = np.random.RandomState(0)
    cents = rng.randint(-(10**6), 10**6, 200_000)
    x = np.array([f"{c / 100:.2f}" for c in cents.tolist()], dtype=dtype)
    assert decimal_places(x) == 2
    noisy = x.astype(float) + rng.uniform(-0.004, 0.004, len(x))
    np.testing.assert_array_equal(to_places(noisy, 2).astype(dtype), x)


def test_one_value_off_the_grid_is_found_wherever_it_stands():
    x = np.round(np.random.RandomState(0).gamma(2, size=5_000), 2)
    for row in (0, 1_500, 4_999):
        broken = x.copy()
        broken[row] = np.pi
        assert decimal_places(broken) is None


def test_only_models_restore_decimals():
    X = np.array([[1.25, np.pi], [2.5, 1.0]])
    between = np.array([[1.876, 1.876]])
    for learned, made in ((True, [1.88, 1.876]), (False, [1.876, 1.876])):
        codec = TableCodec(learned=learned)
        codec.fit_encode(X)
        assert [c.decimals for c in codec.columns] == [2 if learned else None, None]
        assert codec.decode(between).tolist() == [made]


# dates


def dates_between(column, share=0.37):
    """Decode a point between the earliest and the latest cell of a column."""
    codec = learned_codec()
    Z = codec.fit_encode(pd.DataFrame({"d": column}))
    inside = Z.min() + share * np.ptp(Z)
    return codec.decode(np.array([[inside], [Z.max() * 9], [-9.0]]))["d"]


@pytest.mark.parametrize(
    ("start", "freq", "unit"),
    [
        ("2020-02-03", "D", "ns"),
        ("2020-02-03 12:30", "D", "s"),
        ("2020-02-03", "h", "us"),
        ("1815-06-18", "W", "s"),
        ("2020-02-03", "7min", "ms"),
    ],
)
@pytest.mark.parametrize("zone", [None, "Europe/Berlin", "America/Sao_Paulo"])
def test_dates_keep_range_resolution_and_kind(start, freq, unit, zone):
    column = pd.Series(pd.date_range(start, periods=300, freq=freq, unit=unit))
    if zone:
        column = column.dt.tz_localize(zone, nonexistent="shift_forward", ambiguous="NaT")
        column = column.dropna().reset_index(drop=True)
    made = dates_between(column)
    assert made.dtype == column.dtype
    assert column.min() < made[0] < column.max()
    assert made[1] == column.max() and made[2] == column.min()
    if freq == "D":
        assert made[0].time() == column[0].time()
    else:
        assert made[0].second == 0 and (made[0].minute == 0 or freq == "7min")


def test_whole_days_of_a_zone_stay_whole_days_over_the_change_of_clocks():
    column = pd.Series(pd.date_range("2020-03-01", "2020-12-01", tz="Europe/Berlin"))
    codec = learned_codec()
    Z = codec.fit_encode(pd.DataFrame({"d": column}))
    assert set(np.diff(Z.ravel())) == {1.0}
    made = codec.decode(np.linspace(0, Z.max(), 1_000)[:, None])["d"]
    assert (made == made.dt.normalize()).all()


def test_both_hours_of_an_autumn_night_come_back():
    column = pd.Series(pd.date_range("2020-10-24 22:00", periods=9, freq="h", tz="UTC"))
    frame = pd.DataFrame({"d": column.dt.tz_convert("Europe/Berlin")})
    codec = learned_codec()
    pd.testing.assert_frame_equal(codec.decode(codec.fit_encode(frame)), frame)


def test_polars_days_of_a_zone():
    pl = pytest.importorskip("polars")
    from datetime import datetime

    days = pl.datetime_range(
        datetime(2020, 3, 1), datetime(2020, 12, 1), "1d", time_zone="Europe/Berlin", eager=True
    )
    codec = learned_codec()
    Z = codec.fit_encode(pl.DataFrame({"d": days}))
    made = codec.decode(np.linspace(0, Z.max(), 500)[:, None])["d"]
    assert made.dtype == days.dtype and set(made) <= set(days)


def test_durations_of_the_whole_range_of_their_type():
    column = pd.Series(np.array([-(2**63) + 1, 0, 2**63 - 1]).view("m8[ns]"))
    made = dates_between(column)
    assert made.dtype == column.dtype and made[1] == column.max() and made[2] == column.min()


def test_dates_are_refused_where_rows_are_compared_by_distance():
    frame = pd.DataFrame({"a": [1.0, 2.0], "seen": pd.date_range("2020", periods=2)})
    with pytest.raises(TypeError, match=r"'seen' has dtype datetime64.*unit"):
        TableCodec(categories="text").fit_encode(frame)


CELLS = {
    "number": 0.5,
    "whole": 3,
    "flag": True,
    "level": "b",
    "day": pd.Timestamp("2020-01-05"),
}


@pytest.fixture
def fitted_codec():
    codec = learned_codec()
    codec.fit_encode(
        pd.DataFrame(
            {
                "number": np.linspace(0, 1, N),
                "whole": np.arange(N) % 9,
                "flag": np.arange(N) % 2 == 0,
                "level": list("abc") * (N // 3),
                "day": pd.date_range("2020-01-01", periods=N // 2).repeat(2),
            }
        )
    )
    return codec


@pytest.mark.parametrize("name", CELLS)
def test_arrays_of_no_dimension_are_cells(fitted_codec, name):
    value = CELLS[name]
    plain = fitted_codec.encode_cell(name, value)
    assert fitted_codec.encode_cell(name, np.array(value, dtype=object)) == plain
    assert fitted_codec.encode_cell(name, np.array(value)) == plain


@pytest.mark.parametrize("name", CELLS)
@pytest.mark.parametrize("kind", [list, tuple, np.array, pd.Series])
def test_several_values_are_no_cell(fitted_codec, name, kind):
    with pytest.raises(ValueError, match=f"Column '{name}': give one value, not a "):
        fitted_codec.encode_cell(name, kind([CELLS[name]]))
