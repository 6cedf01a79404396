"""`TableSchema`: what the columns of a table are taken for; `table_schema` finds it out."""

from collections.abc import Mapping
from difflib import get_close_matches
from html import escape
from typing import Any

import numpy as np
from scipy import sparse

from .._typing import MatrixLike, VectorLike
from ._detect import Finding, findings
from ._invent.column import OWN
from ._parts import parts_for
from ._shapes import check_dimensions, is_frame
from ._target import Target

#: What a column may be declared as.
KINDS = (
    "number", "integer", "money", "flag", "category", "date", "duration", "text", "identifier",
    "personal",
)  # fmt: skip

#: What else may be invented under a schema: Faker's methods that tables often need.
FURTHER = ("city", "company", "postcode", "country", "job", "license_plate", "url", "ipv6")


class TableSchema(Mapping):
    """Kinds of a table's columns, in their order; a mapping of column to `ColumnKind`.

    It is made by `table_schema`, corrected by item assignment or `replace`, and given to a sampler
    as ``schema=``.

    Parameters
    ----------
    kinds : dict
        Column (name in a frame, else position) -> kind, as text or as another schema's item.
    target : ColumnKind, default=None
        What the target is, for display only.

    See Also
    --------
    table_schema : Finds the kinds of a table's columns.
    FakeColumns : How values of personal columns are invented.

    Notes
    -----
    ``"number"``, ``"integer"`` and ``"money"`` are numbers; new values of the second are rounded
    to whole ones, of the third to two decimal places. ``"category"`` and ``"flag"`` are
    categories, numbers included. ``"date"`` and ``"duration"`` stand for columns of such a dtype.
    ``"text"`` is free text: a category where most of it repeats, else its new values are invented
    words, as many as in the column. ``"identifier"`` and ``"personal"`` are kept from the model
    and invented, by the pattern of the column or as what they are, e.g. names; what is invented,
    such as ``"first_name"`` or ``"email"``, may be given in place of ``"personal"``.

    Examples
    --------
    >>> from skgensample import TableSchema
    >>> schema = TableSchema({"id": "identifier", "age": "integer"})
    >>> schema["age"] = "number"
    >>> schema.replace(id="category")
    id   category  given
    age  number    given
    """

    def __init__(self, kinds: Mapping[Any, Any], *, target: Any = None) -> None:
        self._kinds = {name: _checked(name, kind) for name, kind in dict(kinds).items()}
        self.target = target

    def __getitem__(self, name):
        return self._kinds[name]

    def __iter__(self):
        return iter(self._kinds)

    def __len__(self):
        return len(self._kinds)

    def __setitem__(self, name, kind):
        if name not in self._kinds:
            raise KeyError(f"The schema has no column {name!r}{_nearest(name, self._kinds)}")
        self._kinds[name] = _checked(name, kind)

    def replace(self, kinds: Mapping[Any, Any] | None = None, **by_name: Any) -> "TableSchema":
        """Return a copy with other kinds of some columns.

        Parameters
        ----------
        kinds : dict, default=None
            Column -> kind.
        **by_name : str
            The same for columns whose names are Python's.

        Returns
        -------
        schema : TableSchema
            All columns, in the same order.

        Raises
        ------
        KeyError
            If the schema has no such column.
        ValueError
            If a kind is not known.
        """
        changed = TableSchema(self._kinds, target=self.target)
        for name, kind in {**(kinds or {}), **by_name}.items():
            changed[name] = kind
        return changed

    def _rows(self):
        """Name, kind and reason of each column, as texts."""
        rows = [(str(name), *_shown(kind)) for name, kind in self._kinds.items()]
        return rows if self.target is None else [*rows, ("(target)", *_shown(self.target))]

    def __repr__(self):
        rows = self._rows()
        widths = [max((len(row[i]) for row in rows), default=0) for i in range(2)]
        lines = (f"{a.ljust(widths[0])}  {b.ljust(widths[1])}  {c}".rstrip() for a, b, c in rows)
        return "\n".join(lines)

    def _repr_html_(self):
        head = "".join(f"<th>{title}</th>" for title in ("column", "kind", "why"))
        body = "".join(
            "<tr>" + "".join(f"<td>{escape(cell)}</td>" for cell in row) + "</tr>"
            for row in self._rows()
        )
        return f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"


