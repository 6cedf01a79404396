"""Fitted sequential trees: rows of a class, column by column."""

from dataclasses import dataclass

import numpy as np

from ..._runtime.threads import each
from .._encoding.blocks import is_discrete
from .._encoding.class_statistics import class_ranges
from .._encoding.extremes import draw_in
from .forest import ColumnForest, ColumnTarget
from .support import ColumnSupport

CHUNK_ROWS = 65_536


@dataclass(frozen=True)
class GrowingOptions:
    """How trees are grown.

    Parameters
    ----------
    n_trees : int
        Trees of a column.
    min_samples_leaf : int
        Rows of a leaf, at least.
    smoothing : bool
        Whether values move towards their neighbours in the leaf.
    balance : float
        Power of the inverse class frequency by which rows are weighted.
    """

    n_trees: int
    min_samples_leaf: int
    smoothing: bool
    balance: float = 0.0


class SequentialTrees:
    """Trees of every column in turn; holds no training row.

    Parameters
    ----------
    Z : ndarray of shape (n, d)
        Encoded table, NaN where a cell is missing.
    labels : ndarray of shape (n_classes,)
        Class labels.
    group : ndarray of shape (n,) of int
        Index of each row's label.
    columns : list of Column
        Description of each column.
    order : list of int
        Columns in the order in which they are generated.
    options : GrowingOptions
        How trees are grown.
    rng : RandomState
        Source.
    n_jobs : int or None
        Maximum number of threads; the model does not depend on it.

    Attributes
    ----------
    labels, order : ndarray, list
        As above.
    supports : list of ColumnSupport
        Values of each column.
    forests : list of ColumnForest
        Trees, in the order of generation.
    """

    def __init__(self, Z, labels, group, columns, order, options, rng, n_jobs=None):
        self.labels, self.order, self.options = labels, order, options
        Z = draw_in(Z, group, columns, rng)
        self.ranges = class_ranges(Z, group, columns)
        self.ranges[:, 0][np.isnan(self.ranges[:, 0])] = -np.inf
        self.ranges[:, 1][np.isnan(self.ranges[:, 1])] = np.inf
        self.supports, self.unordered, codes = [], [], []
        for column in columns:
            x = np.ascontiguousarray(Z[:, column.index])
            levels = is_discrete(np.sort(x[~np.isnan(x)]), column)
            self.supports.append(ColumnSupport(x, column, levels))
            self.unordered.append(column.kind == "categorical")
            codes.append(self.supports[-1].encode(x))
        del Z
        self.allowed = [self._lendable(j) for j in range(len(columns))]
        self.forests = [None] * len(order)
        seeds = rng.randint(2**31 - 1, size=len(order))

        def grow(place):
            own = np.random.RandomState(seeds[place])
            self.forests[place] = self._forest(place, codes, group, own)

        # later columns have more predictors: they come first, so that threads end together
        each(grow, range(len(order))[::-1], max_threads=n_jobs, join=True)

    def _lendable(self, j):
        """For each class the codes within its range, or None where these are all."""
        support, found = self.supports[j], []
        for low, high in self.ranges[:, :, j]:
            first, last = support.span(low, high)
            mask = np.zeros(support.n_codes, dtype=bool)
            mask[first:last] = True
            mask[support.n_values :] = True
            found.append(None if mask.all() else mask)
        return found

    def _forest(self, place, codes, group, rng):
        """Trees of the column at a place of the order."""
        j, before = self.order[place], self.order[:place]
        n_classes = len(self.labels)
        n_levels = [n_classes, *(self._n_levels(k) for k in before)]
        predictors = [group, *(codes[k] for k in before)]
        target = ColumnTarget(
            codes[j],
            self.supports[j],
            self.unordered[j],
            rng,
        )
        shape = n_classes, self.supports[j].n_codes
        return ColumnForest(predictors, n_levels, target, shape, self.options, rng)

    def _n_levels(self, j):
        return self.supports[j].n_codes if self.unordered[j] else 0

    def index(self, label):
        """Index of a label."""
        return int(np.flatnonzero(self.labels == label)[0])

    def draw(self, label, rng, out):
        """Fill `out` with rows of one class."""
        for start in range(0, len(out), CHUNK_ROWS):
            part = np.empty((len(out[start : start + CHUNK_ROWS]), out.shape[1]))
            group = np.full(len(part), self.index(label))
            codes = np.zeros(part.shape, dtype=np.int32, order="F")
            for place, j in enumerate(self.order):
                part[:, j] = self.column(place, part, group, rng, codes=codes)[0]
            out[start : start + CHUNK_ROWS] = part
        return out

    def column(self, place, Z, group, rng, condition=None, codes=None):
        """Draw one column of rows whose columns before it in the order are filled.

        Parameters
        ----------
        place : int
            Place of the column in `order`.
        Z : ndarray of shape (n, d)
            Encoded rows; columns at earlier places are read.
        group : ndarray of shape (n,) of int
            Class index of each row.
        rng : RandomState
            Source.
        condition : object, default=None
            What the values must satisfy: its ``mask(values)`` says which encoded values do.
        codes : ndarray of shape (n, d) of int, default=None
            Codes of the earlier columns, from earlier calls; this column's are added. Saves
            encoding `Z` again.

        Returns
        -------
        values : ndarray of shape (n,)
            Encoded values, NaN for missing cells; arbitrary ones where the probability is 0.
        probability : ndarray of shape (n,) or None
            Probability of the condition given the earlier columns; None without one.
        """
        j, before, support = self.order[place], self.order[:place], self.supports[self.order[place]]
        if codes is None:
            earlier = [self.supports[k].encode(Z[:, k]) for k in before]
        else:
            earlier = [codes[:, k] for k in before]
        forest = self.forests[place]
        features = forest.features([group, *earlier])
        wanted = None if condition is None else condition.mask(support.representatives)
        drawn, probability = forest.draw(features, group, rng, self.allowed[j], wanted)
        low, high = self.ranges[group, 0, j], self.ranges[group, 1, j]
        lost = np.flatnonzero(drawn < 0)
        if len(lost):
            drawn[lost] = self._nearest(support, low[lost], high[lost])
        values = support.decode(drawn, low, high, rng)
        if wanted is not None:
            missed = ~condition.mask(values)
            values[missed] = support.representatives[drawn[missed]]
        if codes is not None:
            codes[:, j] = support.encode(values)
        return values, None if condition is None else probability

    def _nearest(self, support, low, high):
        """Codes of rows for which a leaf holds no value: the middle one of the class's range."""
        found = [support.span(*pair) for pair in zip(low.tolist(), high.tolist())]
        middle = np.array([(first + last) // 2 for first, last in found])
        return np.clip(middle, 0, support.n_codes - 1)
