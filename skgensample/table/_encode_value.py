"""Encoding of one user-given cell, such as a condition on a column, as its number in ``Z``."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from numbers import Real

import numpy as np

from .._suggestions import did_you_mean
from ._columns import is_missing
from ._decimals import to_places


def scalar(value):
    """Unwrap a zero-dimensional NumPy array or torch tensor; return other values unchanged."""
    if isinstance(value, np.ndarray):
        return value[()]
    if getattr(value, "ndim", None) == 0 and hasattr(value, "item"):
        return value if isinstance(value, np.generic) else value.item()
    return value


@dataclass(frozen=True)
class Grid:
    """Values of a column of whole steps: integers, bools, dates and durations.

    Parameters
    ----------
    name : object
        The column's label or position.
    first : int, datetime or timedelta
        The column's first value.
    step : int or timedelta
        Distance to the next value; zero in a constant column.
    zone : tzinfo or None
        Time zone in whose clock steps are counted, None for times without a zone.
    """

    name: object
    first: object
    step: object
    zone: object = None

    @classmethod
    def of(cls, name, first, second, wall_step):
        """Grid of a column with these first two values; see `TimeCodec.wall_step`."""
        zone = getattr(first, "tzinfo", None) if isinstance(first, datetime) else None
        if isinstance(first, bool):
            first, second = int(first), int(second)
        if isinstance(first, time):
            first, second = _since_midnight(first), _since_midnight(second)
        if zone is None:
            return cls(name, first, second - first)
        if wall_step is None:
            first, second = (_on_clock(cell, UTC) for cell in (first, second))
            return cls(name, first, second - first, UTC)
        return cls(name, _on_clock(first, zone), wall_step, zone)

    def read(self, value):
        """A user's value as one that can be subtracted from the first."""
        if isinstance(value, np.datetime64 | np.timedelta64):
            value = _python_time(value, self.first)
        elif isinstance(value, np.number | np.bool_):
            value = value.item()
        if isinstance(value, bool):
            return int(value)
        if isinstance(value, float) and value.is_integer():
            return int(value)  # a difference of integers is exact
        if isinstance(value, time):
            return _since_midnight(value)
        if self.zone is None:
            return value
        if not isinstance(value, datetime) or value.tzinfo is None:
            raise ValueError(
                f"Column {self.name!r} holds times of a time zone: give a time with a zone, such "
                "as pd.Timestamp(..., tz=...)."
            )
        return _on_clock(value, self.zone)

    def steps(self, value):
        """Whole steps from the first value, rounded down, and whether there is a rest.

        Raises
        ------
        TypeError, ZeroDivisionError
            If the value has another type, or the column has one value only.
        """
        value = self.read(value)
        if value == self.first:
            return 0, False
        steps, rest = divmod(value - self.first, self.step)
        return int(steps), bool(rest)


def instant(value):
    """A time with a zone as naive UTC time, so that times of one zone compare in order too."""
    if isinstance(value, datetime) and value.tzinfo is not None:
        return _on_clock(value, UTC)
    return value


def _on_clock(value, zone):
    """Naive time that a clock in a zone shows."""
    return value.astimezone(zone).replace(tzinfo=None)


def _since_midnight(value):
    """Time of day as a duration."""
    return datetime.combine(date.min, value) - datetime.min


def _python_time(value, first):
    """NumPy date or duration as the type of a column's first value."""
    if hasattr(first, "nanosecond") or hasattr(first, "nanoseconds"):
        return type(first)(value)  # pandas
    unit = "us" if isinstance(first, datetime | timedelta) else "D"
    short = value.astype(f"{value.dtype.kind}8[{unit}]")
    return short.item() if short == value else value


def encoded_cell(column, value, cells):
    """Encode a value of one column as its number in ``Z``.

    Parameters
    ----------
    column : Column
        The column.
    value : object
        A level, a number, a date or duration, or a missing cell (None, NaN, NaT, NA).
    cells : list or Grid
        All levels of a categorical column; the grid of a column of whole steps.

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
    steps = _steps(column, value, cells)
    if abs(steps) > 2**64 or not column.lo <= float(steps) <= column.hi:
        raise ValueError(f"Column {column.name!r} has no such value within its observed range.")
    return float(steps)


def own_precision(column, number):
    """Round a number to the precision of a float column."""
    with np.errstate(over="ignore"):  # float32 and float16 may overflow to infinity
        return float(np.dtype(column.dtype or np.float64).type(number))


def _float(column, value):
    """Check that a float column can hold the value without rounding, and return it."""
    if not isinstance(value, Real | np.bool_):
        raise ValueError(
            f"Column {column.name!r} holds finite numbers: give a float, not a "
            f"{type(value).__name__}."
        )
    try:
        number = float(value)
    except OverflowError:
        number = np.inf
    if not np.isfinite(number):
        raise ValueError(f"Column {column.name!r} holds finite numbers: give one.")
    kept = number if column.decimals is None else float(to_places(number, column.decimals))
    kept = own_precision(column, kept)
    if not np.isfinite(kept):
        raise ValueError(
            f"Column {column.name!r} {_resolution(None, column.dtype)}: give a smaller number."
        )
    if not _same_number(column, kept, value):
        raise ValueError(
            f"Column {column.name!r} {_resolution(column.decimals, column.dtype)}, and this value "
            "would be rounded: give a rounded one."
        )
    return kept


def _same_number(column, kept, value):
    """Whether a number of a float column is the value, in the narrower precision of the two.

    Integers and fractions are compared exactly.
    """
    if isinstance(value, np.floating) and type(value)(kept) == value:
        return True
    if isinstance(value, float | np.float32 | np.float16):
        return kept == own_precision(column, value)
    return kept == value


def _resolution(decimals, dtype):
    """Describe the resolution of a float column for an error message."""
    if decimals is None:
        return f"holds {8 * np.dtype(dtype or np.float64).itemsize}-bit floats"
    places = f"{decimals} decimal place{'s' if decimals > 1 else ''}"
    return f"holds numbers of {places}" if decimals else "holds whole numbers"


def _level(column, value, cells):
    """Return the code of a level."""
    text = isinstance(value, str)
    for code, cell in enumerate(cells):
        if isinstance(cell, str) == text and bool(cell == value):
            return float(code)
    end = did_you_mean(value, cells)
    raise ValueError(f"Column {column.name!r} has no such level in the fitted table{end}")


def _steps(column, value, grid):
    """Count the steps from the column's first value: integers, bools, dates and durations."""
    if isinstance(value, Real) and isinstance(grid.first, int) and abs(value) == np.inf:
        raise ValueError(f"Column {column.name!r} holds whole numbers: give a finite one.")
    try:
        steps, rest = grid.steps(value)
    except (TypeError, ZeroDivisionError, OverflowError):
        raise ValueError(
            f"Column {column.name!r}: give a value of the column's type and within its range."
        ) from None
    if rest:
        raise ValueError(
            f"Column {column.name!r} holds whole steps, and this value lies between two: round it."
        )
    return steps
