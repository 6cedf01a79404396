"""Numbers and times spelled as text, and objects that are dates or decimals."""

from decimal import Decimal

import numpy as np
import pandas as pd
import pytest

from skgensample.table import TableCodec
from skgensample.table._spelled import spelled

N = 300
R = np.random.RandomState(0)
NUMBERS = R.gamma(2, 700, N).round(2)
DAYS = pd.Timestamp("2024-03-01 08:13") + pd.to_timedelta(R.randint(0, 10**5, N), unit="min")

#: Columns of text that spell values, what the message says of them, and how to convert them.
VALUES = {
    "decimals": ([f"{v:.2f}" for v in NUMBERS], "numbers", "to_numeric"),
    "thousands": ([f"{v:,.2f}" for v in NUMBERS], "numbers", "to_numeric"),
    "money": ([f"${v:,.2f}" for v in NUMBERS], "numbers", "to_numeric"),
    "percent": ([f"{v / 100:.1f} %" for v in NUMBERS], "numbers", "to_numeric"),
    "signed": ([f"{v:+.1e}" for v in NUMBERS], "numbers", "to_numeric"),
    "decimal commas": ([f"{v:.2f}".replace(".", ",") for v in NUMBERS], "decimal commas", "'.'"),
    "whole": ([f"{v:.0f}" for v in NUMBERS], "numbers", "to_numeric"),
    "unknown": ([" ", *(f"{v:.2f}" for v in NUMBERS[1:])], "numbers", "to_numeric"),
    "missing": ([None, *(f"{v:.2f}" for v in NUMBERS[1:])], "numbers", "to_numeric"),
    "thirty levels": ([f"{i % 30 / 4}" for i in range(N)], "numbers", "to_numeric"),
    "timestamps": (DAYS.strftime("%Y-%m-%d %H:%M").tolist(), "dates", "to_datetime"),
    "ISO 8601": (DAYS.strftime("%Y-%m-%dT%H:%M:%S+01:00").tolist(), "dates", "to_datetime"),
    "days": (DAYS.strftime("%Y-%m-%d").tolist(), "dates", "to_datetime"),
    "day first": (DAYS.strftime("%d.%m.%Y").tolist(), "day or month", "dayfirst"),
    "month first": (DAYS.strftime("%m/%d/%y %I:%M %p").tolist(), "day or month", "dayfirst"),
    "months": (DAYS.strftime("%b %d, %Y").tolist(), "dates", "to_datetime"),
    "clock": (DAYS.strftime("%H:%M").tolist(), "times of day", "format="),
}

#: Text of codes and words, which is learnt as levels.
CODES = {
    "few whole numbers": [str(i % 3) for i in range(N)],
    "few decimals": [str(i % 8 / 2) for i in range(N)],
    "few years": [str(2_000 + i % 12) for i in range(N)],
    "few days": [f"2024-03-{1 + i % 9:02d}" for i in range(N)],
    "postcodes": [f"0{1_000 + i % 40}" for i in range(N)],
    "codes of merchants": [f"{4_000 + i % 40}" for i in range(N)],
    "ranges": [f"{i % 30}-{i % 30 + 9}" for i in range(N)],
    "versions": [f"1.{i % 40}.0" for i in range(N)],
    "diagnoses": [f"{i % 60 + 0.25}" if i % 10 else f"V{i % 70}" for i in range(N)],
    "words": [f"kind {i % 40}" for i in range(N)],
}

CODEC = {"categories": "text", "missing": True, "learned": True}


def message(table, **options):
    """The error of a table."""
    with pytest.raises((ValueError, TypeError)) as caught:
        TableCodec(**{**CODEC, **options}).fit_encode(table)
    return str(caught.value)


