"""One column as numbers and back, and the errors at this door."""

from dataclasses import dataclass
from numbers import Integral, Real

import numpy as np

#: A text column is taken for an identifier when more than this share of its values differ.
IDENTIFIER_SHARE = 0.95


@dataclass(frozen=True)
class Column:
    """What a sampler may know of one column of ``Z``.

    Parameters
    ----------
    name : object
        The column's label in a frame, its position elsewhere.
    index : int
        Position in ``Z``.
    kind : {"float", "integer", "binary", "categorical"}
        ``"binary"`` is a bool column or an integer column of 0 and 1.
    lo, hi : float
        Observed range in ``Z`` of integer, binary and categorical columns; NaN for floats.
    n_levels : int
        Number of observed levels of a categorical or binary column, else 0.
    """

    name: object
    index: int
    kind: str
    lo: float = np.nan
    hi: float = np.nan
    n_levels: int = 0


class FloatCodec:
    """Floats of any width; the numbers themselves."""

    def __init__(self, values, names):
        self.dtype = values.dtype.newbyteorder("=")
        self.names = names
        check_finite(values, names)

    def encode(self, values):
        wide = np.float32 if self.dtype == np.float32 else np.float64
        with np.errstate(over="ignore"):
            Z = np.ascontiguousarray(values, dtype=wide)
        if self.dtype.itemsize > 8:
            check_finite(Z, self.names)
        return Z

    def decode(self, z):
        return z.astype(self.dtype, copy=False)

    def describe(self, width):
        return [{"kind": "float"}] * width


class IntegerCodec:
    """Integers and bools as their distance to the smallest one: exact above 2**53 too."""

    def __init__(self, values, names):
        self.dtype = values.dtype.newbyteorder("=")
        wide = self._widen(values)
        self.lo = wide.min(axis=0)
        self.span = self._offset(wide.max(axis=0))

    def _widen(self, values):
        """Bools and signed integers as int64, unsigned ones as uint64."""
        return values.astype(np.uint64 if values.dtype.kind == "u" else np.int64)

    def _offset(self, wide):
        """Distance to the smallest value, in wrap-around unsigned arithmetic."""
        with np.errstate(over="ignore"):
            return wide.astype(np.uint64) - self.lo.astype(np.uint64)

    def encode(self, values):
        return np.ascontiguousarray(self._offset(self._widen(values)), dtype=np.float64)

    def decode(self, z):
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


class CategoryCodec:
    """Observed levels as the codes 0, 1, ... in the order given."""

    def __init__(self, levels):
        self.levels = levels

    def decode(self, z):
        codes = np.clip(np.rint(z), 0, len(self.levels) - 1).astype(np.intp)
        return self.levels[codes]

    def check_anonymous(self, name, n):
        """Refuse a text column that tells rows apart: its values would leak."""
        named = isinstance(self.levels[0], str)
        if named and n >= 20 and len(self.levels) > IDENTIFIER_SHARE * n:
            raise ValueError(
                f"Column {name!r} has a different text in nearly every row: it identifies rows "
                "and would leak into synthetic ones. Drop it first."
            )

    def describe(self, width):
        top = len(self.levels)
        return [{"kind": "categorical", "lo": 0.0, "hi": top - 1.0, "n_levels": top}]


def check_finite(values, names):
    """Raise a ValueError that names the first column and row with NaN or infinity."""
    with np.errstate(over="ignore", invalid="ignore"):
        if np.isfinite(np.sum(values)):
            return
    bad = ~np.isfinite(values)
    if bad.any():
        row, column = np.argwhere(bad.reshape(len(values), -1))[0]
        cell = values.reshape(len(values), -1)[row, column]
        raise ValueError(missing_text(names[column], row, np.isnan(cell)))


def missing_text(column, row, missing=True):
    """Say which cell is missing or infinite, and the way out."""
    if missing:
        return (
            f"Input X contains NaN or another missing value: column {column!r}, row {row}. "
            "Impute or drop it first, e.g. with sklearn.impute.SimpleImputer."
        )
    return f"Input X contains infinity: column {column!r}, row {row}. Replace or drop it first."


def category_codec(text, name):
    """Codec and codes of a column of hashable labels (a 1-D object array)."""
    kinds = {type(value) for value in text}
    if not kinds <= {str, np.str_}:
        if len(kinds) > 1:
            names = ", ".join(sorted(kind.__name__ for kind in kinds))
            raise TypeError(
                f"Column {name!r} mixes types ({names}): the argument must be a string or a "
                "number, one of the two in a column."
            )
        raise TypeError(
            f"Column {name!r} holds objects of type {kinds.pop().__name__}; a cell's "
            "argument must be a string or a number."
        )
    levels, codes = np.unique(text.astype(str), return_inverse=True)
    return CategoryCodec(levels.astype(object)), codes


def object_codec(values, name):
    """Codec and encoded values of a 1-D object array: numbers stay numbers, text is a category."""
    missing = np.array([v is None or v != v for v in values.tolist()], dtype=bool)
    if missing.any():
        raise ValueError(missing_text(name, int(np.flatnonzero(missing)[0])))
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
        codec, codes = category_codec(values, name)
        return codec, codes.astype(np.float64)
    codec = number_codec(plain, [name])
    return codec, codec.encode(plain)


def _integers(values, name):
    """Python integers as int64 or uint64."""
    for dtype in (np.int64, np.uint64):
        try:
            return values.astype(dtype)
        except OverflowError:
            continue
    raise ValueError(f"Column {name!r} holds integers beyond 64 bits: convert it to float.")


def number_codec(values, names):
    """Codec of a real-valued numpy array of one or two dimensions."""
    if values.dtype.kind in "biu":
        return IntegerCodec(values, names)
    return FloatCodec(values, names)


def refusal(names):
    """Why text is refused by a sampler for numbers only."""
    listed = ", ".join(repr(name) for name in names[:5]) + (", ..." if len(names) > 5 else "")
    return (
        f"Column {listed}: this sampler interpolates numbers and the argument must be a number, "
        "not a string or category. Encode such columns first (e.g. OneHotEncoder), or use a "
        "sampler that takes them (GANOversampler, CTGANResampler)."
    )
