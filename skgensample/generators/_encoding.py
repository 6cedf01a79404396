"""Blocks that turn columns into scalars and codes, never into a one-hot of all rows.

A row is kept as a few float32 scalars (one for each continuous column) and integer codes (one for
each discrete column and each mixture mode); networks expand the codes of one batch at a time.

A missing cell (NaN) of a discrete column is one more of its values. A continuous column with
missing cells has a code beside its value that says whether the cell is there; columns that miss
the same rows share that code, so that what was missing together stays missing together.
"""

from dataclasses import dataclass
from itertools import groupby

import numpy as np
from scipy.special import ndtr, ndtri

from ._marginals import ascending, fit_mixture

#: Codes of a column; measured by benchmarks/generators/bench_encoding.py: with 1,024 training takes
#: twice as long and the levels' frequencies come out no better.
MAX_LEVELS = 256
DISCRETE_LEVELS = 20
ROWS_PER_LEVEL = 10
MAX_KNOTS = 4_096


@dataclass(frozen=True)
class Layout:
    """How a network's output is laid out: scalars first, then one span of logits for each code.

    Parameters
    ----------
    n_scalars : int
        Leading columns.
    widths : tuple of int
        Width of each span, ascending, so that spans of one width lie side by side.
    bounded : bool
        Whether scalars lie in [-1, 1] (tanh) or anywhere.
    """

    n_scalars: int
    widths: tuple
    bounded: bool

    @property
    def starts(self):
        """First column of each span."""
        return self.n_scalars + np.cumsum((0, *self.widths[:-1]), dtype=np.intp)[: len(self.widths)]

    @property
    def width(self):
        """Columns in all."""
        return self.n_scalars + sum(self.widths)

    @property
    def runs(self):
        """(number of spans, width) of each run of spans of equal width."""
        return [(len(list(run)), width) for width, run in groupby(self.widths)]


class ConstantBlock:
    """A column of one value: nothing to learn."""

    n_scalars, width = 0, 0

    def __init__(self, value):
        self.value = value

    def encode(self, x, rng):
        """Return no scalar and no code."""
        return None, None

    def decode(self, scalar, code, group, rng):
        """Repeat the value."""
        return self.value


class DiscreteBlock:
    """A column of few values, as codes; beyond `max_levels` the rarer ones share the last code.

    A missing cell counts as a value. A shared code is decoded by drawing among its values with the
    frequencies that they have in the row's group.
    """

    n_scalars = 0
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

    def encode(self, x, rng):
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


class QuantileBlock:
    """A continuous column as normal scores of its ranks, and back through its observed quantiles.

    Outliers and scale do not matter, and decoded values stay inside the observed range. Tied
    values spread over the ranks that they share, so a spike keeps its share of the rows.
    """

    n_scalars, width = 1, 0
    bounded = False

    def __init__(self, x, group):
        self.exponent = int(np.frexp(np.abs(x).max())[1])
        self.ordered = ascending(self._scaled(x))
        picked = np.linspace(0, len(x) - 1, min(len(x), MAX_KNOTS)).round().astype(np.intp)
        self.knots, self.levels = self.ordered[picked], (picked + 0.5) / len(x)

    def encode(self, x, rng):
        """Return the normal score of each value's rank."""
        u = self._scaled(x)
        order = u.argsort()
        ascending = u[order]  # looked up in order, which is many times quicker
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
        share = ndtr(scalar.astype(np.float64))
        return np.ldexp(np.interp(share, self.levels, self.knots), self.exponent)

    def _scaled(self, x):
        """Values below 1, exactly: the largest floats can then be subtracted."""
        return np.ldexp(x.astype(np.float64), -self.exponent)


class ModeSpecificBlock:
    """A continuous column as a mixture mode and the distance from its mean in deviations.

    In the paper's unit, 4 deviations, distances would vary by a quarter where codes vary by one: a
    critic of slope 1 would see little of them, and networks learn codes first and dependence late.
    """

    n_scalars = 1
    bounded = False

    def __init__(self, x, group):
        self.mixture = fit_mixture(x)
        self.width = self.mixture.n_modes if self.mixture.n_modes > 1 else 0

    def encode(self, x, rng):
        """Each value's most probable mode, and its distance."""
        alpha, modes = self.mixture.split(x)
        return 4 * alpha, modes if self.width else None

    def decode(self, scalar, code, group, rng):
        """Values from the modes and the distances."""
        code = np.zeros(len(scalar), dtype=np.intp) if code is None else code
        return self.mixture.join(np.clip(scalar / 4, -1, 1), code)


class GapBlock:
    """Whether the cells of some columns are missing, as a code: 1 where they are.

    Parameters
    ----------
    columns : list of int
        Columns of ``Z`` that miss the same rows.
    """

    n_scalars, width = 0, 2

    def __init__(self, columns):
        self.columns = columns

    def encode(self, Z):
        """Return the code of each row."""
        return np.isnan(Z[:, self.columns[0]])

    def decode(self, code, out):
        """Take out the cells that are missing."""
        out[np.ix_(code == 1, self.columns)] = np.nan


