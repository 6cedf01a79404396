"""Rules next to what else a table may be: set aside, missing, copied, named like a number."""

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest

from skgensample import (
    GaussianCopulaResampler,
    NumbaRandomOverSampler,
    NumbaSMOTE,
    SequentialTreesResampler,
    synthesize,
)
from skgensample.constraints import (
    FixedCombinations,
    Inequality,
    LinearSum,
    Predicate,
    Range,
    Unique,
    suggest_constraints,
)

SAMPLERS = [
    GaussianCopulaResampler,
    SequentialTreesResampler,
    NumbaSMOTE,
    NumbaRandomOverSampler,
]
N = 300


def numbers(n=N):
    """A frame of integers a < b, and labels."""
    rng = np.random.default_rng(0)
    X = pd.DataFrame({"a": rng.integers(1, 90, n), "b": rng.integers(100, 200, n)})
    return X, (rng.random(n) < 0.3).astype(int)


def named_array():
    """Names of people, their sums and parts, as an array of objects."""
    X, y = numbers()
    first, last = ["Ann", "Bob", "Cy", "Di"], ["Smith", "Jones", "Wood"]
    table = np.empty((N, 4), object)
    table[:, 0] = [f"{first[i % 4]} {last[i % 3]}" for i in range(N)]
    table[:, 1], table[:, 2], table[:, 3] = X["a"] + X["b"], X["a"], X["b"]
    return table, y


@pytest.mark.parametrize("sampler", SAMPLERS)
@pytest.mark.parametrize("kind", ["pandas", "polars", "array"])
def test_a_predicate_may_change_the_rows_it_is_given(sampler, kind):
    X, y = numbers()

    def writes(rows):
        if kind == "pandas":
            rows["gap"] = rows["b"] - rows["a"]
            rows["a"] = 0
            return rows["gap"] >= 0
        if kind == "polars":
            rows[0, "a"] = -5
            return (rows["b"] >= 0).to_numpy()
        rows[:] = 0
        return np.ones(len(rows), dtype=bool)

    table = {"pandas": X, "polars": pl.from_pandas(X), "array": X.to_numpy(float)}[kind]
    made = sampler(constraints=[Predicate(writes)], random_state=0).fit_resample(table, y)[0]
    values = np.asarray(made)
    assert values.shape == (2 * (y == 0).sum(), 2) and values.min() >= 1
    assert np.array_equal(values[:N], X) and np.array_equal(np.asarray(table), X)


def test_errors_of_a_predicate_name_it_and_no_cell():
    X, y = numbers()
    rules = [Unique("id"), Predicate(lambda d: d["id"] > 0, name="positive")]
    X = X.assign(id=range(7_000, 7_000 + N))
    for table in (X, pl.from_pandas(X), pa.Table.from_pandas(X)):
        with pytest.raises(ValueError, match=r"Predicate\('positive'\).*'a', 'b'.*set aside"):
            GaussianCopulaResampler(constraints=rules).fit(table, y)

    def breaks(rows):
        raise RuntimeError(f"cell {rows['a'].iloc[0]}")

    with pytest.raises(ValueError, match=r"Predicate\('breaks'\).*RuntimeError") as caught:
        GaussianCopulaResampler(constraints=[Predicate(breaks)]).fit(X[["a", "b"]], y)
    assert "cell" not in str(caught.value)
    assert isinstance(caught.value.__cause__, RuntimeError)
    with pytest.raises(TypeError, match=r"Predicate\('no'\).*returned None"):
        GaussianCopulaResampler(constraints=[Predicate(lambda d: None, name="no")]).fit(
            X[["a", "b"]], y
        )


@pytest.mark.parametrize(
    "rule",
    [LinearSum(1, [2, 3]), Range(2, 0, 600), Predicate(lambda d: np.ones(len(d), bool), name=0)],
)
@pytest.mark.parametrize("frame", [False, True])
def test_a_constant_or_a_name_of_a_rule_is_no_column(rule, frame):
    table, y = named_array()
    table = pd.DataFrame(table).infer_objects() if frame else table
    given = {"personal": "fake", "schema": {0: "personal"}, "random_state": 0}
    model = GaussianCopulaResampler(constraints=[rule], **given).fit(table, y)
    assert model.sample(20)[0].shape == (20, 4)
    with pytest.raises(ValueError, match="Column 0 is set aside"):
        GaussianCopulaResampler(constraints=[Inequality(2, "<=", 0)], **given).fit(table, y)


