"""Encoding of one user-given cell, such as a condition on a column, as its number in ``Z``."""

from difflib import get_close_matches
from numbers import Real

import numpy as np

from ._columns import is_missing
from ._decimals import to_places


def scalar(value):
    """Unwrap a zero-dimensional NumPy array or torch tensor; return other values unchanged."""
    if isinstance(value, np.ndarray):
        return value[()]
    if getattr(value, "ndim", None) == 0 and hasattr(value, "item"):
        return value if isinstance(value, np.generic) else value.item()
    return value


def encoded_cell(column, value, cells):
    """Encode a value of one column as its number in ``Z``.

    Parameters
    ----------
    column : Column
        The column.
    value : object
        A level, a number, a date or duration, or a missing cell (None, NaN, NaT, NA).
    cells : list
        Decoded values of 0, 1, ...: all levels of a categorical column, else the first two.

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
    if column.kind == "float":
        return _float(column, value)
    steps = _steps(
        column, value.item() if isinstance(value, np.number | np.bool_) else value, cells
    )
    if not column.lo <= steps <= column.hi:
        raise ValueError(f"Column {column.name!r} has no such value within its observed range.")
    return float(steps)


def _float(column, value):
    """Check that a float column can hold the value without rounding, and return it."""
    try:
        number = float(value) if isinstance(value, (Real, np.bool_)) else np.nan
    except OverflowError:
        number = np.inf
    if not np.isfinite(number):
        raise ValueError(f"Column {column.name!r} holds finite numbers: give one.")
    kept = number if column.decimals is None else float(to_places(number, column.decimals))
    # compare a narrow float in its own precision, an integer exactly
    if (type(value)(kept) if isinstance(value, np.floating) else kept) != value:
        raise ValueError(
            f"Column {column.name!r} {_resolution(column.decimals)}, and this value would be "
            "rounded: give a rounded one."
        )
    return kept


def _resolution(decimals):
    """Describe the resolution of a float column for an error message."""
    if decimals is None:
        return "holds 64-bit floats"
    places = f"{decimals} decimal place{'s' if decimals > 1 else ''}"
    return f"holds numbers of {places}" if decimals else "holds whole numbers"


def _level(column, value, cells):
    """Return the code of a level."""
    text = isinstance(value, str)
    for code, cell in enumerate(cells):
        if isinstance(cell, str) == text and bool(cell == value):
            return float(code)
    near = (
        get_close_matches(value, [cell for cell in cells if isinstance(cell, str)], n=1)
        if text
        else []
    )
    hint = f": did you mean {near[0]!r}?" if near else "."
    raise ValueError(f"Column {column.name!r} has no such level in the fitted table{hint}")


def _steps(column, value, cells):
    """Count the steps from the column's first value: integers, bools, dates and durations."""
    first, second = cells
    if value == first:
        return 0
    try:
        steps, rest = divmod(value - first, second - first)
    except (TypeError, ZeroDivisionError):
        raise ValueError(
            f"Column {column.name!r}: give a value of the column's type and within its range."
        ) from None
    if rest:
        raise ValueError(
            f"Column {column.name!r} holds whole steps, and this value lies between two: round it."
        )
    return steps
