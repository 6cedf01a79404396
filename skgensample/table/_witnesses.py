"""Some rows of a table: by position, and those on which its codec can be fitted.

A codec wants to know the smallest and largest integer or date of a column, the levels of a column
of categories, and whether cells are missing. For each fact a witness is kept, a row that shows it.
"""

import numpy as np

from ._categories import column_modes
from ._shapes import is_frame

#: A column with more levels than this is refused: its witnesses would be a large table.
MAX_LEVELS = 1_000_000

#: Rows whose bytes are counted cell by cell.
SHOWN_ROWS = 10_000

#: Names of pandas dtypes of text.
TEXT = {"str", "string", "large_string"}


def witnesses(X, categories):
    """Positions of rows that show all facts of a table.

    Parameters
    ----------
    X : frame or ndarray of shape (n, d)
        The table, or some of its rows that show its facts.
    categories : {"text", "auto", "all"}, None or array-like
        Which columns hold categories; see `TableCodec`.

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
    modes = column_modes(categories, names, frame=frame)
    found = []
    for j, (name, mode) in enumerate(zip(names, modes)):
        cells = X.iloc[:, j] if frame else X[:, j]
        own = _of_frame(cells, mode) if frame else _of_array(cells, mode)
        if len(own) > MAX_LEVELS:
            raise ValueError(
                f"Column {name!r} has more than {MAX_LEVELS:,} levels, too many for categories: "
                "drop it, or make it a number."
            )
        found.append(own)
    return np.unique(np.concatenate(found)).astype(np.intp)


def _of_array(cells, mode):
    """Witnesses of a column of an array."""
    if mode == "all":
        return np.unique(cells, return_index=True)[1]
    if cells.dtype.kind == "f":
        return np.flatnonzero(np.isnan(cells))[:1]
    return np.array([cells.argmin(), cells.argmax()])


def _of_frame(cells, mode):
    """Witnesses of a column of a frame."""
    gap = np.flatnonzero(cells.isna().to_numpy())[:1]
    if mode == "all" or _holds_levels(cells):
        return np.concatenate([np.flatnonzero(~cells.duplicated().to_numpy()), gap])
    there = np.flatnonzero(cells.notna().to_numpy())
    if _is_float(cells) or not len(there):
        return gap
    order = cells.iloc[there].to_numpy()
    if order.dtype == object:
        order = cells.iloc[there].astype("int64").to_numpy()
    return np.concatenate([there[[order.argmin(), order.argmax()]], gap])


def _holds_levels(cells):
    """Whether a column is of text, categories or objects."""
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
