"""`ConstrainedCodec`: a table codec whose model columns hold the rules by construction."""

from dataclasses import replace
from typing import NamedTuple

import numpy as np
from scipy import sparse

from ..table import RowCodec, TableCodec, column_names, decimal_places, densified, is_frame
from ._bound import BoundComparison, BoundSum, Rows, bind
from ._detect import one_hot_groups
from ._numbers import line_of, settled
from ._plan import Plan
from ._rules import OneHot, checked_rules


class ConstrainedCodec:
    """Encoder and decoder of a table under rules, with the interface of `TableCodec`.

    The rules are bound to the fitted table and checked on it. Columns of the model then replace
    columns of the table: a difference in place of the larger of two, no column for a sum, one
    column of combinations for several. Rules that cannot be held that way are checked on each new
    row; see `accepts`. Without rules it is the inner codec.

    Parameters
    ----------
    inner : TableCodec
        Unfitted codec of the table.
    constraints : list of Constraint or None
        Rules that the user gave.
    detect : bool, default=False
        Whether one-hot groups are looked for and kept, too.
    groups : list of list of int, default=None
        Positions of the columns of one-hot groups, where they are known and not looked for.
    """

    is_constrained = True

    def __init__(self, inner, constraints=None, *, detect=False, groups=None):
        self.inner, self.rules, self.detect = inner, checked_rules(constraints), detect
        self.groups = groups
        self.plan, self.bound = None, []

    def __getattr__(self, name):
        if name.startswith("__") or "inner" not in vars(self):
            raise AttributeError(name)
        return getattr(self.inner, name)

    @property
    def is_trivial(self):
        """Whether there is no rule, so that the inner codec does all."""
        return self.plan is None

    @property
    def columns(self):
        """One `Column` for each column of the model."""
        return self.inner.columns if self.plan is None else self.plan.columns

    @property
    def table_columns(self):
        """One `Column` for each column of the table."""
        return self.inner.columns

    def fit_encode(self, X):
        """Fit on a table and encode it; see `TableCodec.fit_encode`."""
        return self.fit_extend(X, None)[0]

    def fit_extend(self, X, n_new):
        """Fit and encode, and preallocate the output; see `TableCodec.fit_extend`.

        Raises
        ------
        ValueError
            If a given row breaks a rule: rule, first such row and their proportion.
        TypeError
            If a rule does not fit the kind of its columns.
        """
        Z, buffer = self.inner.fit_extend(X, n_new)
        if isinstance(self.inner, RowCodec):
            check_repeated(self.rules, X, self.inner.positions)
            return Z, buffer
        if not self.rules and not self.detect:
            return Z, buffer
        rules = self.rules + self._detected(X, Z)
        if not rules:
            return Z, buffer
        self.bound = [bind(rule, self.inner) for rule in rules]
        rows = settled_rows(self.inner, densified(Z) if sparse.issparse(Z) else Z)
        check_given(self.bound, Rows(self.inner, rows, X))
        columns = self.inner.columns
        if self.inner.is_sparse:  # integers of sparse tables have no range of their own
            columns = [
                replace(c, lo=x.min(), hi=x.max()) if c.kind == "integer" else c
                for c, x in zip(columns, rows.T)
            ]
        columns = in_places(columns, self.bound, rows)
        self.plan = Plan(self.bound, columns, rows, self.inner.learned)
        made = self.plan.encode(rows)
        return made, None if buffer is None else NarrowBuffer(buffer, made.shape[1])

    def _detected(self, X, Z):
        """One-hot groups of columns that no rule speaks of.

        Of columns of floats only where a model learns the table; interpolation between floats is
        not changed.
        """
        if not self.detect or sparse.issparse(Z) or not (self.inner.learned or is_frame(X)):
            return []
        groups = self.groups
        if groups is None:
            taken = {j for rule in self.rules for j in bind(rule, self.inner).columns or ()}
            columns = [c for c in self.possible_flags() if c.index not in taken]
            groups = one_hot_groups(Z, columns)
        columns = self.inner.columns
        return [OneHot([columns[j].name for j in group]) for group in groups]

    def possible_flags(self):
        """Columns of the fitted table whose kind allows them to be one of a one-hot group."""
        return [column for column in self.inner.columns if self._may_be_flag(column)]

    def _may_be_flag(self, column):
        """Whether the kind of a column allows it to be one of a one-hot group."""
        if column.kind == "categorical":
            return column.n_levels == 2 and line_of(self.inner, column).levels is not None
        return not column.missing and (column.kind == "binary" or self.inner.learned)

    def rows(self, made):
        """Rows of the table, settled, for numbers of the model, and which of them exist."""
        return self.plan.decode(np.asarray(made, dtype=np.float64))

    def accepts(self, made, counts=None, rest=()):
        """Mask of the rows of the model that satisfy every rule, as decoded.

        Parameters
        ----------
        made : ndarray of shape (n, number of columns)
            Numbers of the model.
        counts : dict, default=None
            Gets, for each rule, how many rows satisfied it.
        rest : list of Condition, default=()
            Conditions on columns of the table that have to hold as well.

        Returns
        -------
        ndarray of bool of shape (n,)
        """
        return self.judged(made, counts, rest).valid

    def judged(self, made, counts=None, rest=()):
        """Rows of the table for rows of the model, and which satisfy what; see `accepts`.

        Returns
        -------
        Judged
        """
        Z, found = self.rows(made)
        counts = {} if counts is None else counts
        counts["the observed range"] = counts.get("the observed range", 0) + int(found.sum())
        rows, wanted = Rows(self.inner, Z), np.ones(len(Z), dtype=bool)
        for rule in self.bound:
            own = rule.holds(rows)
            counts[repr(rule.rule)] = counts.get(repr(rule.rule), 0) + int(own.sum())
            found &= own
        for condition in rest:
            own = condition.mask(Z[:, condition.index])
            name = self.described(condition)
            counts[name] = counts.get(name, 0) + int(own.sum())
            wanted &= own
        return Judged(Z, found & wanted, wanted)

    def described(self, condition):
        """A condition in an error: its column, and the rule that computes it."""
        derived = self.plan.derived.get(condition.index)
        by = f", which {derived.rule.rule!r} computes" if derived is not None else ""
        return f"the condition on {condition.name!r}{by}"

    def encode_rows(self, Z):
        """Numbers of the model for rows of the inner codec, and which rows satisfy every rule."""
        Z = settled_rows(self.inner, Z)
        made, found = self.plan.encode(Z), np.ones(len(Z), dtype=bool)
        for rule in self.bound:
            found &= rule.holds(Rows(self.inner, Z))
        for place, source in enumerate(self.plan.sources):
            if source in self.plan.joints:
                found &= made[:, place] >= 0
        return np.where(found[:, None], made, 0.0), found

    def decode(self, made):
        """Decode rows of the model; see `TableCodec.decode`."""
        return self.inner.decode(made if self.plan is None else self.rows(made)[0])

    def finish(self, X, made, buffer=None):
        """Return the given rows followed by the decoded ones; see `TableCodec.finish`."""
        if self.plan is None:
            return self.inner.finish(X, made, buffer)
        Z = self.rows(made)[0]
        if buffer is None:
            return self.inner.finish(X, Z)
        buffer.inner.tail[:] = Z
        return self.inner.finish(X, buffer.inner.tail, buffer.inner)