def _shown(kind):
    """Kind and reason as text."""
    invented = f" ({kind.provider})" if kind.provider and kind.provider != kind.kind else ""
    return kind.kind + invented, kind.why


def _checked(name, kind):
    """A kind that a user gave, as a `Finding`."""
    if isinstance(kind, Finding):
        return kind
    if kind in KINDS:
        return Finding(kind, "given", None)
    if isinstance(kind, str) and kind in {*OWN, *FURTHER}:
        return Finding("personal", "given", kind)
    near = get_close_matches(str(kind), [*KINDS, *OWN], n=1)
    meant = f": did you mean {near[0]!r}?" if near else f": give one of {list(KINDS)}."
    raise ValueError(f"Column {name!r}: {kind!r} is no kind of column{meant}")


def _nearest(name, names):
    """End of the error about an unknown column."""
    near = get_close_matches(str(name).casefold(), {str(n).casefold(): n for n in names}, n=1)
    meant = {str(n).casefold(): n for n in names}
    return f": did you mean {meant[near[0]]!r}?" if near else ": give the name of a column."


def positions(names, keys, what):
    """Positions of columns that a user names.

    Parameters
    ----------
    names : list
        Column names of the table.
    keys : iterable
        Names.
    what : str
        Who names them, for the error.

    Returns
    -------
    dict
        Name -> position.

    Raises
    ------
    ValueError
        If the table has no such column; the message suggests the nearest name.
    """
    places = {name: j for j, name in enumerate(names)}
    for key in keys:
        if key not in places:
            raise ValueError(
                f"{what} names {key!r}, which is no column of the table{_nearest(key, names)}"
            )
    return {key: places[key] for key in keys}


def table_schema(X: MatrixLike, y: VectorLike | None = None) -> TableSchema:
    """Find out what each column of a table is, and which identify people or rows.

    Parameters
    ----------
    X : frame or array-like of shape (n_samples, n_features)
        The table.
    y : array-like of shape (n_samples,), default=None
        Target; its kind is shown below those of the columns.

    Returns
    -------
    schema : TableSchema
        Kind of each column, why it was taken for it, and what would be invented for a personal
        one. It holds no value of the table.

    Raises
    ------
    TypeError
        If `X` is sparse.
    ValueError
        If `X` has not two dimensions and at least one row.

    Examples
    --------
    >>> import pandas as pd
    >>> from skgensample import table_schema
    >>> table = pd.DataFrame({
    ...     "Name": [f"Ann Lee{chr(97 + i % 26)}{chr(97 + i // 26)}" for i in range(60)],
    ...     "age": [20 + i for i in range(60)],
    ...     "married": [i % 3 == 0 for i in range(60)],
    ... })
    >>> table_schema(table)
    Name     personal (name)  text under the name of people's names
    age      integer
    married  flag             bool
    """
    if sparse.issparse(X):
        raise TypeError("A sparse table is of numbers only: give a frame or a dense array.")
    table: Any = X
    if not is_frame(X):
        table = np.asarray(X)
        check_dimensions(table)
    if not len(table):
        raise ValueError("The table has no row: give at least one.")
    names = parts_for(table).names(table)
    found = findings(table)
    return TableSchema({name: found[j] for j, name in enumerate(names)}, target=_target(y))


def _target(y):
    """What a target is."""
    if y is None:
        return None
    n_labels = len(np.unique(Target(y).labels))
    return Finding("flag" if n_labels == 2 else "category", f"{n_labels} labels")
