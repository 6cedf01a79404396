"""A table that satisfies one rule of each kind, and a check of each rule on decoded rows."""

import numpy as np
import pandas as pd

from skgensample.constraints import (
    FixedCombinations,
    Inequality,
    LinearSum,
    OneHot,
    Predicate,
    Range,
)

CITIES = {"Paris": "FR", "Lyon": "FR", "Berlin": "DE", "Bonn": "DE", "Rome": "IT"}


def small(rows):
    """Mask of a predicate; at the top of a module, so that it can be pickled."""
    return rows["x"] * rows["a"] < 60


RULES = {
    "inequality": [Inequality("start", "<=", "end")],
    "chain": [Inequality("low", "<", "middle"), Inequality("high", ">", "middle")],
    "range": [Range("age", 18, 90), Range("x", None, 4.0)],
    "sum": [LinearSum("total", ["a", "b"])],
    "combinations": [FixedCombinations(["city", "country"])],
    "one-hot": [OneHot(["red", "green", "blue"])],
    "predicate": [Predicate(small, columns=["x", "a"])],
}
RULES["together"] = RULES["inequality"] + RULES["sum"] + RULES["combinations"]
RULES["all"] = [rule for name in list(RULES)[:-1] for rule in RULES[name]]


def ruled_table(n=400, seed=0):
    """A frame of dates, amounts, integers and categories, and labels of two classes."""
    rng = np.random.default_rng(seed)
    y = (rng.random(n) < 0.3).astype(int)
    start = rng.integers(0, 700, n)
    low = rng.integers(0, 30, n)
    frame = pd.DataFrame({
        "start": pd.Timestamp("2020-01-01") + pd.to_timedelta(start, "D"),
        "end": pd.Timestamp("2020-01-01") + pd.to_timedelta(start + rng.integers(0, 60, n), "D"),
        "a": np.round(rng.gamma(2, 6 + y), 2),
        "b": np.round(rng.gamma(3, 4, n), 2),
        "age": rng.integers(18, 90, n),
        "low": low,
        "middle": low + rng.integers(1, 9, n),
        "x": np.clip(rng.normal(y, 1), -3, 3.9),
        "city": rng.choice(list(CITIES), n),
    })  # fmt: skip
    frame["high"] = frame["middle"] + rng.integers(1, 5, n)
    frame["x"] = frame["x"].clip(upper=59 / frame["a"].clip(lower=1))
    frame["total"] = (frame["a"] + frame["b"]).round(2)
    frame["country"] = frame["city"].map(CITIES)
    color = rng.integers(0, 3, n)
    for i, name in enumerate(["red", "green", "blue"]):
        frame[name] = (color == i).astype(np.int8)
    return frame, y


def broken(rows):
    """Names of the rules that some decoded row breaks."""
    masks = {
        "inequality": rows["start"] <= rows["end"],
        "chain": (rows["low"] < rows["middle"]) & (rows["middle"] < rows["high"]),
        "range": rows["age"].between(18, 90) & (rows["x"] <= 4),
        "sum": (rows["total"] - rows["a"] - rows["b"]).abs() <= 1e-9 * rows["total"].abs(),
        "combinations": rows["city"].map(CITIES) == rows["country"],
        "one-hot": rows[["red", "green", "blue"]].sum(axis=1) == 1,
        "predicate": small(rows),
    }
    return {name for name, mask in masks.items() if not mask.all()}


def names_of(kind):
    """Names of the kinds of rules in one of `RULES`."""
    if kind == "together":
        return {"inequality", "sum", "combinations"}
    return set(RULES) - {"together", "all"} if kind == "all" else {kind}
