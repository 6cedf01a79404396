"""How rules become columns of the model, and back: nothing is lost on the way."""

import numpy as np
import pandas as pd
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.base import clone

from ruled_tables import RULES, broken, ruled_table
from skgensample import GaussianCopulaResampler
from skgensample.constraints import (
    FixedCombinations,
    Inequality,
    LinearSum,
    OneHot,
    Predicate,
    Range,
)
from skgensample.constraints._codec import ConstrainedCodec
from skgensample.table import TableCodec


def fitted(X, rules, learned=True):
    codec = ConstrainedCodec(
        TableCodec(categories="text", missing=True, learned=learned, times=True), rules
    )
    return codec, codec.fit_encode(X)


def round_trip(X, rules, learned=True):
    codec, Z = fitted(X, rules, learned)
    assert codec.accepts(Z).all()
    return codec.decode(Z)


def holes(frame, seed, names, fraction=0.2):
    """The frame with missing cells in some columns."""
    rng, frame = np.random.default_rng(seed), frame.copy()
    for name in names:
        frame[name] = frame[name].mask(rng.random(len(frame)) < fraction)
    return frame


@pytest.mark.parametrize("learned", [True, False])
@pytest.mark.parametrize("kind", RULES)
def test_given_rows_come_back(kind, learned):
    X = ruled_table()[0]
    back = round_trip(X, RULES[kind], learned)
    for name in X:
        if X[name].dtype.kind == "f":
            np.testing.assert_allclose(back[name], X[name], rtol=1e-12, atol=1e-12)
        else:
            pd.testing.assert_series_equal(back[name], X[name])


def test_columns_of_the_model():
    """A sum is left out, combinations are one column, a difference stands in its column's place."""
    X = ruled_table()[0]
    names = [column.name for column in fitted(X, RULES["all"])[0].columns]
    assert names == ["start", "end", "a", "b", "age", "low", "middle", "x", "city", "high", "red"]


@settings(max_examples=30, deadline=None)
@given(
    st.integers(0, 10_000),
    st.sampled_from(["int8", "int64", "float32", "float64", "Int64", "cents", "date", "span"]),
    st.sampled_from(["<=", "<", ">=", ">"]),
    st.booleans(),
)
def test_inequality_of_any_dtype(seed, dtype, op, gaps):
    """Given rows come back exactly, random rows of the model satisfy the rule once decoded."""
    rng = np.random.default_rng(seed)
    low, up = rng.integers(-50, 40, 60), rng.integers(1, 20, 60)
    frame = pd.DataFrame({"p": low, "q": low + up if op[0] == "<" else low - up})
    if dtype == "date":
        frame = pd.Timestamp("2020-01-01") + frame.apply(pd.to_timedelta, unit="h")
    elif dtype == "span":
        frame = frame.apply(pd.to_timedelta, unit="min")
    elif dtype == "cents":
        frame = frame / 100
    elif dtype.startswith("float"):
        frame = frame.astype(dtype) * np.array(rng.random(), dtype=dtype)
    else:
        frame = frame.astype(dtype)
    if gaps and dtype != "int8" and dtype != "int64":
        frame = holes(frame, seed, "pq")
    rule = Inequality("p", op, "q")
    codec, Z = fitted(frame, [rule])
    back = codec.decode(Z)
    assert (back.isna() == frame.isna()).all(axis=None)
    if dtype.startswith("float"):
        np.testing.assert_allclose(back, frame, rtol=1e-6)
    else:
        pd.testing.assert_frame_equal(back, frame)
    low, high = np.nanmin(Z, axis=0), np.nanmax(Z, axis=0)
    made = rng.uniform(low, high, (200, 2))
    made[rng.random((200, 2)) < 0.1 * np.isnan(Z).any(axis=0)] = np.nan
    rows = codec.decode(made[codec.accepts(made)])
    assert len(rows) > 20
    there = rows.dropna()
    assert there.eval(f"p {op} q").all() and (rows.dtypes == frame.dtypes).all()


