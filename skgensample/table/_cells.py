"""One cell of a fitted table as its number in ``Z``: what a user says of a column."""

from numbers import Real

import numpy as np

from ._columns import is_missing


def scalar(value):
    """The one value of an array without dimensions, NumPy's or torch's; others as they are."""
    if isinstance(value, np.ndarray):
        return value[()]
    if getattr(value, "ndim", None) == 0 and hasattr(value, "item"):
        return value if isinstance(value, np.generic) else value.item()
    return value


def encoded_cell(column, value, cells):
    """Number in ``Z`` of a value of one column.

    Parameters
    ----------
    column : Column
        The column.
    value : object
        A level, a number, a date, or a missing cell.
    cells : list
        What 0, 1, ... of the column decode to: every level where it has levels, else two cells.

    Returns
    -------
    number : float
        NaN for a missing cell.

    Raises
    ------
    ValueError
        If the column cannot hold the value.
    """
    value = scalar(value)
    if isinstance(value, list | tuple) or getattr(value, "ndim", 0):
        raise ValueError(f"Column {column.name!r}: give one value, not a {type(value).__name__}.")
    if is_missing(value):
        if not column.missing:
            raise ValueError(f"Column {column.name!r} has no missing cell: give a value.")
        return np.nan
    if column.kind == "categorical":
        return _level(column, value, cells)
    number = isinstance(value, (Real, np.bool_))
    if column.kind == "float":
        if not number or not np.isfinite(float(value)):
            raise ValueError(f"Column {column.name!r} holds finite numbers: give one.")
        return float(value)
    steps = _steps(
        column, value.item() if isinstance(value, np.number | np.bool_) else value, cells
    )
    if not column.lo <= steps <= column.hi:
        raise ValueError(f"Column {column.name!r} has no such value within its observed range.")
    return float(steps)


def _level(column, value, cells):
    """Code of a level."""
    text = isinstance(value, str)
    for code, cell in enumerate(cells):
        if isinstance(cell, str) == text and bool(cell == value):
            return float(code)
    raise ValueError(f"Column {column.name!r} has no such level in the fitted table.")


def _steps(column, value, cells):
    """Whole steps from the column's first value, of integers, flags, dates and durations."""
    first, second = cells
    if value == first:
        return 0
    try:
        steps, rest = divmod(value - first, second - first)
    except (TypeError, ZeroDivisionError):
        raise ValueError(
            f"Column {column.name!r}: the value must be of the column's own kind and range."
        ) from None
    if rest:
        raise ValueError(f"Column {column.name!r} holds whole steps only, and this is none.")
    return steps
