"""Ordinal codes of categorical columns, and the choice of categorical columns."""

from collections.abc import Hashable
from numbers import Integral

import numpy as np

from .._suggestions import did_you_mean

#: Integers spanning no more than this are encoded with a lookup table, however short the column.
TABLE_SIZE = 1_024

#: Values of `categorical_features` that apply to the whole table.
WORDS = ("auto", "text", "all")

#: Rows of text that are encoded at a time.
TEXT_BLOCK = 4_096

#: Types of a text cell.
TEXT = {str, np.str_}


class CategoryCodec:
    """Ordinal codes 0, 1, ... of the observed levels in the order given.

    `text` says whether the levels are text.
    """

    def __init__(self, levels, *, text):
        self.levels = levels
        self.text = text

    def codes(self, z):
        """Round numbers to the nearest valid code."""
        return np.clip(np.rint(z), 0, len(self.levels) - 1).astype(np.intp)

    def decode(self, z):
        return self.levels[self.codes(z)]

    def describe(self, width):
        top = len(self.levels)
        return [{"kind": "categorical", "lo": 0.0, "hi": top - 1.0, "n_levels": top}]


def narrowest(n_levels):
    """Return the smallest dtype that holds the codes of `n_levels` levels."""
    return np.min_scalar_type(max(n_levels - 1, 0))


def observed(values):
    """Like ``np.unique(values, return_inverse=True)`` for small non-negative integers."""
    seen = np.zeros(int(values.max()) + 1, dtype=bool)
    seen[values] = True
    found = np.flatnonzero(seen)
    rank = np.zeros(len(seen), dtype=narrowest(len(found)))
    rank[found] = np.arange(len(found))
    return found, rank[values]


def sorted_levels(levels, codes):
    """Sort the levels, and return the codes of the cells in that order."""
    order = levels.argsort()
    rank = np.empty(len(order), dtype=narrowest(len(order)))
    rank[order] = np.arange(len(order))
    return levels[order], rank[codes]


def number_levels(values):
    """Observed numbers in ascending order, and the code of each cell.

    Integers whose range is no longer than the column are encoded with a lookup table instead of
    sorting.
    """
    if values.dtype.kind == "b":
        levels, codes = number_levels(values.view(np.uint8))
        return levels.astype(bool), codes
    own = values.dtype.newbyteorder("=")
    wide = np.dtype({"i": np.int64, "u": np.uint64}.get(own.kind, own))
    lo = values.min().astype(wide)
    if int(values.max()) - int(lo) < max(TABLE_SIZE, len(values)):
        offsets = np.subtract(values, lo, dtype=wide).astype(np.intp)
        if wide.kind != "f" or np.array_equal(lo + offsets.astype(wide), values):
            found, codes = observed(offsets)
            return (lo + found.astype(wide)).astype(values.dtype), codes
    levels = np.unique(values)
    return levels, np.searchsorted(levels, values).astype(narrowest(len(levels)))


class _Ranks(dict):
    """Numbers texts in order of appearance; a key of another type raises TypeError."""

    def __missing__(self, cell):
        if type(cell) not in TEXT:
            raise TypeError("not a string")
        self[cell] = rank = len(self)
        return rank


def text_levels(cells):
    """Sorted levels and codes of each column that holds only text.

    Parameters
    ----------
    cells : ndarray of objects of shape (n, d)
        Cells of any type.

    Returns
    -------
    list of length d
        Levels and codes, or None for a column with a cell that is not text.
    """
    n, d = cells.shape
    ranks, codes = {j: _Ranks() for j in range(d)}, np.empty((d, n), np.int32)
    for start in range(0, n, TEXT_BLOCK):
        # objects are scattered in memory: process all columns of a block while it is cached
        flat = cells[start : start + TEXT_BLOCK].ravel().tolist()
        for j in list(ranks):
            column = flat[j::d]
            block = codes[j, start : start + len(column)]
            try:
                block[:] = np.fromiter(map(ranks[j].__getitem__, column), np.int32, len(column))
            except TypeError:
                del ranks[j]
        if not ranks:
            break
    found = [None] * d
    for j, levels in ranks.items():
        found[j] = sorted_levels(np.array(list(levels), dtype=object), codes[j])
    return found


def column_modes(features, names, *, frame):
    """Resolve `categorical_features` into a mode for each column.

    Parameters
    ----------
    features : {"auto", "text", "all"}, None or array-like
        ``"text"`` makes text columns categorical, ``"auto"`` bool columns too, ``"all"`` every
        column and None no column. An array-like lists the categorical columns by position
        (negative from the end), by name, or as a bool mask.
    names : sequence of length d
        Column names.
    frame : bool
        Whether the table is a frame, so that columns can be listed by name.

    Returns
    -------
    modes : list of {"auto", "text", "all", None} of length d
        With an array-like: ``"all"`` for the listed columns, None for the others.

    Raises
    ------
    ValueError
        If `features` does not fit the table.
    """
    if features is None or (isinstance(features, str) and features in WORDS):
        return [features] * len(names)
    return ["all" if chosen else None for chosen in _selected(features, names, frame)]


def _selected(features, names, frame):
    """Return a mask of the columns listed by an array-like."""
    mask = np.zeros(len(names), dtype=bool)
    items = features.tolist() if hasattr(features, "tolist") else features
    items = [features] if isinstance(items, (str, Integral)) else list(items)
    bools = [isinstance(item, (bool, np.bool_)) for item in items]
    if items and all(bools):
        if len(items) != len(mask):
            raise ValueError(
                f"categorical_features is a mask of {len(items)} columns, but the table has "
                f"{len(mask)}: give one bool for each column."
            )
        return np.array(items, dtype=bool)
    if any(bools) or not all(isinstance(item, Hashable) for item in items):
        raise ValueError(
            "categorical_features must hold column positions, column names, or one bool for "
            "each column."
        )
    whole = [isinstance(item, Integral) for item in items]
    mask[_positions(items, len(mask)) if all(whole) else _named(items, names, frame)] = True
    return mask


def _positions(items, width):
    """Check positions and return them as an array."""
    for item in items:
        if not -width <= item < width:
            raise ValueError(
                f"categorical_features holds the position {item}: all features must be in "
                f"[0, {width - 1}] or [-{width}, -1]."
            )
    return np.array(items, dtype=np.intp)


def _named(items, names, frame):
    """Return the positions of columns listed by name."""
    if not frame:
        raise ValueError(
            "categorical_features holds names, but only frames have column names: give positions."
        )
    positions = {name: j for j, name in enumerate(names)}
    unknown = [item for item in items if item not in positions]
    if unknown:
        raise ValueError(
            f"categorical_features names no column of the table: {unknown}"
            f"{did_you_mean(unknown[0], names, otherwise='. Give its column names.')}"
        )
    return [positions[item] for item in items]


def refusal(names, features):
    """Error text for text or categorical columns in a sampler of numeric columns."""
    listed = ", ".join(repr(name) for name in names[:5]) + (", ..." if len(names) > 5 else "")
    if features is not None:
        return (
            f"Column {listed}: text or categories that categorical_features does not list. Add "
            "such columns there, encode them first (e.g. OneHotEncoder), or drop them."
        )
    return (
        f"Column {listed}: this sampler interpolates numbers and the argument must be a number, "
        "not a string or category. Encode such columns first (e.g. OneHotEncoder), name them in "
        "categorical_features where the sampler has it, or use a sampler that supports them "
        "(GANOversampler, CTGANResampler)."
    )
