"""Rules found in tables: those that were put there, and no others."""

import numpy as np
import pandas as pd
import polars as pl
import pytest

from ruled_tables import ruled_table
from skgensample import GaussianCopulaResampler
from skgensample.constraints import (
    FixedCombinations,
    Inequality,
    LinearSum,
    OneHot,
    suggest_constraints,
)
from skgensample.constraints._text import rule_text

FOUND = [
    OneHot(["red", "green", "blue"]),
    FixedCombinations(["city", "country"]),
    LinearSum("total", ["a", "b"]),
    Inequality("middle", "<", "high"),
    Inequality("start", "<=", "end"),
    Inequality("low", "<", "middle"),
]


def test_rules_of_the_table_are_found():
    X, _ = ruled_table(1_000)
    found = suggest_constraints(X)
    assert set(FOUND) <= set(found) and len(found) <= len(FOUND) + 1
    assert set(suggest_constraints(pl.from_pandas(X))) == set(found)
    text = repr(found)
    assert "1,000 rows" in text and "5 of 15 combinations" in text and "would break it" in text


def test_suggestions_are_a_list_of_constraints():
    X, y = ruled_table(500)
    found = suggest_constraints(X)
    rows = GaussianCopulaResampler(constraints=found, random_state=0).fit(X, y).sample(50)[0]
    assert set(suggest_constraints(pd.concat([X, rows]))) >= set(FOUND[:3])
    assert isinstance(found[1:], list) and len(found[1:]) == len(found) - 1


def test_nothing_is_found_in_noise():
    rng = np.random.default_rng(0)
    X = pd.DataFrame(rng.normal(size=(500, 6)), columns=list("abcdef"))
    X["k"] = rng.choice(["u", "v", "w"], 500)
    X["far"] = X["a"] + 1_000  # never overlaps: says nothing
    found = suggest_constraints(X.drop(columns="a"))
    assert found == [] and "no rule" in repr(found)


@pytest.mark.parametrize("scale", [1.0, 0.01, 1e6])
def test_nested_and_signed_sums(scale):
    rng = np.random.default_rng(0)
    X = pd.DataFrame(rng.integers(1, 10_000, (400, 4)) * scale, columns=list("abcd"))
    X["sub"] = X["a"] + X["b"]
    X["total"] = X["sub"] + X["c"]
    X["net"] = X["total"] - X["d"]
    found = [rule for rule in suggest_constraints(X) if isinstance(rule, LinearSum)]
    assert len(found) == 3
    for rule in found:
        weights = rule.weights or [1] * len(rule.parts)
        made = sum(w * X[part] for w, part in zip(weights, rule.parts))
        np.testing.assert_allclose(made, X[rule.total], rtol=1e-9)


def test_gaps_are_left_out():
    X, _ = ruled_table(800)
    rng = np.random.default_rng(1)
    for name in ("total", "end"):
        X[name] = X[name].mask(rng.random(len(X)) < 0.3)
    found = suggest_constraints(X)
    assert LinearSum("total", ["a", "b"]) in found and FOUND[4] in found
    note = found.notes[list(found).index(FOUND[4])]
    assert note.startswith(f"{X['end'].notna().sum():,} rows")


def test_arrays_name_positions():
    X, _ = ruled_table(300)
    found = suggest_constraints(X[["a", "b", "total"]].to_numpy())
    assert found == [LinearSum(2, [0, 1])]


@pytest.mark.parametrize("package", ["pandas", "polars"])
def test_columns_of_names_are_skipped_with_a_note(package):
    frames = pytest.importorskip(package)
    n = 60
    names = [f"Ann Lee{chr(97 + i % 26)}{chr(97 + i // 26)}" for i in range(n)]
    a, b = [i * 7 % 31 for i in range(n)], [i * 11 % 37 for i in range(n)]
    table = {"Name": names, "a": a, "b": b, "total": [p + q for p, q in zip(a, b)]}
    found = suggest_constraints(frames.DataFrame(table))
    assert list(found) == [LinearSum("total", ["a", "b"])] and found.left_out == ["Name"]
    assert "identify people or rows: Name" in repr(found) and "Lee" not in repr(found)
    assert suggest_constraints(frames.DataFrame({"Name": names})).left_out == ["Name"]


def test_columns_that_cancel_each_other():
    """Two columns whose sum is zero had no total."""
    a = np.arange(60.0) * 7 % 31
    (rule,) = suggest_constraints(np.column_stack([a, -a]))
    assert isinstance(rule, LinearSum) and list(rule.weights) == [-1]


@pytest.mark.parametrize(
    ("rule", "text"),
    [
        (LinearSum("t", ["a", "b"]), "t = a + b"),
        (LinearSum("t", ["a", "b", "c"], weights=[-1, 1, -1]), "t = b - a - c"),
        (LinearSum("t", ["a"], weights=[-1]), "t = -a"),
        (LinearSum("t", ["a"], weights=[2]), "LinearSum('t', ['a'], weights=[2])"),
        (Inequality("a", "<", "b"), "a < b"),
        (FixedCombinations(["a", "b"]), "together(a, b)"),
        (OneHot(["a", "b"]), "onehot(a, b)"),
    ],
)
def test_rules_as_text(rule, text):
    assert rule_text(rule) == text


def test_sums_that_share_their_parts():
    """Of ``total = a + b`` and ``net = a - b`` only one was found."""
    rng = np.random.RandomState(0)
    X = pd.DataFrame({"a": rng.gamma(2, 30, 600).round(2), "b": rng.gamma(2, 5, 600).round(2)})
    X["total"], X["net"] = X["a"] + X["b"], X["a"] - X["b"]
    sums = [rule_text(rule) for rule in suggest_constraints(X) if isinstance(rule, LinearSum)]
    assert len(sums) == 2 and "total = a + b" in sums
