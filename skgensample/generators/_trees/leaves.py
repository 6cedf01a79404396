"""Values of the training rows in each leaf of a tree, sorted, and draws among them."""

import numpy as np


class LeafValues:
    """Codes of one column in the leaves of one tree, sorted by leaf, class and code.

    No row number is kept, so that no training row can be put together from several columns.

    A row of a class is drawn among the rows of its class in the leaf if these are `min_rows` or
    more. If they are fewer, all others in the leaf make up the difference: m rows of the class
    have the probability ``m / min_rows``.

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
        kind = np.min_scalar_type(max(n_codes - 1, 0))
        self.codes = (keys % n_codes).astype(kind)
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
        cell = leaf * values.n_classes
        self.values = values
        self.ends = values.starts[cell], values.starts[cell + values.n_classes]
        self.own_ends = values.starts[cell + group], values.starts[cell + group + 1]
        n_own = self.own_ends[1] - self.own_ends[0]
        n_all = self.ends[1] - self.ends[0]
        self.own, self.lent = Selection(values, wanted), None
        lacking = (n_own < values.min_rows) & (n_all > n_own)
        self.share = np.where(n_own > 0, 1.0, 0.0)
        hits = self._own_hits(self.own)
        found = hits / np.maximum(n_own, 1)
        if lacking.any():
            both = allowed if wanted is None or allowed is None else allowed & wanted
            lendable = Selection(values, allowed)
            self.lent = lendable if wanted is None else Selection(
                values, wanted if both is None else both
            )
            n_lent = np.where(lacking, self._lent_hits(lendable), 0)
            hits_lent = np.where(lacking, self._lent_hits(self.lent), 0)
            self.share = np.where(n_lent > 0, np.minimum(n_own / values.min_rows, 1), self.share)
            found_lent = hits_lent / np.maximum(n_lent, 1)
            self.own_part = self.share * found
            self.probability = self.own_part + (1 - self.share) * found_lent
        else:
            self.own_part = self.probability = self.share * found

    def _own_hits(self, selection):
        return selection.count(*self.own_ends)

    def _lent_hits(self, selection):
        return selection.count(*self.ends) - selection.count(*self.own_ends)

    def draw(self, rng):
        """Positions of the values drawn; -1 for rows whose probability is 0.

        Returns
        -------
        position : ndarray of shape (n,) of int
            Index of the value in `LeafValues.codes`.
        """
        choice, share = rng.uniform(size=(2, len(self.probability)))
        position = np.full(len(choice), -1, dtype=np.intp)
        own = (choice * self.probability < self.own_part) & (self.own_part > 0)
        start, end = self.own_ends
        position[own] = self.own.pick(start[own], end[own], share[own])
        rest = np.flatnonzero(~own & (self.probability > self.own_part))
        if len(rest):
            before = self.lent.count(self.ends[0][rest], start[rest])
            after = self.lent.count(end[rest], self.ends[1][rest])
            first = share[rest] * (before + after) < before
            left, right = rest[first], rest[~first]
            again = share[left] * ((before + after) / np.maximum(before, 1))[first]
            position[left] = self.lent.pick(self.ends[0][left], start[left], again)
            again = share[right] * (before + after)[~first] - before[~first]
            again /= np.maximum(after, 1)[~first]
            position[right] = self.lent.pick(end[right], self.ends[1][right], again)
        return position


class Selection:
    """Stored values with a code that is wanted; all of them without a mask.

    Parameters
    ----------
    values : LeafValues
        The values.
    mask : ndarray of shape (n_codes,) of bool or None
        Which codes are wanted.
    """

    def __init__(self, values, mask):
        self.cumulated = None
        if mask is not None and not mask.all():
            self.cumulated = np.concatenate([[0], np.cumsum(mask[values.codes])])

    def count(self, start, end):
        """Number of wanted values at positions from `start` to before `end`."""
        if self.cumulated is None:
            return end - start
        return self.cumulated[end] - self.cumulated[start]

    def pick(self, start, end, share):
        """Position of the wanted value at a share, in [0, 1), of those between two positions."""
        number = (share * self.count(start, end)).astype(np.intp)
        number = np.minimum(number, self.count(start, end) - 1)
        if self.cumulated is None:
            return start + number
        return np.searchsorted(self.cumulated, self.cumulated[start] + number, side="right") - 1
