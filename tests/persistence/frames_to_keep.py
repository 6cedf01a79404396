"""Frames with a column of each type that a generator takes, for the tests of model files."""

import datetime

import numpy as np


def pandas_table(n=120, seed=0):
    """A pandas frame of many dtypes, and its labels."""
    import pandas as pd

    rng = np.random.RandomState(seed)
    days = pd.to_timedelta(rng.randint(0, 90, n), unit="D")
    moments = pd.Timestamp("2020-01-01") + pd.to_timedelta(rng.randint(0, 900_000, n), unit="s")
    columns = {
        "float": rng.normal(size=n),
        "float32": rng.normal(size=n).astype(np.float32),
        "rounded": np.where(rng.rand(n) < 0.1, np.nan, rng.normal(size=n).round(2)),
        "whole": rng.randint(0, 90, n),
        "category": pd.Categorical(rng.choice(["u", "v", "w"], n)),
        "numbered": pd.Categorical(rng.choice([3, 5], n), ordered=True),
        "intervals": pd.Categorical(pd.cut(rng.rand(n), 3)),
        "dates": pd.Categorical(rng.choice(pd.date_range("2020", periods=3, tz="UTC"), n)),
        "text": rng.choice(["x", "yy"], n),
        "objects": np.array([None if i % 7 == 0 else f"t{i % 3}" for i in range(n)], object),
        "bool": rng.rand(n) > 0.5,
        "nullable": pd.array(rng.randint(0, 50, n), dtype="Int64"),
        "arrow": pd.array(rng.randint(0, 9, n), dtype="int64[pyarrow]"),
        "arrow_text": pd.array(rng.choice(["p", "q"], n), dtype="string[pyarrow]"),
        "day": pd.Timestamp("2020-01-01") + days,
        "zoned": moments.tz_localize("Europe/Berlin"),
        "duration": pd.to_timedelta(rng.randint(0, 90, n), unit="h"),
        "sparse": pd.arrays.SparseArray(rng.choice([0.0, 1.0], n)),
        "empty": np.full(n, np.nan),
        "a, 1": rng.normal(size=n),
    }
    y = pd.Series(np.repeat(["no", "yes"], [2 * n // 3, n - 2 * n // 3]), name="label")
    return pd.DataFrame(columns), y


def polars_table(n=120, seed=0):
    """A polars frame of many dtypes, and its labels."""
    import polars as pl

    rng = np.random.RandomState(seed)
    days = [datetime.date(2020, 1, 1) + datetime.timedelta(int(k)) for k in rng.randint(0, 90, n)]
    moments = [datetime.datetime.combine(day, datetime.time(5)) for day in days]
    columns = {
        "float": rng.normal(size=n),
        "whole": pl.Series([None if i % 9 == 0 else i % 30 for i in range(n)]),
        "category": pl.Series(rng.choice(["u", "v"], n)).cast(pl.Categorical),
        "enum": pl.Series(rng.choice(["u", "v"], n)).cast(pl.Enum(["v", "u", "w"])),
        "text": rng.choice(["x", "yy"], n),
        "day": days,
        "zoned": pl.Series(moments).dt.replace_time_zone("Europe/Berlin"),
        "duration": pl.Series([datetime.timedelta(hours=int(k)) for k in rng.randint(0, 9, n)]),
        "clock": pl.Series([datetime.time(int(k)) for k in rng.randint(0, 24, n)]),
    }
    return pl.DataFrame(columns), pl.Series("label", np.arange(n) % 3 // 2)