@settings(max_examples=30, deadline=None)
@given(
    st.integers(0, 10_000), st.sampled_from(["int64", "cents", "float64", "span"]), st.booleans()
)
def test_sum_of_any_dtype(seed, dtype, gaps):
    rng = np.random.default_rng(seed)
    frame = pd.DataFrame(rng.integers(0, 5_000, (60, 2)), columns=["a", "b"])
    if dtype == "span":
        frame = frame.apply(pd.to_timedelta, unit="s")
    elif dtype != "int64":
        frame = frame / 100 if dtype == "cents" else frame * rng.random()
    frame["total"] = frame["a"] - frame["b"]
    frame["total"] = frame["total"].round(2) if dtype == "cents" else frame["total"]
    if gaps and dtype != "int64":
        frame = holes(frame, seed, frame.columns)
    codec, Z = fitted(frame, [LinearSum("total", ["a", "b"], weights=[1, -1])])
    has_gaps = frame.isna().any(axis=None)
    assert Z.shape[1] == (3 if has_gaps else 2)
    back = codec.decode(Z)
    assert (back.isna() == frame.isna()).all(axis=None)
    for name in frame:
        pair = [f[name].dt.total_seconds() if dtype == "span" else f[name] for f in (back, frame)]
        np.testing.assert_allclose(*pair, atol=1e-9)
    made = rng.uniform(np.nanmin(Z, axis=0), np.nanmax(Z, axis=0), (300, Z.shape[1]))
    rows = codec.decode(made[codec.accepts(made)]).dropna()
    off = (rows["a"] - rows["b"] - rows["total"]).abs()
    off = off.dt.total_seconds() if dtype == "span" else off
    assert len(rows) and off.max() <= 1e-9 * 5_000


@pytest.mark.parametrize("names", [["start", "end"], ["total", "a", "b"], ["city", "country"]])
def test_gaps_keep_their_pattern(names):
    """Proportions of missing cells, alone and together, are those of the given table."""
    X, y = ruled_table(3_000)
    X = holes(X, 1, names)
    model = GaussianCopulaResampler(constraints=RULES["together"], random_state=0).fit(X, y)
    rows = model.sample(3_000)[0]
    for i, name in enumerate(names):
        for other in names[i:]:
            both = [(f[name].isna() & f[other].isna()).mean() for f in (X, rows)]
            assert abs(both[0] - both[1]) < 0.04, (name, other, both)
    assert not broken(rows.dropna()) & {"inequality", "sum", "combinations"}


def test_chains_cycles_and_copies():
    """Rules that follow from others, or go round in a circle, hold as well."""
    rng = np.random.default_rng(0)
    p = rng.integers(0, 50, 300)
    X = pd.DataFrame({"p": p, "q": p + rng.integers(0, 9, 300)})
    X["r"], X["s"] = X["q"] + rng.integers(0, 9, 300), X["q"]
    X["sum"] = X["p"] + X["q"]
    rules = [
        Inequality("p", "<=", "q"), Inequality("q", "<=", "r"), Inequality("p", "<=", "r"),
        Inequality("s", ">=", "q"), Inequality("s", "<=", "q"), LinearSum("sum", ["p", "q"]),
        LinearSum("sum", ["p", "s"]), Inequality("p", "<=", "sum"), Range("sum", 0, 200),
    ]  # fmt: skip
    model = GaussianCopulaResampler(constraints=rules, random_state=0).fit(X)
    rows = model.sample(1_000)[0]
    assert (rows["p"] <= rows["q"]).all() and (rows["q"] <= rows["r"]).all()
    assert (rows["s"] == rows["q"]).all() and (rows["sum"] == rows["p"] + rows["q"]).all()
    assert (round_trip(X, rules) == X).all(axis=None)


def test_rules_that_share_columns_have_one_joint_column():
    X = ruled_table()[0].assign(lang=lambda f: f["country"].map({"FR": "f", "DE": "g", "IT": "i"}))
    rules = [FixedCombinations(["city", "country"]), FixedCombinations(["country", "lang"])]
    codec, Z = fitted(X[["city", "country", "lang"]], rules)
    assert Z.shape[1] == 1 and codec.columns[0].n_levels == 5
    assert codec.columns[0].stands_for == ("city", "country", "lang")


def test_polars_frames():
    X, y = ruled_table()
    frame = pl.from_pandas(X)
    rules = RULES["together"] + RULES["chain"] + [Predicate(lambda rows: rows["age"] < 95)]
    model = GaussianCopulaResampler(constraints=rules, random_state=0).fit(frame, y)
    rows = model.sample(200, conditions={"country": "FR"})[0]
    assert rows.schema == frame.schema
    assert not broken(rows.to_pandas()) & {"inequality", "sum", "combinations", "chain"}