@pytest.mark.parametrize("sampler", [GaussianCopulaResampler, NumbaSMOTE, NumbaRandomOverSampler])
@pytest.mark.parametrize("columns", [None, [1, 2, 3]])
def test_positions_of_an_array_hold_where_columns_are_set_aside(sampler, columns):
    X, y = numbers()
    table = np.column_stack([np.arange(10**6, 10**6 + N), X["a"], X["b"], X["a"] + X["b"]])
    skip = 0 if columns is None else 1
    adds_up = Predicate(lambda d: d[:, 3 - skip] == d[:, 1 - skip] + d[:, 2 - skip], columns)
    rules = [Unique(0), LinearSum(3, [1, 2]), adds_up]
    made = sampler(constraints=rules, random_state=0).fit_resample(table, y)[0]
    assert len(made) > N and (made[:, 3] == made[:, 1] + made[:, 2]).all()


@pytest.mark.parametrize("missing", [float("nan"), np.nan, pd.NaT, pd.NA, np.datetime64("NaT")])
def test_a_bound_is_not_missing(missing):
    with pytest.raises(ValueError, match="missing"):
        Inequality("a", "<=", missing)
    with pytest.raises(ValueError, match="NaN"):
        Range("a", missing, None)


def test_negative_sums_are_suggested():
    X, _ = numbers()
    assert suggest_constraints(X.assign(n=-X["a"])) == [LinearSum("n", ["a"], weights=[-1])]
    found = suggest_constraints(X.assign(n=-X["a"] - X["b"]))
    assert found == [LinearSum("n", ["a", "b"], weights=[-1, -1])]


def test_suggestions_skip_what_no_rule_can_speak_of():
    X, _ = numbers()
    total = X.assign(total=X["a"] + X["b"])
    known = [LinearSum("total", ["a", "b"])]
    big = total.assign(h=X["a"] + 2**60, g=X["b"] + 2**61)
    assert suggest_constraints(big) == known
    far = total.assign(f=np.where(X["a"] > 40, 1e300, -1e300) * X["b"])
    assert suggest_constraints(far) == known
    twice = pd.concat([total, total[["a"]].rename(columns={"a": "c"}), X[["a"]]], axis=1)
    assert suggest_constraints(twice) == [LinearSum("total", ["c", "b"])] or (
        suggest_constraints(twice) == [LinearSum("total", ["b", "c"])]
    )
    for empty in (X[:0], pl.from_pandas(X[:0]), pa.Table.from_pandas(X[:0]), X[:0].to_numpy()):
        assert suggest_constraints(empty) == []


@pytest.mark.parametrize(
    "rule",
    [
        LinearSum("y", ["a", "b"]),
        FixedCombinations(["y", "a"]),
        Range("y", 0, 1),
        Inequality("a", ">=", "y"),
        Unique("y"),
        Predicate(lambda d: d["y"] >= 0, columns=["y"]),
        Predicate(lambda d: d["y"] >= 0),
    ],
)
def test_rules_on_the_target_of_synthesize_say_the_way_out(rule):
    X, y = numbers()
    for frame in (X.assign(y=y), pl.from_pandas(X.assign(y=y))):
        with pytest.raises(ValueError, match=r"target.*leave target out"):
            synthesize(frame, "y", constraints=[rule])
    if not isinstance(rule, LinearSum | Unique):
        made = synthesize(X.assign(y=y), constraints=[rule], n=20, random_state=0)
        assert made.shape == (20, 3)


def ring(n=900):
    """Points on a ring, with a third of one coordinate missing."""
    rng = np.random.default_rng(0)
    points = rng.normal(size=(8 * n, 2))
    radius = np.hypot(*points.T)
    points = points[(radius > 1) & (radius < 1.5)][:n]
    X = pd.DataFrame(points, columns=["p", "q"]).assign(z=rng.normal(size=n))
    X.loc[rng.random(n) < 1 / 3, "p"] = np.nan
    return X, (rng.random(n) < 0.3).astype(int)


def on_ring(rows):
    radius = np.hypot(rows["p"], rows["q"])
    return ((radius > 1) & (radius < 1.5)) | rows["p"].isna()


def test_rejection_keeps_missing_cells_as_frequent():
    X, y = ring()
    model = GaussianCopulaResampler(constraints=[Predicate(on_ring)], random_state=0).fit(X, y)
    made = model.sample(2_000)[0]
    assert on_ring(made).all() and abs(made["p"].isna().mean() - 1 / 3) < 0.04
    half = model.sample(partial=X[["z"]].iloc[:150])[0]
    assert on_ring(half).all() and abs(half["p"].isna().mean() - 1 / 3) < 0.1


def test_rejection_keeps_the_pattern_of_many_columns():
    rng = np.random.default_rng(0)
    X = pd.DataFrame(rng.normal(size=(900, 70)))
    X = X[(X[0] + X[1]) > 0].reset_index(drop=True)
    X = X.mask(rng.random(X.shape) < np.where(np.arange(70) < 3, 0.3, 0.001))
    rule = Predicate(lambda d: ~((d[0] + d[1]) <= 0), name="positive")
    y = (rng.random(len(X)) < 0.3).astype(int)
    made = GaussianCopulaResampler(constraints=[rule], random_state=0).fit(X, y).sample(1_500)[0]
    assert np.abs(made.isna().mean() - X.isna().mean()).max() < 0.05