class Judged(NamedTuple):
    """Rows of the table, and which of them satisfy what.

    Parameters
    ----------
    Z : ndarray of shape (n, d)
        Rows of the table, settled.
    valid : ndarray of bool of shape (n,)
        Which satisfy all rules and conditions.
    meets_conditions : ndarray of bool of shape (n,)
        Which satisfy the conditions.
    """

    Z: np.ndarray
    valid: np.ndarray
    meets_conditions: np.ndarray


class NarrowBuffer:
    """Space for rows of the model, next to the buffer of the table's rows.

    Parameters
    ----------
    inner : OutputBuffer
        Buffer of the table.
    width : int
        Columns of the model.
    """

    def __init__(self, inner, width):
        self.inner, self.tail = inner, np.empty((len(inner.tail), width))


def settled_rows(codec, Z):
    """Rows of ``Z`` in 64-bit floats, as they are once decoded and encoded again."""
    rows = np.array(Z, dtype=np.float64)
    for column in codec.table_columns:
        rows[:, column.index] = settled(column, rows[:, column.index])
    return rows


def in_places(columns, bound, Z):
    """Columns of sums and of strict inequalities, with the decimal places of their values.

    New values of such columns are rounded, so that the rules hold in a file of as many places, too.

    Parameters
    ----------
    columns : list of Column
        Columns of the table.
    bound : list of BoundRule
        Rules.
    Z : ndarray of shape (n, d)
        Given rows, settled.

    Returns
    -------
    columns : list of Column
    """
    places = {}
    for rule in bound:
        strict = isinstance(rule, BoundComparison) and {"<", ">"} & set(rule.comparisons)
        if not (isinstance(rule, BoundSum) or strict):
            continue
        own = {j: _places(columns[j], Z[:, j]) for j in rule.columns}
        if isinstance(rule, BoundSum) and None not in own.values():
            own[rule.columns[0]] = max(own.values())  # a total has the places of its parts
        for j, found in own.items():
            places[j] = max(found, places.get(j, 0)) if found is not None else None
    return [
        replace(c, decimals=places[c.index])
        if c.kind == "float" and c.decimals is None and c.index in places
        else c
        for c in columns
    ]


def _places(column, z):
    """Decimal places of a column's values; None where they have too many."""
    if column.kind != "float":
        return 0
    if column.decimals is not None:
        return column.decimals
    dtype = column.dtype if column.dtype is not None and column.dtype.kind == "f" else z.dtype
    return decimal_places(z[~np.isnan(z)].astype(dtype))


def check_repeated(rules, X, positions=None):
    """Check rules on a table whose rows are repeated, so that they hold in new rows as well.

    Parameters
    ----------
    rules : list of Constraint
        Rules.
    X : table
        Without the columns that are set aside.
    positions : list of int or None
        Where its columns are in the given array; None if none is set aside.
    """
    if not rules:
        return
    codec = TableCodec(categories="text", missing=True, times=True)
    codec.positions = positions
    table = X
    if is_frame(X):  # other columns may be of any type
        known = column_names(X)
        named = [name for rule in rules for name in rule.names if name in known]
        named = list(dict.fromkeys(named)) or known[:1]
        table = X.select(named) if hasattr(X, "select") else X[named]
    Z = codec.fit_encode(table)
    rows = settled_rows(codec, densified(Z) if sparse.issparse(Z) else Z)
    check_given([bind(rule, codec) for rule in rules], Rows(codec, rows, X))


def check_given(bound, rows):
    """Raise if a given row breaks a rule.

    Parameters
    ----------
    bound : list of BoundRule
        Rules.
    rows : Rows
        The given rows.

    Raises
    ------
    ValueError
        With the rule, the first row that breaks it, and their proportion.
    """
    for rule in bound:
        broken = np.flatnonzero(~rule.holds(rows))
        if len(broken):
            n = len(rows.Z)
            raise ValueError(
                f"{rule.rule!r} does not hold in the given table: row {broken[0]} breaks it, and "
                f"{len(broken)} of {n} rows do ({len(broken) / n:.2%}). Correct or drop these "
                "rows, or leave the rule out."
            )
