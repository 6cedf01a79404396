"""The tables of a report: encoded together, split, and sampled to what each measure can take."""

import numpy as np

from ..exceptions import PersonalColumnsError
from ..metrics._tables import Pair, joint_encoding
from ..table import is_frame
from ..table._plan import left_out

#: Rows of each table that are looked at.
MOST_ROWS = 100_000


class Tables:
    """Real, held-out and synthetic rows as matrices of one encoding, with the reference rows.

    Parameters
    ----------
    real, synthetic : {array-like, frame}
        Tables of the same kind and columns.
    holdout : {array-like, frame} or None
        Real rows that the generator was not trained on; None splits the real rows in two.
    target : object
        Name or position of the column of labels; None without one.
    rng : RandomState
        Source of the split, of the samples and of the independent columns.
    schema : dict, default=None
        Kinds of columns that are not to be detected.

    Attributes
    ----------
    real, holdout, synthetic, independent : ndarray of shape (n, d)
        Encoded rows. Independent ones are the real rows with every column in an order of its own.
    columns : list of Column
        Description of each column.
    target : int or None
        Position of the labels.
    given : dict of str to int
        Rows of each table as given.
    is_split : bool
        Whether the held-out rows are a half of the real ones.
    """

    def __init__(self, real, synthetic, holdout, target, rng, schema=None):
        given = [real, synthetic] if holdout is None else [real, synthetic, holdout]
        try:
            parts, self.columns, self.codec = joint_encoding(*given, schema=schema)
        except PersonalColumnsError as error:
            raise _left_out(error) from None
        self.given = dict(zip(("real", "synthetic", "holdout"), map(len, parts)))
        self.is_split = holdout is None
        if self.is_split:
            order = rng.permutation(len(parts[0]))
            if len(order) < 4:
                raise ValueError("A report needs at least four real rows.")
            half = len(order) // 2
            parts = [parts[0][order[half:]], parts[1], parts[0][order[:half]]]
        self.real, self.synthetic, self.holdout = (sampled(Z, MOST_ROWS, rng) for Z in parts)
        columns = (z[rng.permutation(len(z))] for z in self.real.T)
        self.independent = np.column_stack(list(columns))
        self.target = None if target is None else self.codec.column(target).index

    def all_rows(self):
        """Real, held-out, synthetic and independent rows, by name."""
        names = ("real", "holdout", "synthetic", "independent")
        return {name: getattr(self, name) for name in names}

    def pair(self, other, most=MOST_ROWS, rng=None, *, real=None):
        """Real rows, the held-out ones if not given, and others, at most so many of each."""
        parts = [self.holdout if real is None else real, other]
        if rng is not None:
            n = min(most, *map(len, parts))
            parts = [sampled(Z, n, rng) for Z in parts]
        return Pair(*parts, self.columns)

    def levels(self, column):
        """Names of the levels of a column, the missing one last if there is one."""
        known = self.codec.columns[column.index].n_levels
        names = self.codec._cells(column, range(known)) if known else []
        return [*map(str, names), *["(missing)"] * (column.n_levels - known)]

    def spelled(self, column, number):
        """A number of a column as a reader knows it: a date as such."""
        if column.kind == "float":
            return f"{number:.4g}"
        cell = self.codec._cells(self.codec.columns[column.index], [number])[0]
        return f"{cell:.6g}" if isinstance(cell, int | float) else str(cell)[:10]


def _left_out(error):
    """The error about columns that identify people, with the way out of a report."""
    if not error.reasons:
        return error
    text = (
        f"{error.named}: such columns identify people or rows, and whether they are like the real "
        f"ones says nothing. Leave them out: ignore={list(error.reasons)!r}. A column that "
        "identifies nobody passes with schema={name: 'category'} or {name: 'number'}."
    )
    return PersonalColumnsError(text, error.reasons)


def declared(table, schema, ignore):
    """What a schema says of the columns that are not left out already.

    Parameters
    ----------
    table : {array-like, frame}
        The real rows.
    schema : TableSchema, dict or None
        Kinds of columns.
    ignore : list
        Columns that are left out.

    Returns
    -------
    kinds : dict
        Kind of each column that is compared.
    ignore : list
        Columns that are left out, those that the schema keeps from samplers among them.
    """
    schema = {name: kind for name, kind in (schema or {}).items() if name not in ignore}
    if not schema:
        return {}, ignore
    aside = left_out(table if is_frame(table) else np.asarray(table), schema)
    return {name: schema[name] for name in schema if name not in aside}, [*ignore, *aside]


def without(table, ignore):
    """A table without some of its columns.

    Parameters
    ----------
    table : {array-like, frame} or None
        The table.
    ignore : list
        Names, or positions in an array.
    """
    if table is None or not len(ignore):
        return table
    table = table if is_frame(table) else np.asarray(table)
    names = list(table.columns) if is_frame(table) else list(range(table.shape[1]))
    unknown = [name for name in ignore if name not in names]
    if isinstance(ignore, str) or unknown:
        named = unknown[:1] or ignore
        raise ValueError(f"ignore must list columns of the tables; {named!r} is none.")
    kept = [name for name in names if name not in ignore]
    return table[kept] if is_frame(table) else table[:, kept]


def sampled(Z, n, rng):
    """All rows, or n of them, in their order."""
    return Z if len(Z) <= n else Z[np.sort(rng.permutation(len(Z))[:n])]
