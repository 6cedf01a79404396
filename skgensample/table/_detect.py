"""What each column of a table is, before any sampler has seen it."""

from dataclasses import dataclass

import numpy as np

from ._categories import CategoryCodec
from ._columns import EmptyCodec, FloatCodec, IntegerCodec, missing_cells, number_column
from ._datetimes import TimeCodec
from ._dispatch import table_for
from ._naming import QUANTITY, names_birth, numbers_people, words_in
from ._parts import parts_for
from ._people import DIFFERENT_TEXT, FLAGS
from ._pii import MIN_LEVELS, column_fault
from ._providers import provider_for
from ._spelled import TIMES

#: Words of amounts of money, among those of quantities.
MONEY = QUANTITY & set(
    "amount amt balance balances bal price prices cost costs fee fees income incomes salary wage "
    "wages revenue revenues sales turnover profit profits loss losses earnings expense expenses "
    "expenditure spend spending spent budget debt debts capital payment payments paid payout rent "
    "premium premiums tax taxes eur usd gbp dollars euro cents".split()
)


@dataclass(frozen=True)
class Finding:
    """What a column was found to be.

    Parameters
    ----------
    kind : str
        One of `KINDS`.
    why : str
        How it was found out, without a value.
    provider : str or None
        What is invented for a column that is set aside.
    """

    kind: str
    why: str = ""
    provider: str | None = None


def findings(X, skip=()):
    """What each column of a table is.

    Parameters
    ----------
    X : ndarray or frame of shape (n, d)
        The table.
    skip : collection of int, default=()
        Positions of columns that are not looked at.

    Returns
    -------
    dict
        Position -> Finding.
    """
    parts = parts_for(X)
    names = parts.names(X)
    table = table_for(X)
    columns = _Columns(X, names) if X.__class__ is np.ndarray and X.dtype.kind in "biuf" else None
    if columns is None:
        table.missing = table.learned = table.times = True
        table.names, table.template = names, table._without_rows(X)
        table.markers, table.codecs = {}, {}
        columns = table
    texts = columns._texts(X)
    found = {}
    for j, name in enumerate(names):
        if j in skip:
            continue
        try:
            pair = texts.get(j) or columns._encoded(j, columns._cells(X, j), name, "text")
        except (TypeError, ValueError):  # infinite or of no supported type: the codec says so
            found[j] = _birth(parts, X, j, name) or Finding("unsupported", "of no known type")
            continue
        columns.codecs[j], z = pair
        found[j] = _finding(X, parts, j, name, columns, z[z == z])
    return found


class _Columns:
    """An array of numbers, column by column, as far as `findings` needs it."""

    def __init__(self, X, names):
        self.names, self.codecs = names, {}

    def _texts(self, X):
        return {}

    def _cells(self, X, j):
        return X[:, j]

    def _encoded(self, j, cells, name, mode):
        there = cells[~missing_cells(cells)]
        return number_column(there, name, None, True) if len(there) else (EmptyCodec(), there)

    def _levels(self, j, codec):
        return None


def _finding(X, parts, j, name, table, z):
    """What one column is."""
    codec, levels = table.codecs[j], table._levels(j, table.codecs[j])
    if isinstance(codec, EmptyCodec):
        return Finding("empty", "missing cells only")
    reason, spelled = column_fault(name, codec, z, levels, "text", False, "all", few=True)
    dated = isinstance(codec, TimeCodec) or spelled in TIMES
    birth = _birth(parts, X, j, name) if dated else None
    if birth:
        return birth
    whole = isinstance(codec, IntegerCodec) and numbers_people(name)
    if not reason and whole and len(np.unique(z)) >= MIN_LEVELS:
        reason = "numbers under the name of people's numbers"
    if reason:
        return _personal(name, reason, parts.cells(X, j)[0])
    if isinstance(codec, TimeCodec):
        return Finding("duration" if parts.is_duration(X, j) else "date")
    return _ordinary(name, codec, levels, spelled)


def _birth(parts, X, j, name):
    """What a column is that is called one of dates of birth, and holds some."""
    if not names_birth(name):
        return None
    cells = parts.cells(X, j)[0]
    if provider_for(name, cells) != "date_of_birth" or len(set(cells)) < 3:
        return None
    return Finding("personal", "dates of birth", "date_of_birth")


def _personal(name, reason, cells):
    """A column that would leak."""
    provider = provider_for(name, cells)
    if provider == "text" and reason == DIFFERENT_TEXT:
        return Finding("text", reason, provider)
    return Finding("identifier" if provider == "identifier" else "personal", reason, provider)


def _ordinary(name, codec, levels, spelled):
    """A column that gives nobody away."""
    if isinstance(codec, CategoryCodec):
        if spelled:
            kind = "date" if spelled in TIMES else "number"
            return Finding(kind, f"{spelled} spelled as text: to be converted")
        texts = {str(level).strip().casefold() for level in levels[:3]}
        if len(levels) == 2 and texts in FLAGS:
            return Finding("flag", "two levels, yes and no")
        return Finding("category", f"{len(levels)} level{'s' * (len(levels) != 1)}")
    fact = codec.describe(1)[0]
    if fact["kind"] == "binary":
        return Finding("flag", "0 and 1" if codec.dtype.kind != "b" else "bool")
    if isinstance(codec, IntegerCodec):
        return Finding("integer", "")
    return _float(name, codec)


def _float(name, codec):
    """A column of floats."""
    places = codec.decimals[0] if isinstance(codec, FloatCodec) else None
    if places == 0:
        return Finding("integer", "whole numbers, as floats")
    if places is not None and places <= 2 and MONEY.intersection(words_in(name)):
        return Finding("money", f"{places} decimal place{'s' * (places != 1)}, by its name")
    return Finding("number", "" if places is None else f"{places} decimal places")