def test_rejection_of_moved_rows_keeps_missing_cells_as_frequent():
    X, y = ring()
    X["p"] = X["p"].clip(-0.5, 0.5)
    sampler = NumbaRandomOverSampler(
        shrinkage=5, constraints=[Range("p", -0.5, 0.5)], random_state=0,
        sampling_strategy={0: 1_500, 1: 1_500},
    )  # fmt: skip
    made = sampler.fit_resample(X, y)[0][len(X) :]
    assert abs(made["p"].isna().mean() - X["p"].isna().mean()) < 0.05
    assert len(sampler.sample_indices_) == len(made) + len(X)


def test_a_pattern_that_never_satisfies_a_rule_is_given_up():
    X, y = ring()
    # the third column is missing only together with the first one; models may part them
    X["z"] = X["z"].mask(X["p"].isna())
    rule = Predicate(lambda d: d["z"].isna() == d["p"].isna(), name="together")
    made = GaussianCopulaResampler(constraints=[rule], random_state=0).fit(X, y).sample(300)[0]
    assert len(made) == 300 and (made["z"].isna() == made["p"].isna()).all()


def prices(n=400):
    """A total and its three parts, in cents, and labels."""
    rng = np.random.default_rng(0)
    X = pd.DataFrame({"price": (rng.gamma(3, 20, n) + 1).round(2)})
    X["tax"] = (X["price"] * 0.1 + rng.gamma(2, 1, n) + 0.1).round(2)
    X["fee"] = (rng.gamma(2, 2, n) + 0.2).round(2)
    X["total"] = (X["price"] + X["tax"] + X["fee"]).round(2)
    return X, rng.integers(0, 2, n)


MODELS = [GaussianCopulaResampler, SequentialTreesResampler]


@pytest.mark.parametrize("sampler", MODELS)
def test_conditions_on_a_total(sampler):
    X, y = prices()
    rule = LinearSum("total", ["price", "tax", "fee"])
    model = sampler(constraints=[rule], random_state=0).fit(X, y)
    several = model.sample(30, conditions={"total": [80.0, 100.0]})[0]
    assert set(several["total"]) == {80.0, 100.0}
    both = model.sample(5, conditions={"total": 80.0, "price": (50.0, 75.0)})[0]
    assert both["price"].between(50, 75).all() and (both["total"] == 80).all()
    high = X["total"].max() - 3
    for rows in (several, both, model.sample(20, conditions={"total": [high]})[0]):
        for part in ("price", "tax", "fee"):
            assert rows[part].between(X[part].min(), X[part].max()).all()
    cells = {"total": (150.0, None), "price": (None, 20.0)}
    for label in (None, 0):
        with pytest.raises(ValueError, match=r"condition on 'total', which LinearSum.* computes"):
            model.sample(50, y=label, conditions=cells)


@pytest.mark.parametrize("sampler", MODELS)
def test_parts_of_a_sum_stay_in_their_range(sampler):
    X, y = prices()
    X["total"] = (X["price"] + X["tax"]).round(2)
    rule = LinearSum("total", ["price", "tax"])
    model = sampler(constraints=[rule], random_state=0).fit(X, y)
    cells = {"total": 50.0, "price": 60.0}
    sentence = "Column 'tax' has no such value within its observed range, and LinearSum"
    with pytest.raises(ValueError, match=sentence):
        model.sample(3, conditions=cells)
    with pytest.raises(ValueError, match=f"Row 0 of partial: {sentence}"):
        model.sample(partial={name: [value] for name, value in cells.items()})


@pytest.mark.parametrize("sampler", MODELS)
def test_a_given_total_keeps_missing_parts_as_frequent(sampler):
    X, y = prices()
    X = X.mask(np.random.default_rng(3).random(X.shape) < 0.08)
    model = sampler(constraints=[LinearSum("total", ["price", "tax", "fee"])], random_state=0)
    model.fit(X, y)
    for wanted in (80.0, [60.0, 80.0]):
        made = model.sample(200, conditions={"total": wanted})[0]
        assert made["total"].isin([60.0, 80.0]).all()
        whole = made.notna().all(axis=1)
        assert 0.6 < whole.mean() < 0.95
        error = made.drop(columns="total").sum(axis=1) - made["total"]
        assert error[whole].abs().max() < 1e-6


def test_bounds_of_sums_tell_no_extreme_cell():
    X, y = prices()
    rule = LinearSum("total", ["price", "tax", "fee"])
    model = GaussianCopulaResampler(constraints=[rule], random_state=0).fit(X, y)
    assert len(model.codec_.plan.ranges) == 4
    for j, (low, high, step) in model.codec_.plan.ranges.items():
        cells = X.iloc[:, j]
        assert low <= cells.min() - 1e-3 and high >= cells.max() + 1e-3
        assert step <= np.ptp(cells) / 10
