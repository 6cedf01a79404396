"""Refusal of columns of text that identify people or rows, judged by the whole table."""

import copy
from contextlib import contextmanager

import numpy as np

from ..exceptions import PersonalColumnsError
from ..table._categories import CategoryCodec, column_modes
from ..table._pii import column_fault, refuse_personal
from ..table._spelled import conversion


def refuse_personal_columns(codec, X, n_rows, declared=()):
    """Raise if a column of text would leak, given all of its levels and the number of all rows.

    Parameters
    ----------
    codec : TableCodec
        An unfitted codec.
    X : frame or ndarray
        Witness rows, among them one for each level of each column of text.
    n_rows : int
        Rows of the table.
    declared : set of int
        Positions of columns that a schema speaks of, which are not judged.

    Returns
    -------
    judged : frozenset of int
        Positions of columns that need no further judgement: those of text.
    """
    if not len(X):
        return frozenset()
    codec = copy.deepcopy(codec)
    codec.trusted = frozenset(range(X.shape[1]))
    codec.fit_encode(X)
    table, reasons, spelled, judged = codec._table, {}, {}, set()
    modes = column_modes(codec.categories, table.names, frame=hasattr(X, "columns"))
    for j, own in enumerate(getattr(table, "codecs", ())):
        if not (isinstance(own, CategoryCodec) and own.text):
            continue
        judged.add(j)
        if j in declared:
            continue
        named = modes[j] == "all" or table._declared(X, j)
        cells = np.broadcast_to(0.0, n_rows)  # of text only their number is looked at
        name, levels = table.names[j], table._levels(j, own)
        reasons[name], kind = column_fault(name, own, cells, levels, modes[j], named, None)
        if kind:
            spelled[name] = kind
    with told_of_parts():
        refuse_personal(reasons, conversion(spelled, table._container) if spelled else None)
    return frozenset(judged)


@contextmanager
def told_of_parts():
    """Let the error about columns that identify people name the way out of a table in parts.

    Raises
    ------
    PersonalColumnsError
        Without the ways out that only a table in memory has.
    """
    try:
        yield
    except PersonalColumnsError as error:
        if not error.reasons:
            raise
        text = (
            f"{error.named}: such columns identify people or rows and would leak into synthetic "
            "ones. Drop them from the table first; values are invented, and columns declared to "
            "identify nobody, only where the table is in memory."
        )
        text += f" {error.conversion}" if error.conversion else ""
        raise PersonalColumnsError(text, error.reasons, error.conversion) from None
