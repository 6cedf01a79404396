"""Codecs of single columns, and error texts about their cells and dtypes."""

from dataclasses import dataclass, field
from numbers import Integral, Real

import numpy as np

from ._categories import CategoryCodec, number_levels, text_levels
from ._decimals import decimal_places, to_places


@dataclass(frozen=True)
class Column:
    """Description of one column of ``Z`` for samplers.

    Parameters
    ----------
    name : object
        The column's label in a frame, its position in other containers.
    index : int
        Position in ``Z``.
    kind : {"float", "integer", "binary", "categorical"}
        ``"binary"`` is a bool column or an integer column of 0 and 1.
    lo, hi : float
        Observed range in ``Z`` of integer, binary and categorical columns; NaN for floats.
    n_levels : int
        Number of observed levels of a categorical or binary column, else 0.
    missing : bool
        Whether the column has missing cells, NaN in ``Z``. A column with missing cells only is
        ``"float"``.
    decimals : int or None
        Decimal places to which floats are rounded when decoded, None for no rounding.
    dtype : dtype or None
        Precision of a float column, None for float64.
    place : int or None
        Position in the table, where columns of it are set aside; None if it is `index`.
    stands_for : tuple
        Names of columns of the table that a column of a model represents together; empty for a
        column that represents itself.
    step : float
        Distance of the values of a column of whole steps to which decoding rounds.
    seconds : float or None
        Seconds between two values of a column of dates or durations, None for other columns.
    part_gaps : ndarray of bool of shape (n_levels, number of columns) or None
        Which of the columns that a level stands for are missing; None if none is.
    """

    name: object
    index: int
    kind: str
    lo: float = np.nan
    hi: float = np.nan
    n_levels: int = 0
    missing: bool = False
    decimals: int | None = None
    dtype: np.dtype | None = None
    place: int | None = None
    stands_for: tuple = ()
    step: float = 1.0
    seconds: float | None = None
    part_gaps: np.ndarray | None = field(default=None, compare=False, repr=False)


def columns_of(values):
    """Iterate over the columns of a 1-D or 2-D array, as views."""
    return values.T if values.ndim == 2 else values[None]


class FloatCodec:
    """Float columns of any width, encoded unchanged; NaN stays NaN.

    `missing` says whether NaN is accepted, `learned` whether decoding rounds to the decimal places
    of the column.
    """

    def __init__(self, values, names, *, missing=False, learned=False):
        self.dtype = values.dtype.newbyteorder("=")
        self.names, self.allow, self.learned = names, missing, learned
        width = 1 if values.ndim == 1 else values.shape[1]
        self.missing = check_finite(values, names, missing)
        self.decimals = [None] * width
        if learned:
            self.decimals = [decimal_places(x) for x in columns_of(values)]

    def encode(self, values):
        wide = np.float32 if self.dtype == np.float32 else np.float64
        with np.errstate(over="ignore"):
            Z = values.astype(wide, copy=False)
        if self.dtype.itemsize > 8:
            check_finite(Z, self.names, self.allow)
        return Z

    def decode(self, z):
        if self.decimals != [None] * len(self.decimals):
            z = z.astype(np.float64)
            for x, places in zip(columns_of(z), self.decimals):
                if places is not None:
                    x[:] = to_places(x, places)
        return z.astype(self.dtype, copy=False)

    def describe(self, width):
        flags = np.broadcast_to(self.missing, width).tolist()
        facts = zip(flags, self.decimals)
        return [
            {"kind": "float", "missing": has, "decimals": places, "dtype": self.dtype}
            for has, places in facts
        ]


class EmptyCodec:
    """A column with missing cells only."""

    def decode(self, z):
        return np.zeros(len(z))

    def describe(self, width):
        return [{"kind": "float"}] * width


class IntegerCodec:
    """Integers and bools as their distance to the smallest one: exact above 2**53 too."""

    def __init__(self, values, names):
        self.dtype = values.dtype.newbyteorder("=")
        self.lo, hi = (self._widen(edge(axis=0)) for edge in (values.min, values.max))
        self.span = self._offset(hi)
        # float64 represents such integers exactly: no 64-bit integer arithmetic is needed
        self.small = bool(np.all((self.lo > -(2**53)) & (hi < 2**53)))

    def _widen(self, values):
        """Bools and signed integers as int64, unsigned ones as uint64."""
        return values.astype(np.uint64 if values.dtype.kind == "u" else np.int64)

    def _offset(self, wide):
        """Distance to the smallest value, in unsigned arithmetic modulo 2**64."""
        with np.errstate(over="ignore"):
            return wide.astype(np.uint64) - self.lo.astype(np.uint64)

    def encode(self, values):
        if not self.small:
            return self._offset(self._widen(values)).astype(np.float64)
        Z = values.astype(np.float64)
        Z -= self.lo
        return Z

    def decode(self, z):
        if self.small:
            inside = np.clip(np.rint(z), 0, self.span)
            inside += self.lo
            return inside.astype(self.dtype)
        inside = np.rint(np.maximum(z, 0))
        top = inside >= self.span.astype(np.float64)
        steps = np.where(top, self.span, np.where(top, 0, inside).astype(np.uint64))
        with np.errstate(over="ignore"):
            wide = steps + self.lo.astype(np.uint64)
        return wide.astype(self.lo.dtype).astype(self.dtype)

    def describe(self, width):
        lo, span = np.broadcast_to(self.lo, width), np.broadcast_to(self.span, width)
        flag = self.dtype.kind == "b"
        return [
            {
                "kind": "binary" if flag or (low == 0 and wide == 1) else "integer",
                "lo": 0.0,
                "hi": float(wide),
                "n_levels": int(wide) + 1 if flag or (low == 0 and wide == 1) else 0,
            }
            for low, wide in zip(lo.tolist(), span.tolist())
        ]


