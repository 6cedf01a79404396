"""`SetAsideCodec`: columns that no model sees, and whose new values are invented."""

from dataclasses import replace
from functools import cached_property

import numpy as np

from ._parts import parts_for
from ._plan import plan_for


class SetAsideCodec:
    """Codec around another one, which gets the other columns only.

    Like `TableCodec` it serves one table. It keeps no value of the columns set aside.

    Parameters
    ----------
    inner : TableCodec, ConstrainedCodec or RowCodec
        Unfitted codec of the other columns.
    personal : {"refuse", "fake"} or FakeColumns
        What to do with columns that identify people or rows.
    schema : TableSchema, dict or None
        Kinds of columns.
    unique : list of Unique
        Rules about columns of distinct values.
    """

    def __init__(self, inner, *, personal="refuse", schema=None, unique=()):
        self.inner, self.personal, self.schema, self.unique = inner, personal, schema, unique

    def __getattr__(self, name):
        if name.startswith("__") or "inner" not in vars(self):
            raise AttributeError(name)
        return getattr(self.inner, name)

    def fit_extend(self, X, n_new):
        """Set columns aside, and encode the others; see `TableCodec.fit_extend`."""
        plan = plan_for(X, self)
        if plan is not None:
            plan.tell(getattr(self.inner, "inner", self.inner))
        self._aside, self._rounded = {}, plan.rounded if plan else {}
        if plan is None or not (plan.aside or plan.rounded):
            return self.inner.fit_extend(X, n_new)
        self._parts, self._names = parts_for(X), plan.names
        self._keep = [j for j in range(len(plan.names)) if j not in plan.aside]
        self._parts.remember(X, list(plan.aside))
        self._aside = {j: column.fit(X) for j, column in plan.aside.items()}
        for rule in getattr(self.inner, "rules", ()):
            for name in rule.names:
                self._refuse(name, exact=True)
        return self.inner.fit_extend(self.kept(X), None)

    @property
    def _changes(self):
        """Whether there is anything to do after the inner codec."""
        return bool(self._aside or self._rounded)

    def kept(self, X):
        """The columns that the model knows."""
        return self._parts.take(X, self._keep) if self._aside else X

    @cached_property
    def columns(self):
        """One `Column` for each column of ``Z``."""
        if not self._aside or self.inner.columns is None or self.inner.is_constrained:
            return self.inner.columns
        pairs = zip(self.inner.columns, self._keep)
        return [replace(column, place=place) for column, place in pairs]

    def column(self, name):
        """Description of a column that the model knows; an error about one set aside."""
        self._refuse(name)
        return self.inner.column(name)

    def encode_cell(self, name, value):
        """Encode one cell; see `TableCodec.encode_cell`."""
        self._refuse(name)
        return self.inner.encode_cell(name, value)

    def encode_cells(self, name, values):
        """Encode cells of a column; see `TableCodec.encode_cells`."""
        self._refuse(name)
        return self.inner.encode_cells(name, values)

    def condition(self, name, wanted):
        """Encode a condition; see `TableCodec.condition`."""
        self._refuse(name)
        return self.inner.condition(name, wanted)

    def cell(self, column, number):
        """Decode one number of a column."""
        return self.inner.cell(column, number)

    def grid(self, column):
        """Values of a column of whole steps; see `TableCodec.grid`."""
        return self.inner.grid(column)

    def _refuse(self, name, exact=False):
        """Raise if a column is set aside; with `exact`, a number of another type is no name."""
        kind = type(name.item() if isinstance(name, np.generic) else name)
        aside = [own for own in map(self._names.__getitem__, self._aside) if own == name]
        if any(type(own) is kind or not exact for own in aside):
            raise ValueError(
                f"Column {name!r} is set aside: its values are invented, and no model knows them. "
                "Leave it out here, and set it in the new rows yourself."
            )

    def decode(self, Z, draws=None):
        """Decode rows, with invented values in the columns set aside.

        Parameters
        ----------
        Z : ndarray of shape (n_new, d)
            Encoded rows.
        draws : list of tuple (RandomState, int), default=None
            Source of the values of each block of rows, and its length.

        Returns
        -------
        X_new : table of n_new rows
        """
        return self._completed(self.inner.decode(Z), draws)

    def _completed(self, kept, draws):
        """Rows of the inner codec, rounded, and with invented columns."""
        for j, places in self._rounded.items():
            kept = self._parts.places(kept, self._keep.index(j), places)
        if not self._aside:
            return kept
        draws = [(np.random.RandomState(0), len(kept))] if draws is None else draws
        made, taken = {j: [] for j in self._aside}, {j: set() for j in self._aside}
        for rng, n in draws:
            for j, column in self._aside.items():
                made[j] += column.make(n, rng, taken[j])
        return self._parts.join(kept, made)

    def finish(self, X, Z_new, buffer=None, draws=None):
        """Given rows, unchanged, and new ones; see `TableCodec.finish`."""
        if not self._changes:
            return self.inner.finish(X, Z_new, buffer)
        kept = self.kept(X)
        if hasattr(self.inner, "repeated"):
            X_new = self.inner.repeated(kept, Z_new)
        else:
            X_new = self.inner.decode(Z_new)
        return self._parts.stack(X, self._completed(X_new, draws))


def set_aside(codec, *, personal="refuse", schema=None, constraints=None):
    """Wrap a codec where columns may have to be set aside; else return it as it is.

    Parameters
    ----------
    codec : TableCodec or RowCodec
        Unfitted codec.
    personal, schema, constraints : object
        Parameters of a sampler.

    Returns
    -------
    codec : SetAsideCodec, TableCodec or RowCodec
    """
    unique = [rule for rule in constraints or () if getattr(rule, "sets_aside", False)]
    if isinstance(personal, str) and personal == "refuse" and schema is None and not unique:
        return codec
    return SetAsideCodec(codec, personal=personal, schema=schema, unique=unique)
