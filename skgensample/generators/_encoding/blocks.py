"""Encodings of one column: constant, categorical, normal scores of ranks, mixture modes.

A missing cell (NaN) of a discrete column is one more of its values. A continuous column with
missing cells is accompanied by a missingness indicator; columns that are missing in the same rows
share one indicator, so that they are missing together in generated rows too.
"""

import numpy as np
from scipy.special import ndtr, ndtri

from .mixture import ascending, fit_mixture, mirrored
from .quantiles import NumberQuantiles

#: Codes of a column. With 1,024 training takes twice as long and the frequencies of levels are no
#: more accurate (benchmarks/generators/bench_encoding.py).
MAX_LEVELS = 256
DISCRETE_LEVELS = 20
ROWS_PER_LEVEL = 10
#: Classes with fewer observed cells in a column share the marginal of all rows.
FEW_CELLS = 30


class Block:
    """How one column is encoded: at most one scalar and at most one code.

    Attributes
    ----------
    n_scalars : int
        Scalars of a row: 0 or 1.
    width : int
        Number of categories of the code; 0 where there is none.
    bounded : bool
        Whether scalars lie in [-1, 1].
    by_class : bool
        Whether a value is encoded relative to the rows of its class.
    own : dict or tuple
        Class indices with an encoding of their own.
    """

    n_scalars = width = 0
    bounded = by_class = False
    own = ()

    def forget(self):
        """Drop what only encoding needs; nothing by default."""


class ConstantBlock(Block):
    """A column of one value: nothing to learn."""

    def __init__(self, value):
        self.value = value

    def encode(self, x, rng, group=None):
        """Return no scalar and no code."""
        return None, None

    def decode(self, scalar, code, group, rng):
        """Repeat the value."""
        return self.value


class DiscreteBlock(Block):
    """A column of few values, as codes; beyond `max_levels` the rarer ones share the last code.

    A missing cell counts as a value. A shared code is decoded by drawing among its values with the
    frequencies that they have in the row's group.
    """

    max_levels = MAX_LEVELS

    def __init__(self, x, group):
        self.values, level, counts = np.unique(x, return_inverse=True, return_counts=True)
        n_levels = len(counts)
        self.width = min(n_levels, self.max_levels)
        self.codes, self.pooled = np.arange(n_levels), None
        if n_levels > self.max_levels:
            order = np.argsort(-counts, kind="stable")
            self.codes[order] = np.minimum(np.arange(n_levels), self.width - 1)
            self.values_of = order[: self.width]
            self.pooled = order[self.width - 1 :]
            self.cumulated = _cumulated_pools(level, group, self.pooled, n_levels)

    def encode(self, x, rng, group=None):
        """Return the code of each value."""
        return None, self.codes[np.searchsorted(self.values, x)]

    def decode(self, scalar, code, group, rng):
        """Values of the codes, always observed ones."""
        if self.pooled is None:
            return self.values[code]
        level = self.values_of[code]
        shared = code == self.width - 1
        draws = rng.uniform(size=int(shared.sum()))
        level[shared] = self.pooled[np.searchsorted(self.cumulated[group], draws, side="right")]
        return self.values[level]


def _cumulated_pools(level, group, pooled, n_levels):
    """Cumulated frequencies of the pooled levels in each group, or in all rows if it has none."""
    totals = np.bincount(level, minlength=n_levels)[pooled]
    rows = []
    for g in range(group.max() + 1):
        counts = np.bincount(level[group == g], minlength=n_levels)[pooled]
        shares = (counts if counts.any() else totals).cumsum()
        rows.append(shares / shares[-1])
    return rows


class QuantileBlock(Block):
    """A continuous column as normal scores of its ranks, and back through its quantiles.

    Outliers and scale do not matter, and decoded values stay inside the observed range. Tied
    values spread over the ranks that they share, so a spike keeps its share of the rows. Other
    values come back spread between the middles of the distances to their neighbours: the value of
    a single row is not kept.
    """

    n_scalars = 1

    def __init__(self, x, group):
        ordered = ascending(x.astype(np.float64))
        starts = np.flatnonzero(np.append(True, ordered[1:] != ordered[:-1]))
        counts = np.diff(starts, append=len(x))
        self.quantiles = NumberQuantiles(ordered[starts], counts, observed_only=False)
        self.ordered = ordered.astype(x.dtype)

    def encode(self, x, rng, group=None):
        """Return the normal score of each value's rank."""
        u = x.astype(np.float64)
        order = u.argsort()
        ascending = u[order]  # sorted look-ups are many times faster: they stay in the cache
        first, last = np.empty((2, len(u)), dtype=np.intp)
        first[order] = np.searchsorted(self.ordered, ascending, side="left")
        last[order] = np.searchsorted(self.ordered, ascending, side="right")
        within = np.where(last - first > 1, rng.uniform(size=len(u)), 0.5)
        rank = np.clip(first + within * (last - first), 0.5, len(self.ordered) - 0.5)
        return ndtri(rank / len(self.ordered)), None

    def forget(self):
        """Drop what only encoding needs: all values of the column."""
        self.ordered = None

    def decode(self, scalar, code, group, rng):
        """Values at the quantiles of the scores."""
        return self.quantiles.decode(ndtr(scalar.astype(np.float64)))


