"""Values of the training rows in each leaf of a tree, sorted, and draws among them."""

import numpy as np


class LeafValues:
    """Codes of one column in the leaves of one tree, sorted by leaf, class and code.

    No row number is kept, so that no training row can be put together from several columns.

    A row of a class is drawn among the rows of its class in the leaf if these are `min_rows` or
    more. If they are fewer, the leaf's rows of other classes make up the difference: m rows of the
    class have the probability ``m / min_rows``.

    Parameters
    ----------
    leaf : ndarray of shape (n,) of int
        Leaf of each training row, from 0.
    group : ndarray of shape (n,) of int
        Class index of each row.
    codes : ndarray of shape (n,) of int
        Code of each row's cell.
    shape : tuple of int
        Numbers of leaves, classes and codes.
    min_rows : int
        Rows among which a value is drawn, at least.
    """

    def __init__(self, leaf, group, codes, shape, min_rows):
        n_leaves, self.n_classes, n_codes = shape
        self.min_rows = min_rows
        cell = leaf.astype(np.int64) * self.n_classes + group
        keys = np.sort(cell * n_codes + codes)
        self.codes = (keys % n_codes).astype(np.min_scalar_type(max(n_codes - 1, 0)))
        counts = np.bincount(cell, minlength=n_leaves * self.n_classes)
        self.starts = np.concatenate([[0], np.cumsum(counts)])

    def pools(self, leaf, group, allowed=None, wanted=None):
        """The values among which rows of one class are drawn.

        Parameters
        ----------
        leaf : ndarray of shape (n,) of int
            Leaf of each row.
        group : int
            Class index of all rows.
        allowed : ndarray of shape (n_codes,) of bool, default=None
            Codes that rows of other classes may lend to this class; None for all.
        wanted : ndarray of shape (n_codes,) of bool, default=None
            Codes of which one is to be drawn; None for all.

        Returns
        -------
        Pools
            One pool for each row.
        """
        return Pools(self, leaf, group, allowed, wanted)


class Pools:
    """For rows of one class: their own class's values in the leaf, and those of other classes.

    Attributes
    ----------
    probability : ndarray of shape (n,)
        Probability that the value drawn is a wanted one.
    """

    def __init__(self, values, leaf, group, allowed, wanted):
        first = leaf * values.n_classes
        bounds = first, first + group, first + group + 1, first + values.n_classes
        self.bounds = [values.starts[edge] for edge in bounds]
        self.codes = values.codes
        self.own = Selection(values.codes, wanted)
        n_own = self.bounds[2] - self.bounds[1]
        share = (n_own > 0).astype(np.float64)
        found = self.own.count(*self.bounds[1:3]) / np.maximum(n_own, 1)
        self.own_part = self.probability = share * found
        short = n_own < values.min_rows
        if not np.any(short & (self.bounds[3] - self.bounds[0] > n_own)):
            return
        lendable = Selection(values.codes, allowed)
        self.lent = lendable if wanted is None else Selection(values.codes, both(allowed, wanted))
        n_lent = np.where(short, self._lent(lendable), 0)
        share = np.where(n_lent > 0, n_own / values.min_rows, share)
        self.own_part = share * found
        found = self._lent(self.lent) / np.maximum(n_lent, 1)
        self.probability = self.own_part + np.where(n_lent > 0, (1 - share) * found, 0)

    def _lent(self, selection):
        """Number of selected values of other classes."""
        start, own_start, own_end, end = self.bounds
        return selection.count(start, own_start) + selection.count(own_end, end)

    def draw(self, rng):
        """Codes of the values drawn; -1 for rows whose probability is 0."""
        choice, share = rng.uniform(size=(2, len(self.probability)))
        position = np.full(len(choice), -1, dtype=np.intp)
        own = choice * self.probability < self.own_part
        start, own_start, own_end, end = self.bounds
        position[own] = self.own.pick(own_start[own], own_end[own], share[own])
        for rows in (np.flatnonzero(~own & (self.probability > self.own_part)),):
            if not len(rows):
                continue
            before = self.lent.count(start[rows], own_start[rows])
            after = self.lent.count(own_end[rows], end[rows])
            number = share[rows] * (before + after)
            low = np.where(number < before, start[rows], own_end[rows])
            high = np.where(number < before, own_start[rows], end[rows])
            size = np.where(number < before, before, after)
            within = (number - np.where(number < before, 0, before)) / size
            position[rows] = self.lent.pick(low, high, within)
        return np.where(position < 0, -1, self.codes[position].astype(np.int32))


class Selection:
    """Stored values with a code that is wanted; all of them without a mask.

    Parameters
    ----------
    codes : ndarray of shape (n_stored,) of int
        The stored codes.
    mask : ndarray of shape (n_codes,) of bool or None
        Which codes are wanted.
    """

    def __init__(self, codes, mask):
        self.cumulated = None
        if mask is not None and not mask.all():
            self.cumulated = np.concatenate([[0], np.cumsum(mask[codes])])

    def count(self, start, end):
        """Number of wanted values at positions from `start` to before `end`."""
        if self.cumulated is None:
            return end - start
        return self.cumulated[end] - self.cumulated[start]

    def pick(self, start, end, share):
        """Position of the wanted value at a share, in [0, 1), of those between two positions."""
        count = self.count(start, end)
        number = np.minimum((share * count).astype(np.intp), count - 1)
        if self.cumulated is None:
            return start + number
        return np.searchsorted(self.cumulated, self.cumulated[start] + number, side="right") - 1


def both(allowed, wanted):
    """Codes in both masks; the first may be None, for all."""
    return wanted if allowed is None else allowed & wanted
