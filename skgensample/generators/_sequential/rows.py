"""Rows that a model generates column by column, some cells of which are given."""

from dataclasses import dataclass

import numpy as np

#: A given number is met by values within this part of the column's values on either side.
WINDOW = 0.01
#: Numbers may be asked for beyond the learnt range by this part of it: its ends were drawn in.
BEYOND = 0.25


@dataclass(frozen=True)
class Within:
    """Condition on an interval."""

    low: float
    high: float

    def mask(self, values):
        """Which values lie in it."""
        with np.errstate(invalid="ignore"):
            return (values >= self.low) & (values <= self.high)


@dataclass(frozen=True)
class Equal:
    """Condition of one value, NaN for a missing cell."""

    value: float

    def mask(self, values):
        """Which values equal it."""
        return np.isnan(values) if np.isnan(self.value) else values == self.value


class ColumnwiseRows:
    """Rows of given classes whose columns are generated in turn; see `sample_conditioned`.

    Parameters
    ----------
    model : SequentialTrees
        Its ``column(place, Z, group, rng, condition, codes)`` generates one column, and
        ``supports[j]`` knows the values of column j.
    group : ndarray of shape (n,) of int
        Class index of each row.
    """

    def __init__(self, model, group):
        self.model, self.group = model, group
        shape = len(group), len(model.order)
        self.Z = np.zeros(shape, order="F")
        self.codes = np.zeros(shape, dtype=np.int32, order="F")

    def order(self, conditioned):
        """Order of columns: the model's own."""
        return self.model.order

    def advance(self, j, condition, rng):
        """Generate column j; returns the probability of the condition in each row."""
        met = condition
        if condition is not None and condition.is_single:
            met = self._window(j, condition.values[0])
        mass = self._draw(j, slice(None), met, rng)
        if met is not condition:
            self._set(j, slice(None), condition.values[0])
        return mass

    def give(self, j, values, rng):
        """Set column j to given values, NaN to be generated; returns their probabilities."""
        mass = np.ones(len(values))
        free = np.flatnonzero(np.isnan(values))
        if len(free):
            self._draw(j, free, None, rng)
        for value in np.unique(values[~np.isnan(values)]):
            rows = np.flatnonzero(values == value)
            mass[rows] = self._draw(j, rows, self._window(j, value), rng)
            self._set(j, rows, value)
        return mass

    def take(self, index):
        """Keep the rows of the given indices, which may repeat."""
        self.Z, self.codes = self.Z[index], self.codes[index]
        self.group = self.group[index]

    def _draw(self, j, rows, condition, rng):
        place = self.model.order.index(j)
        codes = self.codes[rows]
        values, mass = self.model.column(
            place, self.Z[rows], self.group[rows], rng, condition, codes
        )
        self.Z[rows, j], self.codes[rows, j] = values, codes[:, j]
        return mass

    def _set(self, j, rows, value):
        self.Z[rows, j] = value
        self.codes[rows, j] = self.model.supports[j].encode(np.array([value]))[0]

    def _window(self, j, value):
        """Condition that stands for a given value: near values where it is one of many."""
        support = self.model.supports[j]
        code = int(support.encode(np.array([value]))[0])
        if support.movable is None or not support.movable[code]:
            return Equal(value)
        width = max(round(WINDOW * support.n_values), 1)
        ends = np.clip([code - width, code + width], 0, support.n_values - 1)
        return Within(*support.representatives[ends])


def allows(support, condition):
    """Whether a column can have a value that satisfies a condition; far outside its range none."""
    there = support.representatives[: support.n_values]
    if condition.values is None:
        return bool(condition.mask(there).any())
    if condition.allows_missing and support.n_codes == support.n_values:
        return False
    values = condition.values[~np.isnan(condition.values)]
    if support.movable is None:
        return bool(np.isin(values, there).all())
    slack = BEYOND * (there[-1] - there[0])
    return bool(((values >= there[0] - slack) & (values <= there[-1] + slack)).all())