class ClassQuantileBlock(Block):
    """A continuous column as normal scores of its ranks within each class, and back.

    The marginals of a class of 30 rows or more are then given before any training, and the network
    has only the dependence between columns to learn. Smaller classes share the ranks of all rows.
    """

    n_scalars, by_class = 1, True

    def __init__(self, x, group):
        self.pooled = QuantileBlock(x, group)
        counts = np.bincount(group)
        alone = np.count_nonzero(counts) == 1
        self.own = {
            g: self.pooled if alone else QuantileBlock(x[group == g], group[group == g])
            for g in np.flatnonzero(counts >= (1 if alone else FEW_CELLS)).tolist()
        }
        if not alone and len(self.own) == np.count_nonzero(counts):
            self.pooled.forget()  # all rows are encoded within their class

    def encode(self, x, rng, group):
        """Return the normal score of each value's rank."""
        scores = np.empty(len(x))
        for g in np.unique(group):
            rows = group == g
            scores[rows] = self.own.get(g, self.pooled).encode(x[rows], rng)[0]
        return scores, None

    def forget(self):
        """Drop what only encoding needs."""
        for block in (self.pooled, *self.own.values()):
            block.forget()

    def decode(self, scalar, code, group, rng):
        """Values at the quantiles of the scores; `group` is the class index of all of them."""
        return self.own.get(group, self.pooled).decode(scalar, code, group, rng)


class ModeSpecificBlock(Block):
    """A continuous column as a mixture mode and the distance from its mean in standard deviations.

    The paper's unit is 4 standard deviations. Distances would then vary by a quarter while one-hot
    codes vary by one; a critic of gradient norm 1 would barely see them, and the networks would
    learn the codes first and the dependence between columns late.
    """

    n_scalars = 1

    def __init__(self, x, group):
        self.mixture = fit_mixture(x)
        self.width = self.mixture.n_modes if self.mixture.n_modes > 1 else 0

    def encode(self, x, rng, group=None):
        """Each value's most probable mode, and its distance."""
        alpha, modes = self.mixture.split(x)
        return 4 * alpha, modes if self.width else None

    def decode(self, scalar, code, group, rng):
        """Values from the modes and the distances."""
        code = np.zeros(len(scalar), dtype=np.intp) if code is None else code
        return self.mixture.join(mirrored(scalar / 4), code)


class MissingPatternBlock(Block):
    """Whether the cells of some columns are missing, as a code: 1 where they are.

    Parameters
    ----------
    columns : list of int
        Columns of ``Z`` that are missing in the same rows.
    """

    width = 2

    def __init__(self, columns):
        self.columns = columns

    def encode(self, Z):
        """Return the code of each row."""
        return np.isnan(Z[:, self.columns[0]])

    def decode(self, code, out):
        """Set the missing cells to NaN."""
        out[np.ix_(code == 1, self.columns)] = np.nan


#: Blocks whose codes are a column's own, not mixture modes.
DISCRETE = (DiscreteBlock, MissingPatternBlock)


def is_discrete(ordered, column):
    """Whether all values of a column are levels: categories, or few values seen often.

    Two values of two rows are no levels: each would be repeated in half of the new rows.

    Parameters
    ----------
    ordered : ndarray of shape (n,)
        Its cells, ascending, without the missing ones.
    column : Column
        Its description.
    """
    if column.kind in ("binary", "categorical"):
        return True
    n_values = len(ordered) and 1 + np.count_nonzero(ordered[1:] != ordered[:-1])
    if n_values == len(ordered) == 2:
        return False
    return n_values <= max(2, min(DISCRETE_LEVELS, len(ordered) // ROWS_PER_LEVEL))


def choose_block(x, gap, column, continuous, group):
    """Choose the encoding of one column; `gap` marks missing cells."""
    there = np.sort(x[~gap] if gap.any() else x)
    constant = not len(there) or there[0] == there[-1]
    if constant and len(there) in (0, len(x)):
        return ConstantBlock(x[0])
    if is_discrete(there, column):
        return DiscreteBlock(x, group)
    if continuous.by_class:  # needs the class of each value, in row order
        return continuous(x[~gap], group[~gap])
    return continuous(there, group)