def is_missing(cell):
    """Whether an object is None, NaN, NaT or pandas' NA; never raises."""
    if cell is None or type(cell).__name__ == "NAType":
        return True
    differs = cell != cell  # for an array, a list ... the result is not a bool
    return isinstance(differs, (bool, np.bool_)) and bool(differs)


def missing_cells(values):
    """Return a mask of the missing cells of a 1-D array."""
    if values.dtype.kind in "fmM":
        return values != values
    if values.dtype == object:
        return np.array([is_missing(cell) for cell in values.tolist()], dtype=bool)
    return np.zeros(len(values), dtype=bool)


def check_finite(values, names, missing=False):
    """Raise a ValueError that names the first column and row with NaN or infinity.

    With `missing`, NaN is accepted. Returns whether each column has NaN.
    """
    with np.errstate(over="ignore", invalid="ignore"):
        if np.isfinite(np.sum(values)):
            return False
    bad = np.isinf(values) if missing else ~np.isfinite(values)
    if bad.any():
        row, column = np.argwhere(bad.reshape(len(values), -1))[0]
        cell = values.reshape(len(values), -1)[row, column]
        raise ValueError(missing_text(names[column], row, np.isnan(cell)))
    return np.isnan(values).any(axis=0)


def missing_text(column, row, missing=True):
    """Error text for a missing or infinite cell: column, row and remedy."""
    if missing:
        return (
            f"Input X contains NaN or another missing value: column {column!r}, row {row}. "
            "Impute or drop it first, e.g. with sklearn.impute.SimpleImputer, or use a sampler "
            "that accepts missing cells (NumbaSMOTE, GANOversampler, CTGANResampler)."
        )
    return f"Input X contains infinity: column {column!r}, row {row}. Replace or drop it first."


def unsupported(name, dtype):
    """Error text for a column of intervals, lists or another unsupported dtype."""
    return (
        f"Column {name!r} has dtype {dtype}, which is not supported: convert it to numbers first."
    )


def without_scale(name, dtype):
    """Error text for dates in a sampler that does not take them."""
    return (
        f"Column {name!r} has dtype {dtype}: this sampler takes numbers only, and dates have no "
        "unit in common with them. Convert it to a number in a suitable unit, e.g. days since the "
        "first date, or use a sampler that takes dates (NumbaSMOTE, CTGANResampler)."
    )


def text_columns(cells):
    """Codec and codes of each column of an object array; None for columns that are not all text."""
    found = text_levels(cells)
    return [pair and (CategoryCodec(pair[0], text=True), pair[1]) for pair in found]


def object_column(values, name, mode, learned=False):
    """Codec and encoded values of a 1-D object array: numeric, or categorical if it holds text."""
    (text,) = text_columns(values[:, None])
    if text:
        return text
    cells = values.tolist()
    if all(isinstance(v, (bool, np.bool_)) for v in cells):
        plain = values.astype(bool)
    elif any(isinstance(v, (bool, np.bool_)) for v in cells):
        raise TypeError(f"Column {name!r} mixes bools with other types: convert it to one type.")
    elif all(isinstance(v, Integral) for v in cells):
        plain = _integers(values, name)
    elif all(isinstance(v, Real) for v in cells):
        plain = values.astype(np.float64)
    else:
        raise TypeError(_no_text(cells, name))
    return number_column(plain, name, mode, learned)


def _no_text(cells, name):
    """Error text for a column of objects that are neither all text nor all numbers."""
    kinds = sorted({type(cell).__name__ for cell in cells})
    if len(kinds) > 1:
        return (
            f"Column {name!r} mixes types ({', '.join(kinds)}): the argument must be a string or "
            "a number; convert the column to one of the two."
        )
    return (
        f"Column {name!r} holds objects of type {kinds[0]}: the argument must be a string or a "
        "number; convert or drop the column."
    )


def _integers(values, name):
    """Python integers as int64 or uint64."""
    for dtype in (np.int64, np.uint64):
        try:
            return values.astype(dtype)
        except OverflowError:
            continue
    raise ValueError(f"Column {name!r} holds integers beyond 64 bits: convert it to float.")


def coded_column(values):
    """Codec and codes of the numbers of a 1-D array as categories, NaN for missing cells."""
    gap = missing_cells(values)
    if not gap.any():
        levels, codes = number_levels(values)
        return CategoryCodec(levels, text=False), codes
    levels, codes = values[:1], np.full(len(values), np.nan)
    if not gap.all():
        levels, codes[~gap] = number_levels(values[~gap])
    return CategoryCodec(levels, text=False, missing=True), codes


def number_codec(values, names, *, missing=False, learned=False):
    """Codec of a real-valued 1-D or 2-D NumPy array."""
    if values.dtype.kind in "biu":
        return IntegerCodec(values, names)
    return FloatCodec(values, names, missing=missing, learned=learned)


def number_column(values, name, mode, learned=False):
    """Codec and encoded values of a 1-D array of numbers, or its codes if it is categorical.

    `mode` says which columns are categorical: "all", "auto" (bools and text), "text" or None.
    """
    if mode == "all" or (mode == "auto" and values.dtype.kind == "b"):
        check_finite(values, [name])
        levels, codes = number_levels(values)
        return CategoryCodec(levels, text=False), codes
    codec = number_codec(values, [name], learned=learned)
    return codec, codec.encode(values)
