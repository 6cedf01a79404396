"""Some rows of a table: by position, and those on which its codec can be fitted.

A codec wants to know the smallest and largest integer or date of a column, what divides all
distances, whether all integers are dates, the levels of a column of categories, and whether cells
are missing. For each fact a witness is kept, a row that shows it. Witnesses of witnesses show the
facts of all rows that they were taken from.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np

from ._arrow_columns import is_time, is_time_or_decimal, times_as_ticks
from ._categories import column_modes
from ._decimals import MOST, decimal_places, to_places
from ._pandas import plain_dtype
from ._patterns import FIRST_ROWS, LEAST_VALUES, days_of
from ._plan import declared_plan
from ._shapes import is_frame

#: A column with more levels than this is refused: its witnesses would be a large table.
MAX_LEVELS = 1_000_000

#: Rows whose bytes are counted cell by cell.
SHOWN_ROWS = 10_000

#: Names of pandas dtypes of text.
TEXT = {"str", "string", "large_string"}


@dataclass(frozen=True)
class Facts:
    """Which facts of a table are wanted.

    Parameters
    ----------
    categories : {"text", "auto", "all"}, None or array-like
        Which columns hold categories; see `TableCodec`.
    learned : bool
        Whether a model learns the table: then decimal places and the range of floats count, too.
    schema : TableSchema, dict or None
        What columns are declared as, none of which has invented values.
    """

    categories: Any
    learned: bool = False
    schema: Any = None

    def modes(self, X):
        """Mode of each column of a table; see `column_modes`."""
        frame = is_frame(X)
        names = X.columns.tolist() if frame else range(X.shape[1])
        modes = column_modes(self.categories, names, frame=frame)
        declared = declared_plan(X, self.schema, self.learned).modes if self.schema else {}
        return [declared.get(j, mode) for j, mode in enumerate(modes)]


def witnesses(X, facts):
    """Positions of rows that show all facts of a table.

    Parameters
    ----------
    X : frame or ndarray of shape (n, d)
        The table, or some of its rows that show its facts.
    facts : Facts
        Which facts are wanted.

    Returns
    -------
    ndarray of int
        In ascending order.

    Raises
    ------
    ValueError
        If a column has too many levels.
    """
    if not len(X):
        return np.empty(0, dtype=np.intp)
    frame = is_frame(X)
    names = X.columns.tolist() if frame else range(X.shape[1])
    found = []
    for j, (name, mode) in enumerate(zip(names, facts.modes(X))):
        cells, of = (X.iloc[:, j], _of_frame) if frame else (X[:, j], _of_array)
        own = of(cells, mode, facts.learned)
        if len(own) > MAX_LEVELS:
            raise ValueError(
                f"Column {name!r} has more than {MAX_LEVELS:,} levels, too many for categories: "
                "drop it, or make it a number."
            )
        found.append(own)
    return np.unique(np.concatenate(found)).astype(np.intp)


def _of_array(cells, mode, learned):
    """Witnesses of a column of an array."""
    if mode == "all":
        return np.unique(cells, return_index=True)[1]
    if cells.dtype.kind == "f":
        gap = np.isnan(cells)
        floats = _of_floats(cells, np.flatnonzero(~gap)) if learned else []
        return np.concatenate([np.flatnonzero(gap)[:1], floats]).astype(np.intp)
    return _of_integers(cells)


def _of_frame(cells, mode, learned):
    """Witnesses of a column of a frame."""
    gap = np.flatnonzero(cells.isna().to_numpy())[:1]
    if mode == "all" or _holds_levels(cells):
        return np.concatenate([np.flatnonzero(~cells.duplicated().to_numpy()), gap])
    there = np.flatnonzero(cells.notna().to_numpy())
    if not len(there):
        return gap
    if _is_float(cells):
        if not learned:
            return gap
        floats = cells.to_numpy(dtype=plain_dtype(cells.dtype), na_value=np.nan)
        return np.concatenate([gap, _of_floats(floats, there)])
    known = cells if len(there) == len(cells) else cells.iloc[there]
    return np.concatenate([gap, *(there[_of_integers(whole)] for whole in _integers(known))])


def _integers(cells):
    """Integers that a column without missing cells is encoded from; local times as well as UTC."""
    if is_time_or_decimal(cells.dtype):
        if is_time(cells.dtype.pyarrow_dtype):
            return times_as_ticks(cells.array.__arrow_array__())
        return [cells.array.__arrow_array__().cast("double").to_numpy()]
    if getattr(cells.dtype, "tz", None) is not None:
        both = cells.dt.tz_convert(None), cells.dt.tz_localize(None)
        return [part.to_numpy().view(np.int64) for part in both]
    if cells.dtype.kind in "mM":
        return [cells.to_numpy().view(np.int64)]
    plain = plain_dtype(cells.dtype)
    return [cells.to_numpy(dtype=plain if plain.kind in "biu" else np.int64)]


def _of_integers(values):
    """Positions of the extremes, of some different values, and of those that break a pattern."""
    found = [values.argmin(), values.argmax()]
    if values.dtype.kind not in "iu":
        return np.array(found)
    wide = values.astype(np.uint64 if values.dtype.kind == "u" else np.int64)
    with np.errstate(over="ignore"):
        distances = wide.astype(np.uint64) - wide[found[0]].astype(np.uint64)
    for rows in (slice(FIRST_ROWS), slice(None)):
        different = np.unique(wide[rows], return_index=True)[1][:LEAST_VALUES]
        if len(different) == LEAST_VALUES:
            break
    for rows in (slice(FIRST_ROWS), slice(None)):
        common = np.gcd.accumulate(distances[rows])
        if common[-1] == 1:
            break
    for rows in (slice(FIRST_ROWS), slice(None)):
        no_date = np.flatnonzero(np.isnat(days_of(wide[rows])))[:1]
        if len(no_date):
            break
    smaller = np.flatnonzero(np.diff(common)) + 1
    return np.concatenate([found, different, smaller, no_date]).astype(np.intp)


def _of_floats(values, there):
    """Positions of the extremes, and of a value with the most decimal places."""
    if not len(there):
        return there
    known = values[there]
    found, places = [known.argmin(), known.argmax()], decimal_places(known)
    if places != 0:
        shorter = to_places(known.astype(np.float64), MOST if places is None else places - 1)
        found.append(np.flatnonzero(shorter.astype(known.dtype) != known)[0])
    return there[found]


def _holds_levels(cells):
    """Whether a column is of text, categories or objects."""
    if is_time_or_decimal(cells.dtype):
        return False
    return hasattr(cells, "cat") or cells.dtype.kind in "OSUT" or str(cells.dtype) in TEXT


def _is_float(cells):
    return cells.dtype.kind == "f"


def first_gap(X, *, infinite=False):
    """Column and position of a missing cell, or of an infinite one; None without any.

    Parameters
    ----------
    X : frame or ndarray of shape (n, d)
        The table.
    infinite : bool, default=False
        Whether infinite cells are looked for, in columns of floats.

    Returns
    -------
    (name, int) or None
    """
    frame = is_frame(X)
    for j in range(X.shape[1]):
        cells = X.iloc[:, j] if frame else X[:, j]
        if infinite and not _is_float(cells):
            continue
        if infinite:
            found = np.isinf(cells.to_numpy(dtype=float, na_value=np.nan) if frame else cells)
        else:
            found = cells.isna().to_numpy() if frame else cells != cells
        if found.any():
            return (X.columns[j] if frame else j), int(found.argmax())
    return None


def picked_rows(X, positions):
    """Rows of a frame or array at given positions; a frame's index labels are dropped."""
    if is_frame(X):
        return X.iloc[positions].reset_index(drop=True)
    return X[positions]


def stacked(tables):
    """Frames or arrays of the same columns, one after the other; index labels are dropped."""
    tables = [X for X in tables if len(X)] or tables[:1]
    if len(tables) == 1:
        return tables[0]
    if not is_frame(tables[0]):
        return np.concatenate(tables)
    import pandas as pd

    return pd.concat(tables, ignore_index=True)


def byte_count(X):
    """Bytes that the rows of a frame or array take in memory; of long text an estimate."""
    if not is_frame(X):
        return X.nbytes
    shown = X.iloc[: min(len(X), SHOWN_ROWS)]
    return int(shown.memory_usage(index=False, deep=True).sum() * len(X) / max(len(shown), 1))
