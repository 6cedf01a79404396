"""Values of columns as numbers that can be compared and added, from their numbers in ``Z``."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from math import gcd
from numbers import Real

import numpy as np

from ..table import to_places

#: Integers beyond this are not exact in 64-bit floats.
EXACT = 2.0**53


@dataclass(frozen=True)
class Line:
    """Values of a column, ``origin + step * z``.

    Parameters
    ----------
    family : {"number", "date", "duration", "text"}
        What can be compared with each other.
    origin, step : int or float
        In the column's own unit; nanoseconds for dates (since 1970) and durations.
    clock : tzinfo or None
        Clock in which dates are counted: None without a time zone, UTC, or that of a zone.
    levels : ndarray or None
        Values by code, for a column of categories that are numbers.
    calendar : bool
        Whether the cells are integers such as 20211231, and a step is a day.
    """

    family: str
    origin: float = 0
    step: float = 1
    clock: tzinfo | None = None
    levels: np.ndarray | None = None
    calendar: bool = False

    def is_exact(self, column, zero=0, unit=1):
        """Whether 64-bit floats represent all values of its column, in a unit counted from zero."""
        if column.kind not in ("integer", "binary") or np.isnan(column.hi):
            return True
        ends = ((self.origin - zero + self.step * z) / unit for z in (0, column.hi))
        return max(map(abs, ends)) <= EXACT


def line_of(codec, column):
    """Describe the values of one column of a fitted codec; see `Line`."""
    if column.kind == "categorical":
        cells = codec._cells(column, range(column.n_levels))
        if all(isinstance(cell, Real | np.bool_) for cell in cells):
            return Line("number", levels=np.array(cells, dtype=float))
        return Line("text")
    if column.kind == "float" or codec.is_sparse:
        return Line("number")
    grid = codec.grid(column)
    if isinstance(grid.first, int):
        return Line("number", grid.first, int(grid.step) or 1)
    step = nanoseconds(grid.step) or 1
    calendar = getattr(grid, "calendar", False)
    return Line(family_of(grid.first), nanoseconds(grid.first), step, grid.zone, calendar=calendar)


def family_of(value):
    """Family of a value: number, date, duration or text."""
    if isinstance(value, datetime | date | np.datetime64):
        return "date"
    if isinstance(value, timedelta | np.timedelta64 | time):
        return "duration"
    return "number" if isinstance(value, Real | np.bool_) else "text"


def nanoseconds(value):
    """A date (since 1970, on the clock it shows) or a duration in nanoseconds, exactly."""
    if isinstance(value, np.datetime64 | np.timedelta64):
        return int(value.astype(f"{value.dtype.kind}8[ns]").astype(np.int64))
    if isinstance(value, time):
        value = datetime.combine(date.min, value) - datetime.min
    elif isinstance(value, datetime):
        value = value.replace(tzinfo=None) - datetime(1970, 1, 1)
    elif isinstance(value, date):
        value = value - date(1970, 1, 1)
    whole = (value.days * 86_400 + value.seconds) * 10**9 + value.microseconds * 1_000
    return whole + getattr(value, "nanoseconds", 0)


class Numbers:
    """Values of several columns in one common unit, exact where the columns hold whole steps.

    Parameters
    ----------
    codec : TableCodec
        Fitted codec of the table.
    columns : list of int
        Positions of the columns.
    rule : Constraint
        Named in errors.
    constants : list, default=()
        Fixed values that are compared with the columns.
    additive : bool, default=False
        Whether values are added, so that zero is where it is.

    Raises
    ------
    TypeError
        If the columns hold text, or values that cannot be compared with each other.
    """

    def __init__(self, codec, columns, rule, constants=(), *, additive=False):
        known = codec.table_columns
        self.columns = {j: known[j] for j in columns}
        self.lines = {j: line_of(codec, known[j]) for j in columns}
        self._refuse_mixed(rule, constants, additive)
        first = next(iter(self.lines.values()))
        clocks = {str(line.clock) for line in self.lines.values()}
        self.codec = codec if len(clocks) > 1 else None  # values are looked up, cell by cell
        self.zone = UTC if self.codec else first.clock
        self.calendar = first.calendar
        self.zero, self.unit = 0, 1
        if first.family != "number":
            lines = list(self.lines.values())
            self.zero = 0 if additive else min(line.origin for line in lines)
            whole = [part for line in lines for part in (line.step, line.origin - self.zero)]
            self.unit = gcd(*whole)
        self.linear = self.codec is None and all(
            line.levels is None for line in self.lines.values()
        )
        self.whole = all(column.kind in ("integer", "binary") for column in self.columns.values())
        self._check_exact(rule)
        self.constants = [self._constant(value) for value in constants]

    def _refuse_mixed(self, rule, constants, additive):
        for j, line in self.lines.items():
            if line.family == "text":
                raise TypeError(
                    f"{rule!r}: column {self.columns[j].name!r} holds text or categories, and the "
                    "rule needs numbers, dates or durations."
                )
            if additive and (line.family == "date"):
                raise TypeError(
                    f"{rule!r}: column {self.columns[j].name!r} holds dates, which have no sum."
                )
        kinds = {(line.family, line.clock is None, line.calendar) for line in self.lines.values()}
        (family, _, calendar), *others = kinds
        wanted = {family} | ({"number"} if calendar else set())
        if others or any(family_of(value) not in wanted for value in constants):
            raise TypeError(
                f"{rule!r} compares numbers, dates or durations with each other: give columns "
                "(and values) of one kind, dates with or without a time zone alike."
            )

    def _check_exact(self, rule):
        for j, column in self.columns.items():
            if not self.lines[j].is_exact(column, self.zero, self.unit):
                raise ValueError(
                    f"{rule!r}: column {column.name!r} holds integers that 64-bit floats cannot "
                    "represent (beyond 2**53): leave the rule out."
                )

    def _constant(self, value):
        """A fixed value in the common unit."""
        if self.calendar and isinstance(value, Real):
            value = date(int(value) // 10_000, int(value) // 100 % 100, int(value) % 100)
        if family_of(value) == "number":
            return float(value)
        if self.zone is not None:
            if getattr(value, "tzinfo", None) is None:
                raise ValueError(
                    "A rule on a column of a time zone needs a time with a zone, such as "
                    "pd.Timestamp(..., tz=...)."
                )
            value = value.astimezone(self.zone)
        return (nanoseconds(value) - self.zero) / self.unit

    def affine(self, j):
        """Origin and step of a column in the common unit."""
        line = self.lines[j]
        origin, step = line.origin - self.zero, line.step
        if self.unit == 1:
            return float(origin), float(step)
        return float(origin // self.unit), float(step // self.unit)

    def values(self, j, z):
        """Values of a column from its numbers in ``Z``; NaN where they are missing."""
        line = self.lines[j]
        if line.levels is not None:
            codes = np.where(np.isnan(z), 0, z).astype(np.intp)
            return np.where(np.isnan(z), np.nan, line.levels[codes])
        if self.codec is not None:
            return self._looked_up(j, z)
        origin, step = self.affine(j)
        return z if (origin, step) == (0.0, 1.0) else origin + step * z

    def _looked_up(self, j, z):
        """Instants of a column of zoned times, cell by cell, where clocks differ."""
        found, at = np.unique(np.where(np.isnan(z), 0, z), return_inverse=True)
        cells = self.codec._cells(self.columns[j], found)
        numbers = [(nanoseconds(cell.astimezone(UTC)) - self.zero) / self.unit for cell in cells]
        return np.where(np.isnan(z), np.nan, np.array(numbers, dtype=float)[at])

    @property
    def places(self):
        """Decimal places that hold all values, None if unknown; whole steps have none."""
        own = [0 if c.kind != "float" else c.decimals for c in self.columns.values()]
        return None if None in own else max(own)


def settled(column, z):
    """Numbers of ``Z`` as they are once decoded and encoded again.

    Parameters
    ----------
    column : Column
        Their column.
    z : ndarray of shape (n,)
        Numbers; NaN for missing cells.

    Returns
    -------
    ndarray of shape (n,)
        Whole steps within the observed range; floats in the decimal places and the precision of
        the column.
    """
    if column.kind != "float":
        whole = np.rint(z / column.step) * column.step
        return whole if np.isnan(column.lo) else np.clip(whole, column.lo, column.hi)
    z = z if column.decimals is None else to_places(z, column.decimals)
    if column.dtype is None or column.dtype == np.float64 or column.dtype.kind != "f":
        return z
    with np.errstate(over="ignore"):
        return z.astype(column.dtype).astype(np.float64)
