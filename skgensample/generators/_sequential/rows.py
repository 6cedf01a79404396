"""Rows that a model generates column by column, some cells of which are given."""

import numpy as np

#: A given number is met by values within this part of the column's values on either side.
WINDOW = 0.01
#: Numbers may be asked for beyond the learnt range by this part of it: its ends were drawn in.
BEYOND = 0.25
#: Part of the probability of a condition that does not depend on the leaf.
DEFENSIVE = 1e-3


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
        if condition is None:
            self._draw(j, slice(None), None, rng)
            return None
        mass = self._draw(j, slice(None), self._wanted(j, condition), rng)
        if condition.is_single:
            self._set(j, slice(None), condition.values[0])
        elif condition.values is None:
            self.Z[:, j] = condition.limited(self.Z[:, j])
        else:
            self._pick_listed(j, condition.values, rng)
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

    def _draw(self, j, rows, wanted, rng):
        """Draw a column of some rows, among the wanted codes; returns their probability.

        A small part of it is that of a code at random, so that no leaf rules a value out.
        """
        place = self.model.order.index(j)
        codes = self.codes[rows]
        values, mass = self.model.column(
            place, self.Z[rows], self.group[rows], rng, wanted=wanted, codes=codes
        )
        if wanted is not None:
            support, admitted = self.model.supports[j], np.flatnonzero(wanted)
            lost = np.flatnonzero(mass <= 0)
            drawn = admitted[rng.randint(len(admitted), size=len(lost))]
            values[lost], codes[lost, j] = support.representatives[drawn], drawn
            mass = (1 - DEFENSIVE) * mass + DEFENSIVE * len(admitted) / support.n_codes
        self.Z[rows, j], self.codes[rows, j] = values, codes[:, j]
        return mass

    def _set(self, j, rows, value):
        self.Z[rows, j] = value
        self.codes[rows, j] = self.model.supports[j].encode(np.array([value]))[0]

    def _pick_listed(self, j, values, rng):
        """Replace values by listed ones with the same code, at random, or else by the nearest."""
        support = self.model.supports[j]
        own, codes = support.encode(values), self.codes[:, j].copy()
        ordered = np.unique(own)
        # a value that was drawn within its code's interval may be rounded into another's
        place = np.searchsorted(ordered, codes).clip(max=len(ordered) - 1)
        before = ordered[np.maximum(place - 1, 0)]
        nearest = np.where(
            np.abs(before - codes) < np.abs(ordered[place] - codes), before, ordered[place]
        )
        for code in ordered:
            rows = np.flatnonzero(nearest == code)
            among = values[own == code]
            self.Z[rows, j] = among[rng.randint(len(among), size=len(rows))]
            self.codes[rows, j] = code

    def _wanted(self, j, condition):
        """Which codes of a column satisfy a condition."""
        if condition.is_single:
            return self._window(j, condition.values[0])
        return wanted_codes(self.model.supports[j], condition)

    def _window(self, j, value):
        """Codes that stand for a given value: near ones where no row, or only a few, have it."""
        support = self.model.supports[j]
        code = int(support.encode(np.array([value]))[0])
        wanted = np.zeros(support.n_codes, dtype=bool)
        few = code < support.n_values and not support.atom[code]
        if few or (support.movable is not None and support.movable[code]):
            width = max(round(WINDOW * support.n_values), 1)
            wanted[max(code - width, 0) : min(code + width + 1, support.n_values)] = True
        else:
            wanted[code] = True
        return wanted


def wanted_codes(support, condition):
    """Which codes of a column satisfy a condition of an interval or of several values."""
    wanted = np.zeros(support.n_codes, dtype=bool)
    if condition.values is None:
        low, high = condition.edges
        wanted[: support.n_values] = (support.high >= low) & (support.low <= high)
        wanted[: support.n_values][support.atom] &= condition.mask(support.low[support.atom])
    else:
        held = condition.values[holds(support, condition.values)]
        wanted[support.encode(held)] = True
    return wanted


def holds(support, values):
    """Which values a column can have; far outside its range none."""
    codes = np.minimum(support.encode(values), support.n_values - 1)
    reach = support.low[0], support.high[-1]
    slack = BEYOND * (reach[1] - reach[0])
    with np.errstate(invalid="ignore"):
        inside = (values >= reach[0] - slack) & (values <= reach[1] + slack)
    if support.atom.all():  # levels, or numbers that are all repeated
        inside = support.low[codes] == values
    return inside | (np.isnan(values) & (support.n_codes > support.n_values))


def allows(support, condition):
    """Whether a column can have a value that satisfies a condition."""
    if not support.n_values:
        return condition.allows_missing
    if condition.values is not None:
        return bool(holds(support, condition.values).all())
    return bool(wanted_codes(support, condition).any())
