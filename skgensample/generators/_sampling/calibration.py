"""Calibration of per-class marginals after training.

Scalars are mapped to the normal scores of their ranks, generated numbers to the quantiles of their
class, and the logits of categories get offsets that match their frequencies. The network keeps the
dependence between columns, which is all that it has to learn.
"""

import numpy as np
import torch
from scipy.special import ndtri

from .._networks.head import Head

N_LEVELS = 256
#: Generated numbers that a model stores per class and column, evenly spaced in rank.
KEPT = 4_096
ROUNDS = 15
#: Generated rows of a class on which calibration is fitted while early stopping evaluates.
ROWS = 4_096


class MarginalCalibrator:
    """Calibrates a network's output for one class to the marginals of the class.

    A network learns marginals only roughly. Its scores are replaced by the normal scores of their
    ranks among the scores that it generates for the class, and offsets are added to the logits of
    codes until these have their frequencies in the class.

    Parameters
    ----------
    encoder : BlockEncoder
        How rows are encoded.
    group : int
        Class index.
    logits : tensor of shape (n, width)
        The network's output for rows of the class.
    frequencies : ndarray
        Frequency of each code in the class.
    """

    def __init__(self, encoder, group, logits, frequencies):
        blocks = [encoder.blocks[j] for j in encoder.scalar_columns]
        own = [k for k, block in enumerate(blocks) if group in block.own]
        levels = (np.arange(N_LEVELS) + 0.5) / N_LEVELS
        self.columns, self.normal = np.array(own, dtype=np.int64), ndtri(levels)
        knots = np.quantile(logits[:, own].numpy(), levels, axis=0) if own else np.empty((1, 0))
        self.knots = np.ascontiguousarray(knots.T, dtype=np.float64)
        layout = encoder.layout
        self.head = Head(layout)
        self.offsets = None
        if layout.widths:
            wanted = torch.as_tensor(frequencies, dtype=logits.dtype)
            self.offsets = logit_offsets(self.head, logits, wanted)

    def transform(self, logits, random):
        """Calibrated scalars and sampled codes of rows.

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
        if self.offsets is not None:
            codes = self.head.sample_codes(logits, self.offsets, random).numpy()
        for column, knots in zip(self.columns, self.knots):
            scalars[:, column] = piecewise_linear(scalars[:, column], knots, self.normal)
        return scalars, codes


def piecewise_linear(x, knots, values):
    """Linear interpolation between knots, going on beyond them with the mean slope.

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
    spread = knots[-1] - knots[0]
    slope = (values[-1] - values[0]) / spread if spread > 0 else 1.0
    beyond = np.minimum(x - knots[0], 0) + np.maximum(x - knots[-1], 0)
    return np.interp(x, knots, values) + slope * beyond


class QuantileMapper:
    """Quantile mapping of the numbers generated for one class to the quantiles of the class.

    For columns that a network generates as a value and not as a score: each number takes the
    quantile of the class at its rank among the numbers generated for that class. Ranks are kept,
    and with them the dependence between columns.

    Parameters
    ----------
    drawn : ndarray of shape (n, d)
        Rows generated for the class, NaN where a cell is missing.
    wanted : dict of int to NumberQuantiles
        The class's quantiles, by column.
    """

    def __init__(self, drawn, wanted):
        self.columns = []
        for j, quantiles in wanted.items():
            there = np.sort(drawn[~np.isnan(drawn[:, j]), j])
            if len(there):
                picked = (np.arange(KEPT) + 0.5) * len(there) / KEPT
                kept = there[picked.astype(np.intp)] if len(there) > KEPT else there
                self.columns.append((j, kept, quantiles))

    def transform_(self, out, rng):
        """Map the numbers of rows, in place."""
        for j, generated, quantiles in self.columns:
            there = np.flatnonzero(~np.isnan(out[:, j]))
            out[there, j] = quantiles.decode(empirical_cdf(generated, out[there, j], rng))


def empirical_cdf(ordered, x, rng):
    """Empirical distribution function of a column at given numbers, interpolated between values.

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
    probabilities : ndarray of shape (n,)
        In [0, 1].
    """
    first = np.searchsorted(ordered, x)
    last, equal = first.copy(), np.flatnonzero(ordered[first.clip(max=len(ordered) - 1)] == x)
    last[equal] = np.searchsorted(ordered, x[equal], side="right")
    draws = rng.uniform(size=len(x))
    within = np.where(last - first > 1, draws, 0.5)
    low, high = (ordered[at.clip(0, len(ordered) - 1)] / 2 for at in (first - 1, first))
    inner = (first == last) & (high > low)  # halves: the difference of two huge numbers is infinite
    beyond = (draws + (first == 0)) / 2  # above the last value, or below the first
    between = np.divide(x / 2 - low, high - low, out=beyond, where=inner)
    ranks = np.where(first < last, first + within * (last - first), first - 0.5 + between)
    return ranks / len(ordered)


def logit_offsets(head, logits, frequencies):
    """Offsets of the spans' logits with which the mean probabilities are the given frequencies.

    Generalised iterative scaling [1]_. Of all distributions with these frequencies, the result is
    nearest to the network's in Kullback-Leibler divergence: the learnt dependence is kept.

    Parameters
    ----------
    head : Head
        Interpretation of the logits.
    logits : tensor of shape (n, width)
        A network's output for rows of one class.
    frequencies : tensor of shape (width of all spans,)
        Frequencies wanted, none of them 0.

    Returns
    -------
    offsets : tensor of shape (width of all spans,)

    References
    ----------
    .. [1] J. N. Darroch, D. Ratcliff, "Generalized iterative scaling for log-linear models",
       Annals of Mathematical Statistics 43(5), 1972.
    """
    wanted = frequencies.log()
    offsets = torch.zeros_like(wanted)
    for _ in range(ROUNDS):
        offsets += wanted - head.mean_probabilities(logits, offsets).log()
    return offsets