@pytest.mark.parametrize("case", VALUES)
def test_values_spelled_as_text_are_named_with_their_conversion(case):
    cells, kind, how = VALUES[case]
    x = np.arange(N) / 7
    for column in (pd.Series(cells, dtype=object), pd.Series(cells, dtype="string")):
        for options in ({}, {"learned": False}, {"learned": False, "categories": "auto"}):
            text = message(pd.DataFrame({"x": x, "spelled": column}), **options)
            assert "'spelled'" in text and kind in text and how in text and "'x'" not in text
            assert "identify" not in text and not any(cell and cell in text for cell in cells[1:])
    array = np.column_stack([x.astype(object), np.array(cells, dtype=object)])
    text = message(array)
    assert "Column 1 " in text and kind in text and "X[:, 1]" in text
    polars = pytest.importorskip("polars")
    text = message(polars.DataFrame({"x": x, "spelled": cells}))
    assert kind in text and "pl.col('spelled')" in text


@pytest.mark.parametrize("case", ["decimals", "unknown", "thousands", "timestamps", "day first"])
def test_the_conversion_named_works(case):
    cells, _, _ = VALUES[case]
    X = pd.DataFrame({"x": np.arange(N) / 7, "spelled": pd.Series(cells, dtype=object)})
    text = message(X)
    code = text.split("e.g. ")[1].split(", or declare")[0]
    X["spelled"] = eval(code, {"pd": pd, "X": X})
    codec = TableCodec(**CODEC)
    pd.testing.assert_frame_equal(codec.decode(codec.fit_encode(X)), X)


@pytest.mark.parametrize("case", CODES)
def test_codes_are_categories(case):
    column = pd.Series(CODES[case], dtype=object)
    codec = TableCodec(**CODEC)
    codec.fit_encode(pd.DataFrame({"x": np.arange(N) / 7, "code": column}))
    assert codec.columns[1].kind == "categorical"


def test_who_declares_a_category_gets_it():
    cells = [f"{i % 30 / 4}" for i in range(N)]
    X = pd.DataFrame({"x": np.arange(N) / 7, "size": pd.Categorical(cells)})
    assert "astype('category')" in message(X.astype({"size": object}))
    TableCodec(**CODEC).fit_encode(X)
    TableCodec(categories=["size"]).fit_encode(X.astype({"size": object}))
    polars = pytest.importorskip("polars")
    table = polars.DataFrame({"x": np.arange(N) / 7, "size": cells})
    assert "cast(pl.Categorical)" in message(table)
    TableCodec(**CODEC).fit_encode(table.with_columns(polars.col("size").cast(polars.Categorical)))


def test_where_text_is_not_taken_few_levels_are_values_too():
    X = pd.DataFrame({"x": np.arange(6.0), "v": ["1.5", "2", "1.5", "2", "1.5", "2"]})
    assert "pd.to_numeric(X['v']" in message(X, categories=None, learned=False, missing=False)


def test_all_faults_stand_in_one_message():
    X = pd.DataFrame(
        {
            "mail": [f"user{i}@example.org" for i in range(N)],
            "price": VALUES["thousands"][0],
            "seen": VALUES["timestamps"][0],
        }
    )
    text = message(X)
    assert "Column 'mail' (text that looks like e-mail" in text
    assert "Columns 'price' (numbers), 'seen' (dates) hold values spelled as text" in text


def test_no_kind_is_seen_in_words():
    assert spelled(["red", "blue"], 100) is None and spelled([], 0) is None
    assert spelled(["red", "blue"], 100, few=True) is None


# dates and decimals as objects, and Arrow's

CENTS = [Decimal(int(v)) / 100 for v in R.randint(0, 9_999, N)]
OBJECTS = {
    "Timestamp": (list(DAYS), "dates"),
    "datetime": (DAYS.to_pydatetime().tolist(), "dates"),
    "zoned": (list(DAYS.tz_localize("Europe/Berlin")), "dates"),
    "datetime64": (list(DAYS.to_numpy()), "dates"),
    "date": (DAYS.date.tolist(), "dates"),
    "time": (DAYS.time.tolist(), "times of day"),
    "Timedelta": (list(DAYS - DAYS[0]), "durations"),
    "timedelta64": (list((DAYS - DAYS[0]).to_numpy()), "durations"),
    "Decimal": (CENTS, "decimals"),
}
ARROW = {
    "timestamp": ("timestamp", "us", list(DAYS), "dates"),
    "date": ("date32", None, DAYS.date.tolist(), "dates"),
    "duration": ("duration", "us", list(DAYS - DAYS[0]), "durations"),
    "time": ("time64", "us", DAYS.time.tolist(), "times of day"),
    "decimal": ("decimal128", 9, CENTS, "decimals"),
}
INTERPOLATED = {"missing": False, "learned": False, "categories": "auto"}


