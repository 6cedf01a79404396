"""Conditions on one column: a value, a list of values, or an interval, as numbers in ``Z``."""

from dataclasses import dataclass
from decimal import Decimal
from numbers import Real

import numpy as np

from ._columns import is_missing
from ._decimals import to_places
from ._encode_value import instant, own_precision, scalar


@dataclass(frozen=True)
class Condition:
    """What the cells of one column may be.

    Parameters
    ----------
    index : int
        Position of the column in ``Z``.
    name : object
        The column's label in a frame, its position in other containers.
    values : ndarray or None
        Allowed values in ``Z``, NaN for a missing cell; None for an interval.
    low, high : float
        Ends of the interval, which are allowed too; infinite where it is open.
    places : int or None
        Decimal places to which values are rounded when decoded, None for no rounding.
    """

    index: int
    name: object
    values: np.ndarray | None = None
    low: float = -np.inf
    high: float = np.inf
    places: int | None = None

    @property
    def is_single(self):
        """Whether exactly one value is allowed."""
        return self.values is not None and len(self.values) == 1

    @property
    def allows_missing(self):
        """Whether a missing cell is allowed."""
        return self.values is not None and bool(np.isnan(self.values).any())

    @property
    def edges(self):
        """Ends of the interval before rounding: half a unit of the last place further out."""
        half = 0.0 if self.places is None else 0.5 * 10.0**-self.places
        return self.low - half, self.high + half

    def limited(self, z):
        """Values of ``Z`` rounded, and clipped to the interval."""
        z = z if self.places is None else to_places(z, self.places)
        return np.clip(z, self.low, self.high)

    def mask(self, z):
        """Which values of ``Z`` satisfy the condition, once decoded.

        Parameters
        ----------
        z : ndarray of float
            Values of the column; NaN is a missing cell.

        Returns
        -------
        ndarray of bool of the same shape
        """
        z = self._rounded(z)
        with np.errstate(invalid="ignore"):
            if self.values is None:
                return (z >= self._rounded(self.low)) & (z <= self._rounded(self.high))
        return np.isin(z, self._rounded(self.values)) | (np.isnan(z) & self.allows_missing)

    def _rounded(self, z):
        """Numbers rounded as in decoding: a float32 of 0.1 and a float64 of 0.1 are the same."""
        return z if self.places is None else to_places(z, self.places)


def places_of(column):
    """Decimal places to which a column's numbers are rounded when decoded; None for none."""
    return column.decimals if column.kind == "float" else 0


def condition_of(codec, name, wanted):
    """Encode a condition on a named column.

    Parameters
    ----------
    codec : TableCodec
        Fitted codec of the table.
    name : object
        The column's label in a frame, its position in other containers.
    wanted : object
        A value; a list (or set, array) of values; or a tuple of two, the ends of an interval of
        numbers or dates, None where it is open.

    Returns
    -------
    Condition

    Raises
    ------
    ValueError
        If the table has no such column, or no cell of it can satisfy the condition.
    """
    column = codec.column(name)
    places = places_of(column)
    if isinstance(wanted, tuple):
        low, high = _interval(codec, column, wanted)
        return Condition(column.index, name, None, low, high, places)
    if _is_several(wanted):
        items = list(wanted)
        if not items:
            raise ValueError(f"Column {name!r}: the list of values is empty; give one or more.")
        values = np.unique([codec.encode_cell(name, item)[1] for item in items])
        return Condition(column.index, name, values, places=places)
    values = np.array([codec.encode_cell(name, wanted)[1]])
    return Condition(column.index, name, values, places=places)


def _is_several(wanted):
    """Whether a list, set, array or Series of values is given."""
    several = isinstance(wanted, list | set | frozenset | range) or hasattr(wanted, "to_list")
    return several or bool(getattr(wanted, "ndim", 0))


def _interval(codec, column, wanted):
    """Ends of an interval in ``Z``, on the column's own grid of values."""
    if len(wanted) != 2:
        raise ValueError(
            f"Column {column.name!r}: a tuple is an interval (low, high), and this one has "
            f"{len(wanted)} items. Give a list for several values."
        )
    if column.kind == "categorical":
        raise ValueError(
            f"Column {column.name!r} holds categories, which have no order: give a list of levels "
            "in place of a tuple."
        )
    ends = [_end(codec, column, scalar(end), sign) for end, sign in zip(wanted, (-1, 1))]
    low, high = ends
    if low > high or (column.kind != "float" and (high < column.lo or low > column.hi)):
        raise ValueError(
            f"Column {column.name!r} has no value in that interval: give ends within its observed "
            "range, the lower one first."
        )
    return low, high


def _end(codec, column, value, sign):
    """One end in ``Z``: rounded inwards to a value that the column can hold."""
    if value is None or is_missing(value):
        return sign * np.inf
    if column.kind == "float":
        value = float(value) if isinstance(value, Decimal) else value
        if not isinstance(value, Real | np.bool_) or np.isnan(float(value)):
            raise ValueError(f"Column {column.name!r} holds numbers: give numbers as ends.")
        return _float_end(column, float(value), sign)
    grid = codec.grid(column)
    if isinstance(value, Real) and isinstance(grid.first, int) and abs(value) == np.inf:
        return float(value)
    try:
        if not grid.step:  # a constant column
            value = grid.read(value)
            return float((value > grid.first) * 1.0 - (value < grid.first) * 1.0)
        steps, rest = grid.steps(value)
    except (TypeError, OverflowError):
        raise ValueError(
            f"Column {column.name!r}: give ends of the column's own type (for dates "
            "pd.Timestamp or datetime), or None."
        ) from None
    # in Python, as integers of more than 64 bits are possible
    number = float(min(max(steps + (rest and sign < 0), -(2**64)), 2**64))
    if grid.zone is not None or abs(number) >= 2**53:
        return _adjusted_end(codec, column, value, sign, number)
    return number


def _adjusted_end(codec, column, value, sign, number):
    """The outermost of the neighbours of a number whose decoded value lies inside the end.

    Local times that a change of clocks repeats or skips, and integers that float64 cannot hold,
    decode to a value next to the one that was counted.
    """

    def inside(candidate):
        cell = instant(codec.cell(column, candidate))
        return cell <= instant(value) if sign > 0 else cell >= instant(value)

    gap = max(1.0, float(np.spacing(abs(number))))
    near = [number + sign * gap * i for i in (1, 0, -1)]
    near = [candidate for candidate in near if column.lo <= candidate <= column.hi]
    return next((candidate for candidate in near if inside(candidate)), number)


def _float_end(column, value, sign):
    """End of an interval of floats."""
    if np.isinf(value):
        return value
    if column.decimals is None:
        return own_precision(column, value)
    near = float(to_places(value, column.decimals))
    own = own_precision(column, near)
    if own == own_precision(column, value) or np.isclose(near, value, rtol=1e-12, atol=0.0):
        return own
    if sign * (value - near) > 0:
        return own
    step = 10.0**-column.decimals
    return own_precision(column, to_places(near - sign * step, column.decimals))
