"""Columns of categories as codes and back, and which columns those are."""

from collections.abc import Hashable
from numbers import Integral

import numpy as np

#: Numbers within this range are looked up in a table, however short the column.
TABLE_SIZE = 1_024

#: Choices that speak of the whole table.
WORDS = ("auto", "text", "all")

#: Rows whose texts are looked up at a time.
TEXT_BLOCK = 4_096

#: Types of a cell of text.
TEXT = {str, np.str_}


class CategoryCodec:
    """Observed levels as the codes 0, 1, ... in the order given; `text`: they stand for text."""

    def __init__(self, levels, *, text):
        self.levels = levels
        self.text = text

    def codes(self, z):
        """Nearest codes of numbers."""
        return np.clip(np.rint(z), 0, len(self.levels) - 1).astype(np.intp)

    def decode(self, z):
        return self.levels[self.codes(z)]

    def describe(self, width):
        top = len(self.levels)
        return [{"kind": "categorical", "lo": 0.0, "hi": top - 1.0, "n_levels": top}]


def narrowest(n_levels):
    """Smallest dtype that holds the codes of so many levels."""
    return np.min_scalar_type(max(n_levels - 1, 0))


def observed(place):
    """Which small numbers occur, in ascending order, and each cell's rank among those."""
    seen = np.zeros(int(place.max()) + 1, dtype=bool)
    seen[place] = True
    found = np.flatnonzero(seen)
    rank = np.zeros(len(seen), dtype=narrowest(len(found)))
    rank[found] = np.arange(len(found))
    return found, rank[place]


def sorted_levels(levels, codes):
    """Levels in their own order, and the codes that go with it."""
    order = levels.argsort()
    rank = np.empty(len(order), dtype=narrowest(len(order)))
    rank[order] = np.arange(len(order))
    return levels[order], rank[codes]


def number_levels(values):
    """Observed numbers in ascending order, and each cell's place among them.

    Whole steps in a range that is no longer than the column are looked up, not sorted.
    """
    if values.dtype.kind == "b":
        levels, codes = number_levels(values.view(np.uint8))
        return levels.astype(bool), codes
    own = values.dtype.newbyteorder("=")
    wide = np.dtype({"i": np.int64, "u": np.uint64}.get(own.kind, own))
    lo = values.min().astype(wide)
    if int(values.max()) - int(lo) < max(TABLE_SIZE, len(values)):
        place = np.subtract(values, lo, dtype=wide).astype(np.intp)
        if wide.kind != "f" or np.array_equal(lo + place.astype(wide), values):
            found, codes = observed(place)
            return (lo + found.astype(wide)).astype(values.dtype), codes
    levels = np.unique(values)
    return levels, np.searchsorted(levels, values).astype(narrowest(len(levels)))


class _Ranks(dict):
    """Texts, numbered as they come; whatever else is not taken."""

    def __missing__(self, cell):
        if type(cell) not in TEXT:
            raise TypeError("not a text")
        self[cell] = rank = len(self)
        return rank


def text_levels(cells):
    """Observed texts, sorted, and each cell's place among them, for each column of text.

    Parameters
    ----------
    cells : ndarray of objects of shape (n, d)
        Any cells.

    Returns
    -------
    list of length d
        Levels and codes, or None for a column that does not hold text alone.
    """
    n, d = cells.shape
    ranks, codes = {j: _Ranks() for j in range(d)}, np.empty((d, n), np.int32)
    for start in range(0, n, TEXT_BLOCK):
        # objects lie scattered: what a block has brought to the cache serves all columns
        flat = cells[start : start + TEXT_BLOCK].ravel().tolist()
        for j in list(ranks):
            column = flat[j::d]
            place = codes[j, start : start + len(column)]
            try:
                place[:] = np.fromiter(map(ranks[j].__getitem__, column), np.int32, len(column))
            except TypeError:
                del ranks[j]
        if not ranks:
            break
    found = [None] * d
    for j, levels in ranks.items():
        found[j] = sorted_levels(np.array(list(levels), dtype=object), codes[j])
    return found


def column_modes(features, names, *, frame):
    """How each column is to be read, from a choice for the whole table.

    Parameters
    ----------
    features : {"auto", "text", "all"}, None or array-like
        ``"text"`` makes categories of text; ``"auto"`` of bools too; ``"all"`` of every column;
        None of none. An array-like names columns: positions (negative ones from the end), names,
        or a mask.
    names : sequence of length d
        Column names.
    frame : bool
        Whether the table has names of its own.

    Returns
    -------
    modes : list of {"auto", "text", "all", None} of length d
        Columns named are ``"all"``, all others None.

    Raises
    ------
    ValueError
        If the choice does not fit the table.
    """
    if features is None or (isinstance(features, str) and features in WORDS):
        return [features] * len(names)
    return ["all" if chosen else None for chosen in _selected(features, names, frame)]


def _selected(features, names, frame):
    """Mask of the columns that an array-like names."""
    mask = np.zeros(len(names), dtype=bool)
    items = features.tolist() if hasattr(features, "tolist") else features
    items = [features] if isinstance(items, (str, Integral)) else list(items)
    bools = [isinstance(item, (bool, np.bool_)) for item in items]
    if items and all(bools):
        if len(items) != len(mask):
            raise ValueError(
                f"categorical_features is a mask of {len(items)} columns, and the table has "
                f"{len(mask)}."
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
    """Positions as given, after a check."""
    for item in items:
        if not -width <= item < width:
            raise ValueError(
                f"categorical_features holds the position {item}: all features must be in "
                f"[0, {width - 1}] or [-{width}, -1]."
            )
    return np.array(items, dtype=np.intp)


def _named(items, names, frame):
    """Positions of named columns."""
    if not frame:
        raise ValueError(
            "categorical_features holds names, and only frames have those: give positions."
        )
    place = {name: j for j, name in enumerate(names)}
    unknown = [item for item in items if item not in place]
    if unknown:
        raise ValueError(f"categorical_features names no column of the table: {unknown}.")
    return [place[item] for item in items]


def refusal(names, features):
    """Why text is refused where numbers are wanted."""
    listed = ", ".join(repr(name) for name in names[:5]) + (", ..." if len(names) > 5 else "")
    if features is not None:
        return (
            f"Column {listed}: text or categories that categorical_features does not name. Add "
            "such columns there, encode them first (e.g. OneHotEncoder), or drop them."
        )
    return (
        f"Column {listed}: this sampler interpolates numbers and the argument must be a number, "
        "not a string or category. Encode such columns first (e.g. OneHotEncoder), name them in "
        "categorical_features where the sampler has it, or use a sampler that takes them "
        "(GANOversampler, CTGANResampler)."
    )
