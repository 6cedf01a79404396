"""Margins that are given, not learnt: ranks within a class, scores and shares set at the end."""

import numpy as np
import torch
from scipy.special import ndtri

from ._encoding import ModeSpecificBlock, QuantileBlock
from ._nets import Head
from ._quantiles import NumberQuantiles
from ._shares import fitted_shifts

#: A class with fewer cells in a column has no margin of its own there.
FEW_CELLS = 30
N_LEVELS = 256
#: Drawn numbers of a class and column that a model keeps, evenly among them in order.
KEPT = 4_096


class ClassQuantileBlock:
    """A continuous column as normal scores of its ranks within each class, and back.

    What a class of 30 rows or more looks like in one column is then known before any training,
    and a network has only the dependence to learn. Smaller classes share the ranks of all rows.
    """

    n_scalars, width = 1, 0
    bounded, by_class = False, True

    def __init__(self, x, group):
        self.pooled = QuantileBlock(x, group)
        counts = np.bincount(group)
        alone = np.count_nonzero(counts) == 1
        self.own = {
            g: self.pooled if alone else QuantileBlock(x[group == g], group[group == g])
            for g in np.flatnonzero(counts >= (1 if alone else FEW_CELLS)).tolist()
        }

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


class ClassMargins:
    """What turns a network's rows of one class into rows with the class's own margins.

    A network learns a margin only roughly. Its scores are replaced by the normal scores of their
    ranks among the scores that it draws for the class, and the logits of its codes are shifted
    until these come in their shares: the dependence is the network's, the margins are given.

    Parameters
    ----------
    encoder : BlockEncoder
        How rows are encoded.
    group : int
        Class index.
    logits : tensor of shape (n, width)
        The network's output for rows of the class.
    shares : ndarray
        Share of each code in the class.
    """

    def __init__(self, encoder, group, logits, shares):
        blocks = [encoder.blocks[j] for j in encoder.scalar_columns]
        own = [k for k, block in enumerate(blocks) if group in getattr(block, "own", ())]
        levels = (np.arange(N_LEVELS) + 0.5) / N_LEVELS
        self.columns, self.normal = np.array(own, dtype=np.int64), ndtri(levels)
        knots = np.quantile(logits[:, own].numpy(), levels, axis=0) if own else np.empty((1, 0))
        self.knots = np.ascontiguousarray(knots.T, dtype=np.float64)
        layout = encoder.layout
        self.head = Head(layout)
        self.shifts = None
        if layout.widths:
            wanted = torch.as_tensor(shares, dtype=logits.dtype)
            self.shifts = fitted_shifts(self.head, logits, wanted)

    def drawn(self, logits, random):
        """Scalars and codes of rows.

        Parameters
        ----------
        logits : tensor of shape (n, width)
            The network's output.
        random : torch.Generator
            Source of the codes.

        Returns
        -------
        scalars : ndarray of shape (n, n_scalars)
        codes : ndarray of shape (n, n_spans)
        """
        scalars = self.head.scalars(logits).numpy()
        codes = np.empty((len(logits), 0), dtype=np.int64)
        if self.shifts is not None:
            codes = self.head.sample_codes(logits, self.shifts, random).numpy()
        for column, knots in zip(self.columns, self.knots):
            scalars[:, column] = piecewise_linear(scalars[:, column], knots, self.normal)
        return scalars, codes


def piecewise_linear(x, knots, values):
    """Linear interpolation between knots, with slope 1 beyond the first and the last one.

    Parameters
    ----------
    x : ndarray of shape (n,)
        Numbers; NaN stays.
    knots, values : ndarray of shape (m,)
        Where values are known, ascending; and the values.

    Returns
    -------
    ndarray of shape (n,)
    """
    beyond = np.minimum(x - knots[0], 0) + np.maximum(x - knots[-1], 0)
    return np.interp(x, knots, values) + beyond


class DrawnMargins:
    """What brings numbers drawn for one class to the ranks of the class's own.

    For columns that a network makes as a value and not as a score: each number takes the quantile
    of the class at the share of the class's drawn numbers below it. Their order stays, but for
    equal numbers and those beyond all drawn at first, and with it the dependence between columns.

    Parameters
    ----------
    drawn : ndarray of shape (n, d)
        Rows drawn for the class, NaN where a cell is missing.
    wanted : dict of int to NumberQuantiles
        The class's quantiles, by column.
    """

    def __init__(self, drawn, wanted):
        self.margins = []
        for j, quantiles in wanted.items():
            there = np.sort(drawn[~np.isnan(drawn[:, j]), j])
            if len(there):
                picked = (np.arange(KEPT) + 0.5) * len(there) / KEPT
                kept = there[picked.astype(np.intp)] if len(there) > KEPT else there
                self.margins.append((j, kept, quantiles))

    def place(self, out, rng):
        """Bring the numbers of rows to their margins, in place."""
        for j, drawn, quantiles in self.margins:
            there = np.flatnonzero(~np.isnan(out[:, j]))
            out[there, j] = quantiles.decode(shares_below(drawn, out[there, j], rng))


def shares_below(ordered, x, rng):
    """Share of a column that lies below each number, between two of its values by interpolation.

    Parameters
    ----------
    ordered : ndarray of shape (m,)
        The column, ascending.
    x : ndarray of shape (n,)
        Numbers; those equal to several values spread over the ranks of these.
    rng : RandomState
        Source of the draws among ranks.

    Returns
    -------
    shares : ndarray of shape (n,)
        In [0, 1].
    """
    first = np.searchsorted(ordered, x)
    last, equal = first.copy(), np.flatnonzero(ordered[first.clip(max=len(ordered) - 1)] == x)
    last[equal] = np.searchsorted(ordered, x[equal], side="right")
    draws = rng.uniform(size=len(x))
    within = np.where(last - first > 1, draws, 0.5)
    low, high = (ordered[at.clip(0, len(ordered) - 1)] / 2 for at in (first - 1, first))
    inner = (first == last) & (high > low)  # halves: the gap of two huge numbers is infinite
    beyond = (draws + (first == 0)) / 2  # above the last value, or below the first
    between = np.divide(x / 2 - low, high - low, out=beyond, where=inner)
    ranks = np.where(first < last, first + within * (last - first), first - 0.5 + between)
    return ranks / len(ordered)


def class_quantiles(Z, group, encoder):
    """Quantiles of each class in the columns that are encoded by their values.

    Parameters
    ----------
    Z : ndarray of shape (n, d)
        Encoded table, NaN where a cell is missing.
    group : ndarray of shape (n,) of int
        Class index of each row.
    encoder : BlockEncoder
        How rows are encoded.

    Returns
    -------
    list of dict of int to NumberQuantiles
        For each class, by column; none where the class has fewer than 30 cells.
    """
    columns = [j for j, b in enumerate(encoder.blocks) if isinstance(b, ModeSpecificBlock)]
    found = [{} for _ in range(int(group.max()) + 1)]
    for g, quantiles in enumerate(found):
        for j in columns:
            cells = Z[group == g, j]
            values, counts = np.unique(cells[~np.isnan(cells)], return_counts=True)
            if counts.sum() >= FEW_CELLS:
                quantiles[j] = NumberQuantiles(values, counts, observed_only=False)
    return found
