"""Every measure takes every kind of column that the generators make."""

import numpy as np
import pytest

from skgensample import metrics

pd = pytest.importorskip("pandas")

N = 120
PAIRS = ("alpha_precision_score", "beta_recall_score", "exact_copy_rate", "cell_copy_rate",
         "column_density_error", "pair_error")  # fmt: skip
HOLES = np.arange(N) % 7 == 0
COLUMNS = {
    "dates": lambda r: pd.Timestamp("2024-01-01") + pd.to_timedelta(r.randint(0, 99, N), "D"),
    "dates of a zone": lambda r: (
        pd.Timestamp("2024-01-01", tz="Europe/Berlin")
        + pd.to_timedelta(r.randint(0, 9_999, N), "min")
    ),
    "durations": lambda r: pd.to_timedelta(r.randint(0, 99, N), "h"),
    "categories": lambda r: pd.Categorical(r.choice(list("abc"), N)),
    "flags": lambda r: r.rand(N) < 0.3,
    "nullable": lambda r: pd.array(r.randint(0, 9, N), dtype="Int64"),
}
EMPTY = {
    "floats": lambda: np.full(N, np.nan),
    "Int64": lambda: pd.array([None] * N, dtype="Int64"),
    "boolean": lambda: pd.array([None] * N, dtype="boolean"),
    "category": lambda: pd.Categorical([None] * N),
    "objects": lambda: np.array([None] * N, dtype=object),
    "string": lambda: pd.array([None] * N, dtype="string"),
    "dates": lambda: pd.Series([pd.NaT] * N),
}


def frames(make):
    """Two frames of one kind, from two seeds."""
    for seed in (0, 1):
        rng = np.random.RandomState(seed)
        yield pd.DataFrame({"a": rng.randn(N), "b": make(rng)})


def learnt(real, made):
    """Measures of two frames for which models are fitted."""
    y = np.arange(N) % 3 == 0
    tstr = metrics.tstr_score(made, y, real, y)
    return {"c2st_auroc": metrics.c2st_auroc(real, made), "tstr_score": tstr}


def compared(real, made):
    """All other measures of two frames."""
    found = {name: getattr(metrics, name)(real, made) for name in PAIRS}
    attack = metrics.membership_inference_score(real, real.assign(a=real["a"] + 0.01), made)
    copies = metrics.copy_rates(real, made, made)
    return found | {
        "auroc": attack.auroc,
        "tpr": attack.tpr,
        "closest": metrics.closest_record_share(real, made, made),
        "cells": copies.cells,
        "rows": copies.rows,
    }


@pytest.mark.parametrize("missing", [False, True])
@pytest.mark.parametrize("kind", COLUMNS)
def test_columns_of_every_kind(kind, missing):
    real, made = frames(COLUMNS[kind])
    if missing and kind != "flags":
        real.loc[HOLES, "b"] = made.loc[HOLES[::-1], "b"] = None
    found = compared(real, made) | learnt(real, made)
    assert np.isfinite(list(found.values())).all() and found["exact_copy_rate"] == 0
    itself = compared(real, real)
    assert itself["exact_copy_rate"] == 1 and itself["column_density_error"] < 1e-12
    assert itself["tpr"] == itself["cells"] == itself["rows"] == 1
    assert itself["auroc"] == pytest.approx(1)
    assert itself["closest"] == 0.5 and found["closest"] < 0.1


@pytest.mark.parametrize("kind", EMPTY)
def test_columns_of_missing_cells_alone(kind):
    """They change nothing: a column that is equal in all rows tells no row from another."""
    real, made = frames(lambda rng: EMPTY[kind]())
    found = compared(real, made) | learnt(real, made)
    assert np.isfinite(list(found.values())).all()
    assert found["c2st_auroc"] < 0.62  # both are normal
    assert found["column_density_error"] < metrics.column_density_error(real[["a"]], made[["a"]])


def test_dates_that_moved_are_seen():
    """A date column is compared by its values, not passed over."""
    real, made = frames(COLUMNS["dates"])
    made["b"] += pd.Timedelta("30D")
    assert metrics.column_density_error(real, made) > 0.1
    assert metrics.c2st_auroc(real, made) > 0.6


@pytest.mark.parametrize("kind", ["floats", "category", "dates"])
def test_columns_that_one_table_lost(kind):
    """A column that is empty in one table only makes the tables differ, and nothing fails."""
    made = {"floats": np.arange(N) / 2, "category": pd.Categorical(HOLES)}
    made["dates"] = pd.Timestamp("2024-01-01") + pd.to_timedelta(np.arange(N) % 9, "D")
    real = pd.DataFrame({"a": np.arange(N) * 1.5, "b": made[kind]})
    lost = real.assign(b=EMPTY[kind]())
    for pair in ((real, lost), (lost, real)):
        found = compared(*pair) | learnt(*pair)
        assert np.isfinite(list(found.values())).all()
        assert found["exact_copy_rate"] == 0 and found["column_density_error"] == 0.5