class BlockEncoder:
    """One block for each column of ``Z``, one for each pattern of missing cells, and their layout.

    Parameters
    ----------
    Z : ndarray of shape (n, d)
        Encoded table, NaN where a cell is missing.
    columns : list of Column
        Description of each column.
    continuous : type
        Block of continuous columns: `QuantileBlock` or `ModeSpecificBlock`.
    group : ndarray of shape (n,) of int
        Class index of each row.
    """

    def __init__(self, Z, columns, *, continuous, group):
        self.names = [c.name for c in columns]
        self.blocks, patterns = [], {}
        for c in columns:
            x = np.ascontiguousarray(Z[:, c.index])
            gap = np.isnan(x)
            self.blocks.append(_block(x, gap, c, continuous, group))
            if self.blocks[-1].n_scalars and gap.any():
                patterns.setdefault(gap.tobytes(), []).append(c.index)
        self.gaps = [GapBlock(missing) for missing in patterns.values()]
        units = self.blocks + self.gaps
        spans = np.flatnonzero([unit.width for unit in units])
        order = np.argsort([units[j].width for j in spans], kind="stable")
        self.span_columns = spans[order]
        self.scalar_columns = np.flatnonzero([unit.n_scalars for unit in units])
        self.discrete_spans = [
            s for s, j in enumerate(self.span_columns) if isinstance(units[j], DISCRETE)
        ]
        self.layout = Layout(
            len(self.scalar_columns),
            tuple(units[j].width for j in self.span_columns),
            continuous.bounded,
        )

    def widest(self):
        """Name and encoded width of the widest column."""
        widths = [block.width + block.n_scalars for block in self.blocks]
        j = int(np.argmax(widths))
        return self.names[j], widths[j]

    def encode(self, Z, rng, group=None):
        """Rows as float32 scalars (n, n_scalars) and int32 codes (n, number of spans).

        `group` holds their class indices, for blocks that encode by class. The value of a missing
        cell is drawn among the others of its column, so that it looks like any of them.
        """
        scalars = np.empty((len(Z), self.layout.n_scalars), dtype=np.float32)
        codes = np.empty((len(Z), len(self.layout.widths)), dtype=np.int32)
        scalar_at, span_at = self._places()
        for j, block in enumerate(self.blocks):
            x = np.ascontiguousarray(Z[:, j])
            x = _filled(x, rng) if block.n_scalars else x
            by_class = getattr(block, "by_class", False)
            scalar, code = block.encode(x, rng, group) if by_class else block.encode(x, rng)
            if scalar is not None:
                scalars[:, scalar_at[j]] = scalar
            if code is not None:
                codes[:, span_at[j]] = code
        for j, block in enumerate(self.gaps, len(self.blocks)):
            codes[:, span_at[j]] = block.encode(Z)
        return scalars, codes

    def forget(self):
        """Drop what only encoding needs; from then on it decodes."""
        for block in self.blocks:
            if hasattr(block, "forget"):
                block.forget()

    def decode(self, scalars, codes, group, rng, out):
        """Write rows into `out`; `group` is the class index of all of them."""
        scalar_at, span_at = self._places()
        for j, block in enumerate(self.blocks):
            scalar = scalars[:, scalar_at[j]] if block.n_scalars else None
            code = codes[:, span_at[j]] if block.width else None
            out[:, j] = block.decode(scalar, code, group, rng)
        for j, block in enumerate(self.gaps, len(self.blocks)):
            block.decode(codes[:, span_at[j]], out)
        return out

    def _places(self):
        """Where the scalar and the code of each block stand, two dicts."""
        return (
            {j: place for place, j in enumerate(columns.tolist())}
            for columns in (self.scalar_columns, self.span_columns)
        )


def _filled(x, rng):
    """A column with missing cells filled by draws among the others."""
    gap = np.isnan(x)
    if not gap.any():
        return x
    there = x[~gap]
    x = x.copy()
    x[gap] = there[rng.randint(len(there), size=int(gap.sum()))]
    return x


#: Blocks whose codes are a column's own, not mixture modes.
DISCRETE = (DiscreteBlock, GapBlock)


def _block(x, gap, column, continuous, group):
    """The block that suits one column; `gap` says which cells are missing."""
    there = np.sort(x[~gap] if gap.any() else x)
    n_values = len(there) and 1 + np.count_nonzero(there[1:] != there[:-1])
    if n_values <= 1 and len(there) in (0, len(x)):
        return ConstantBlock(x[0])
    few = n_values <= 2 or n_values <= min(DISCRETE_LEVELS, len(there) // ROWS_PER_LEVEL)
    if few or column.kind in ("binary", "categorical"):
        return DiscreteBlock(x, group)
    if getattr(continuous, "by_class", False):  # which needs each value beside its class
        return continuous(x[~gap], group[~gap])
    return continuous(there, group)
