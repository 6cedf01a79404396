"""Values of the training rows in each leaf of a tree, sorted, and draws among them."""

from dataclasses import dataclass

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

    def pools(self, leaf, group, taste):
        """The values among which rows of one class are drawn.

        Parameters
        ----------
        leaf : ndarray of shape (n,) of int
            Leaf of each row.
        group : int
            Class index of all rows.
        taste : Taste
            Weights of the codes.

        Returns
        -------
        Pools
            One pool for each row.
        """
        return Pools(self, leaf, group, taste)

    def counts(self, group, bins, n_bins):
        """Number of a class's values in each leaf and bin; `bins` has the bin of each code."""
        n_leaves = (len(self.starts) - 1) // self.n_classes
        cells = np.arange(n_leaves) * self.n_classes + group
        sizes = self.starts[cells + 1] - self.starts[cells]
        ends = np.cumsum(sizes)
        position = np.arange(sizes.sum()) + np.repeat(self.starts[cells] - ends + sizes, sizes)
        keys = np.repeat(np.arange(n_leaves), sizes) * n_bins + bins[self.codes[position]]
        return np.bincount(keys, minlength=n_leaves * n_bins).reshape(n_leaves, n_bins)


#: Codes by which a value moves, at most.
NEAR = 30


@dataclass(frozen=True)
class Taste:
    """Which codes may be drawn for a class, and how they are weighted.

    Parameters
    ----------
    weights : ndarray of shape (n_codes,) of int or None
        Weight of each code in all draws; None for equal weights.
    allowed : ndarray of shape (n_codes,) of bool or None
        Codes that rows of other classes may lend to this class; None for all.
    wanted : ndarray of shape (n_codes,) of bool or None
        Codes of which one is to be drawn; None for all.
    movable : ndarray of shape (n_codes,) of bool or None
        Codes that move towards the next one in the leaf; None for no code.
    """

    weights: np.ndarray | None = None
    allowed: np.ndarray | None = None
    wanted: np.ndarray | None = None
    movable: np.ndarray | None = None

    def selections(self, codes, masks):
        """Selections of stored codes: those that masks admit, and the wanted ones of them."""
        admitted = Selection(codes, product(self.weights, masks))
        if self.wanted is None:
            return admitted, admitted
        return admitted, Selection(codes, product(self.weights, masks, self.wanted))


class Pools:
    """For rows of one class: their own class's values in the leaf, and those of other classes.

    Attributes
    ----------
    probability : ndarray of shape (n,)
        Probability that the value drawn is a wanted one.
    """

    def __init__(self, values, leaf, group, taste):
        first = leaf * values.n_classes
        bounds = first, first + group, first + group + 1, first + values.n_classes
        self.bounds = [values.starts[edge] for edge in bounds]
        self.codes, self.taste = values.codes, taste
        admitted, self.own = taste.selections(values.codes, None)
        n_own = self.bounds[2] - self.bounds[1]
        share = (n_own > 0).astype(np.float64)
        found = self.own.count(*self.bounds[1:3]) / np.maximum(admitted.count(*self.bounds[1:3]), 1)
        self.own_part = self.probability = share * found
        short = n_own < values.min_rows
        if not np.any(short & (self.bounds[3] - self.bounds[0] > n_own)):
            return
        admitted, self.lent = taste.selections(values.codes, taste.allowed)
        n_lent = np.where(short, sum(self._lent(admitted)), 0)
        share = np.where(n_lent > 0, n_own / values.min_rows, share)
        self.own_part = share * found
        found = sum(self._lent(self.lent)) / np.maximum(n_lent, 1)
        self.probability = self.own_part + np.where(n_lent > 0, (1 - share) * found, 0)

    def _lent(self, selection, rows=slice(None)):
        """Weight of other classes' selected values, before and after those of the class."""
        start, own_start, own_end, end = (edge[rows] for edge in self.bounds)
        return selection.count(start, own_start), selection.count(own_end, end)

    def draw(self, rng):
        """Codes of the values drawn; -1 for rows whose probability is 0."""
        choice, share = rng.uniform(size=(2, len(self.probability)))
        position = np.full(len(choice), -1, dtype=np.intp)
        own = choice * self.probability < self.own_part
        start, own_start, own_end, end = self.bounds
        position[own] = self.own.pick(own_start[own], own_end[own], share[own])
        moved = self._moved(position, own, rng)
        rest = np.flatnonzero(~own & (self.probability > self.own_part))
        if len(rest):
            before, after = self._lent(self.lent, rest)
            number = share[rest] * (before + after)
            first = number < before
            low = np.where(first, start[rest], own_end[rest])
            high = np.where(first, own_start[rest], end[rest])
            within = np.where(first, number, number - before) / np.where(first, before, after)
            position[rest] = self.lent.pick(low, high, within)
        drawn = np.where(position < 0, -1, self.codes[position].astype(np.int32))
        drawn[own] = moved
        return drawn

    def _moved(self, position, own, rng):
        """Codes at the positions of the class's own values, moved where that is asked for.

        A code moves at most half way to the next one in the leaf.
        """
        position, start, end = (part[own] for part in (position, *self.bounds[1:3]))
        codes, movable = self.codes[position].astype(np.int32), self.taste.movable
        if movable is None or not len(codes):
            return codes
        step, share = rng.randint(2, size=len(codes)) * 2 - 1, rng.uniform(0, 0.5, size=len(codes))
        near = self.codes[np.clip(position + step, start, end - 1)].astype(np.int32)
        reach = share * np.clip(near - codes, -2 * NEAR, 2 * NEAR)
        moved = codes + np.rint(reach).astype(np.int32)
        keep = ~(movable[codes] & movable[near] & movable[moved])
        if self.taste.wanted is not None:
            keep |= ~self.taste.wanted[moved]
        return np.where(keep, codes, moved)


class Selection:
    """Stored values, weighted by their codes. Whole numbers, so that sums are exact.

    Parameters
    ----------
    codes : ndarray of shape (n_stored,) of int
        The stored codes.
    weights : ndarray of shape (n_codes,) of int or bool, or None
        Weight of each code; None for 1.
    """

    def __init__(self, codes, weights):
        self.cumulated = None
        if weights is not None:
            self.cumulated = np.concatenate([[0], np.cumsum(weights[codes], dtype=np.int64)])

    def count(self, start, end):
        """Weight of the values at positions from `start` to before `end`."""
        if self.cumulated is None:
            return end - start
        return self.cumulated[end] - self.cumulated[start]

    def pick(self, start, end, share):
        """Position at a share, in [0, 1), of the weight between two positions."""
        count = self.count(start, end)
        number = np.minimum((share * count).astype(np.int64), count - 1)
        if self.cumulated is None:
            return start + number
        return np.searchsorted(self.cumulated, self.cumulated[start] + number, side="right") - 1


def product(*factors):
    """Product of weights of which None stand for 1; None if all do."""
    given = [factor for factor in factors if factor is not None]
    return np.multiply.reduce(given) if given else None