def check_conversion(X, kind, *, polars=None):
    """The error names column, kind and a conversion, which works; no cell, and nothing personal."""
    text = message(X)
    assert "'seen'" in text and kind in text and "'x'" not in text and "identify" not in text
    assert not any(str(cell) in text for cell in X["seen"] if str(cell) not in ("None", "NaT"))
    made = eval(text.split("e.g. ")[1].rstrip("."), {"pd": pd, "pl": polars, "X": X})
    if polars:
        taken = X.with_columns(made.alias("seen"))
        assert taken.schema["seen"].is_temporal() or taken.schema["seen"].is_float()
    else:
        taken = X.assign(seen=made)
        assert taken["seen"].dtype.kind in "mMf"
    TableCodec(**CODEC).fit_encode(taken)


def check_distances(X, kind):
    """Where distances are computed, dates need a unit and decimals only a type."""
    text = message(X, **INTERPOLATED)
    assert "'seen'" in text
    assert ("astype(float)" in text) if kind == "decimals" else ("no unit in common" in text)


@pytest.mark.parametrize("holes", [False, True])
@pytest.mark.parametrize("case", OBJECTS)
def test_objects_are_named_with_their_conversion(case, holes):
    cells, kind = OBJECTS[case]
    cells = [None if holes and i % 7 == 0 else cell for i, cell in enumerate(cells)]
    X = pd.DataFrame({"x": np.arange(N) / 7, "seen": pd.Series(cells, dtype=object)})
    check_conversion(X, kind)
    if not holes:
        check_distances(X, kind)
    text = message(X.to_numpy(dtype=object))
    assert "Column 1 " in text and kind in text and "X[:, 1]" in text


@pytest.mark.parametrize("holes", [False, True])
@pytest.mark.parametrize("case", ARROW)
def test_arrow_columns_come_back(case, holes):
    pa = pytest.importorskip("pyarrow")
    make, unit, cells, kind = ARROW[case]
    arguments = {None: (), "us": ("us",), 9: (9, 2)}[unit]
    cells = [None if holes and i % 7 == 0 else cell for i, cell in enumerate(cells)]
    dtype = pd.ArrowDtype(getattr(pa, make)(*arguments))
    X = pd.DataFrame({"x": np.arange(N) / 7, "seen": pd.array(cells, dtype=dtype)})
    codec = TableCodec(**CODEC)
    pd.testing.assert_frame_equal(codec.decode(codec.fit_encode(X)), X)
    if not holes and kind != "decimals":
        check_distances(X, kind)


def test_periods_are_named_with_their_conversion():
    X = pd.DataFrame({"x": np.arange(N) / 7, "seen": DAYS.to_period("D")})
    check_conversion(X, "periods")
    check_distances(X, "periods")


@pytest.mark.parametrize("case", ["date", "Timestamp", "time", "decimal"])
def test_polars_objects_are_named_with_their_conversion(case):
    pl = pytest.importorskip("polars")
    cells, kind = OBJECTS.get(case, (CENTS, "decimals"))
    dtype = pl.Decimal(9, 2) if kind == "decimals" else pl.Object
    X = pl.DataFrame({"x": np.arange(N) / 7, "seen": pl.Series(cells, dtype=dtype)})
    check_conversion(X, kind, polars=pl)


def test_objects_of_two_types_are_no_dates():
    cells = [*DAYS.date.tolist()[1:], "unknown"]
    X = pd.DataFrame({"x": np.arange(N) / 7, "seen": pd.Series(cells, dtype=object)})
    assert "mixes types (date, str)" in message(X)