@pytest.mark.parametrize("zone", ["UTC", "Europe/Paris"])
def test_times_of_a_zone(zone):
    """Days on a local clock against minutes in UTC are compared as instants."""
    rng = np.random.default_rng(0)
    day = pd.Timestamp("2021-01-01", tz=zone) + pd.to_timedelta(rng.integers(0, 300, 200), "D")
    day = day.normalize() if zone != "UTC" else day
    later = day + pd.to_timedelta(rng.integers(0, 9_000, 200), "min")
    X = pd.DataFrame({"day": day, "later": later, "x": rng.normal(size=200)})
    rule = Range("day", pd.Timestamp("2020-12-31", tz=zone), None)
    model = GaussianCopulaResampler(
        constraints=[Inequality("day", "<=", "later"), rule], random_state=0
    )
    rows = model.fit(X).sample(300)[0]
    assert (rows["day"] <= rows["later"]).all() and (rows.dtypes == X.dtypes).all()
    bad = Range("day", pd.Timestamp("2020-12-31"), None)
    with pytest.raises((TypeError, ValueError), match="zone"):
        clone(model).set_params(constraints=[bad]).fit(X)


@pytest.mark.parametrize(
    "rule, error, text",
    [
        (Inequality("strat", "<=", "end"), ValueError, "did you mean 'start'"),
        (Inequality("start", "<=", "ende"), ValueError, "did you mean 'end'"),
        (LinearSum("total", ["a", "city"]), TypeError, "'city' holds text"),
        (LinearSum("end", ["start", "a"]), TypeError, "dates"),
        (Inequality("start", "<=", "a"), TypeError, "of one kind"),
        (Range("start", 3, None), TypeError, "of one kind"),
        (OneHot(["city", "country"]), TypeError, "'city' holds text"),
        (OneHot(["low", "red"]), ValueError, "does not hold in the given table: row 0 breaks"),
        (Inequality("end", "<", "start"), ValueError, r"of 400 rows do \(\d+"),
    ],
)
def test_errors_name_rule_and_column(rule, error, text):
    X, y = ruled_table()
    with pytest.raises(error, match=text):
        GaussianCopulaResampler(constraints=[rule]).fit(X, y)


def test_rules_print_compare_and_refuse():
    rule = LinearSum("total", ["a", "b"], weights=[1, -1])
    assert repr(rule) == "LinearSum('total', ['a', 'b'], weights=[1, -1])"
    assert rule == LinearSum("total", ("a", "b"), weights=(1, -1)) != LinearSum("total", ["a"])
    assert repr(Range("age", 18)) == "Range('age', 18, None)"
    assert hash(OneHot(["a", "b"])) == hash(OneHot(("a", "b")))
    for faulty in (
        lambda: Inequality("a", "==", "b"), lambda: Inequality("a", "<", "a"),
        lambda: Range("a"), lambda: Range("a", 3, 2), lambda: LinearSum("a", ["a", "b"]),
        lambda: LinearSum("a", ["b"], weights=[0]), lambda: LinearSum("a", ["b"], tolerance=-1),
        lambda: OneHot(["a"]), lambda: FixedCombinations(["a", "a"]),
    ):  # fmt: skip
        with pytest.raises(ValueError):
            faulty()
    for faulty in (lambda: OneHot("ab"), lambda: Predicate("a"), lambda: Range("a", 1, "b")):
        with pytest.raises(TypeError):
            faulty()


def test_given_totals_may_be_rounded():
    X, y = ruled_table()
    X["total"] = X["total"].round()
    with pytest.raises(ValueError, match="LinearSum"):
        GaussianCopulaResampler(constraints=RULES["sum"]).fit(X, y)
    rule = LinearSum("total", ["a", "b"], tolerance=0.5)
    rows = GaussianCopulaResampler(constraints=[rule], random_state=0).fit(X, y).sample(200)[0]
    assert ((rows["a"] + rows["b"] - rows["total"]).abs() <= 0.5 + 1e-9).all()
    assert (rows["total"] == rows["total"].round()).all()
