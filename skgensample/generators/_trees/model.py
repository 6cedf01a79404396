"""Fitted sequential trees: rows of a class, column by column."""

import numpy as np

from ..._runtime.threads import each
from .._encoding.blocks import is_discrete
from .._encoding.class_statistics import class_ranges
from .._encoding.extremes import draw_in
from .._sequential.rows import ColumnwiseRows, allows, holds
from .forest import ColumnForest, ColumnTarget, ranks_of_codes
from .leaves import Taste
from .raking import raking_bins, raking_weights
from .support import ColumnSupport

#: Rows that are generated to find the weights of a class, at least and at most.
RAKING_ROWS = 2_000, 20_000
#: Rows whose values fill the leaves of a column's trees, at most.
FILLING_ROWS = 250_000
#: Rows that are generated at once.
CHUNK_ROWS = 65_536
#: A class with a number of rows in this range has trees of its own.
LEAST_ALONE, MOST_ALONE = 100, 4_000


class SequentialTrees:
    """Trees of every column in turn; holds no training row.

    A class of 100 rows or more and fewer than 4,000 has trees of its own; all others share trees
    that are grown on all rows.

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
    max_threads : int, default=None
        Maximum number of threads; the model does not depend on it.
    begin : callable, default=None
        Called with the number of forests to be grown; returns the tasks of this fit.

    Attributes
    ----------
    labels, order : ndarray, list
        As above.
    supports : list of ColumnSupport
        Values of each column.
    part_of : ndarray of shape (n_classes,) of int
        Which trees each class has.
    forests : list of list of ColumnForest
        Trees of each part, in the order of generation.
    """

    def __init__(self, Z, labels, group, columns, order, options, rng, max_threads=None,
                 begin=None):  # fmt: skip
        self.labels, self.order, self.smoothing = labels, order, options.smoothing
        Z = draw_in(Z, group, columns, rng)
        ranges = class_ranges(Z, group, columns)
        self.low = np.nan_to_num(ranges[:, 0], nan=-np.inf, neginf=-np.inf)
        self.high = np.nan_to_num(ranges[:, 1], nan=np.inf, posinf=np.inf)
        self.unordered = [column.kind == "categorical" for column in columns]
        self.supports, codes = [], []
        for column in columns:
            x = np.ascontiguousarray(Z[:, column.index])
            levels = is_discrete(np.sort(x[~np.isnan(x)]), column)
            self.supports.append(ColumnSupport(x, column, levels))
            codes.append(self.supports[-1].encode(x))
        del Z
        self.allowed = [self._lendable(j) for j in range(len(columns))]
        parts = self._parts(np.bincount(group))
        self.forests = [[None] * len(order) for _ in parts]
        jobs = [(part, place) for part in range(len(parts)) for place in range(len(order))]
        seeds = dict(zip(jobs, rng.randint(2**31 - 1, size=len(jobs)).tolist()))

        tasks = begin(len(jobs)) if begin else None

        def grow(job):
            part, place = job
            own = np.random.RandomState(seeds[job])
            rows = _some_rows(group, parts[part], own)
            shown = [codes[k][rows] for k in order[: place + 1]]
            self.forests[part][place] = self._forest(place, shown, group[rows], options, own)
            if tasks is not None:
                tasks.done(part * len(order) + place, "trees of a column")

        # later columns have more predictors: they come first, so that threads end together
        each(grow, jobs[::-1], max_threads=max_threads, join=True)
        self.weights = [[None] * len(columns) for _ in labels]
        self._rake(codes, group, rng)
        if tasks is not None:
            tasks.finish()

    def _rake(self, codes, group, rng):
        """Weights with which the values of each class have the class's frequencies."""
        sizes = np.bincount(group)
        for g in range(len(sizes)):
            if sizes[g] < LEAST_ALONE:
                continue
            m = int(np.clip(sizes[g], *RAKING_ROWS))
            shown = [np.full(m, g)]
            for place, j in enumerate(self.order):
                own = codes[j][group == g]
                bins = raking_bins(own, self.supports[j], self.unordered[j])
                wanted = np.bincount(bins[own], minlength=bins.max() + 1) / len(own)
                forest = self.forests[self.part_of[g]][place]
                if place:
                    self.weights[g][j] = raking_weights(forest, shown, g, bins, wanted)
                drawn, _ = forest.draw(shown, g, rng, self._taste(g, j))
                drawn = self.supports[j].replaced(drawn, self.low[g, j], self.high[g, j], rng)
                shown.append(drawn)

    def _taste(self, g, j, wanted=None):
        """Which codes of a column may be drawn for a class."""
        movable = self.supports[j].movable if self.smoothing else None
        return Taste(self.weights[g][j], self.allowed[j][g], wanted, movable)

    def _parts(self, sizes):
        """Class of each part, None for all rows; says which part each class belongs to."""
        alone = (sizes >= LEAST_ALONE) & (sizes < MOST_ALONE) | (len(sizes) == 1)
        parts = np.flatnonzero(alone).tolist()
        self.part_of = np.full(len(sizes), len(parts))
        self.part_of[parts] = np.arange(len(parts))
        return parts if alone.all() else [*parts, None]

    def _lendable(self, j):
        """For each class the codes within its range, or None where these are all."""
        support, found = self.supports[j], []
        for low, high in zip(self.low[:, j], self.high[:, j]):
            mask = np.ones(support.n_codes, dtype=bool)
            first, last = support.span(low, high)
            mask[:first], mask[last : support.n_values] = False, False
            found.append(None if mask.all() else mask)
        return found

    def _forest(self, place, codes, group, options, rng):
        """Trees of the column at a place of the order, on some rows."""
        j, before, n_classes = self.order[place], self.order[:place], len(self.labels)
        predictors = [(group, n_classes, None)]
        for own, k in zip(codes, before):
            unordered, support = self.unordered[k], self.supports[k]
            ranks = None if unordered else ranks_of_codes(own, support)
            predictors.append((own, support.n_codes if unordered else 0, ranks))
        target = ColumnTarget(codes[-1], self.supports[j], self.unordered[j], rng)
        return ColumnForest(predictors, target, n_classes, options, rng)

    def index(self, label):
        """Index of a label."""
        return int(np.flatnonzero(self.labels == label)[0])

    def draw(self, label, rng, out):
        """Fill `out` with rows of one class."""
        for start in range(0, len(out), CHUNK_ROWS):
            rows = out[start : start + CHUNK_ROWS]
            part = np.empty(rows.shape, order="F")
            group = np.full(len(part), self.index(label))
            codes = np.zeros(part.shape, dtype=np.int32, order="F")
            for place, j in enumerate(self.order):
                part[:, j] = self.column(place, part, group, rng, codes=codes)[0]
            rows[:] = part
        return out

    def begin(self, group):
        """Rows without a column yet, of the given class indices."""
        return ColumnwiseRows(self, np.asarray(group))

    def allows(self, condition):
        """Whether the column of a condition can have a value that satisfies it."""
        return allows(self.supports[condition.index], condition)

    def holds(self, j, values):
        """Which values column j can have."""
        return holds(self.supports[j], values)

    def column(self, place, Z, group, rng, wanted=None, codes=None):
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
        wanted : ndarray of shape (n_codes,) of bool, default=None
            Codes of the column among which values are drawn; None for all.
        codes : ndarray of shape (n, d) of int, default=None
            Codes of the earlier columns, from earlier calls; this column's are added. Saves
            encoding `Z` again.

        Returns
        -------
        values : ndarray of shape (n,)
            Encoded values, NaN for missing cells; arbitrary ones where the probability is 0.
        probability : ndarray of shape (n,) or None
            Probability of the wanted codes given the earlier columns; None without them.
        """
        j = self.order[place]
        support = self.supports[j]
        if codes is None:
            codes = np.zeros(Z.shape, dtype=np.int32, order="F")
            for k in self.order[:place]:
                codes[:, k] = self.supports[k].encode(Z[:, k])
        values, probability = np.empty(len(group)), np.empty(len(group))
        for g in np.unique(group).tolist():
            rows = np.flatnonzero(group == g)
            shown = [group[rows], *(codes[rows, k] for k in self.order[:place])]
            forest = self.forests[self.part_of[g]][place]
            drawn, probability[rows] = forest.draw(shown, g, rng, self._taste(g, j, wanted))
            drawn = support.replaced(drawn, self.low[g, j], self.high[g, j], rng)
            values[rows] = support.decode(drawn, self.low[g, j], self.high[g, j], rng)
        codes[:, j] = support.encode(values)
        return values, None if wanted is None else probability


def _some_rows(group, g, rng):
    """Rows of a class, or all rows where that is None; at most `FILLING_ROWS`, chosen at random."""
    n = len(group)
    if g is None:
        return slice(None) if n <= FILLING_ROWS else np.sort(rng.permutation(n)[:FILLING_ROWS])
    return np.flatnonzero(group == g)
