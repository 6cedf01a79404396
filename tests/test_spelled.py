"""Numbers and times spelled as text, and objects that are dates or decimals."""

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
