"""Marginal of one column within one class: values to cumulative probabilities and back."""

from copy import copy

import numpy as np
from scipy.special import ndtri

MAX_KNOTS = 4_096
TAIL_KNOTS = 64
#: Numbers beyond this are scaled down, so that differences and slopes stay finite.
HUGE, SHIFT = 2.0**950, 64
#: The extreme values are moved inwards by this fraction of the distance to their neighbour.
INSET = 0.01
#: Probabilities that differ by no more are equal.
ROUNDING = 1e-12


class NumberQuantiles:
    """Piecewise linear quantile function of a numeric column; tied values are atoms.

    A value of a single row is not stored: its probability is spread uniformly between the midpoints
    to its neighbours.

    Parameters
    ----------
    values : ndarray of shape (u,)
        Distinct values, ascending.
    counts : ndarray of shape (u,)
        Number of rows with each value.
    observed_only : bool
        Whether nothing between the observed values may be drawn.
    slack : sequence of float, default=(0, 0)
        How far the extremes had been drawn in; the next powers of two are kept, for `reach`.
    """

    def __init__(self, values, counts, *, observed_only, slack=(0.0, 0.0)):
        self.n = int(counts.sum())
        values = values.astype(np.float64)
        self.shift = SHIFT if max(-values[0], values[-1]) > HUGE else 0
        values = np.ldexp(values, -self.shift)
        atom = (counts > 1) | observed_only | (len(values) == 1)
        self.observed_only = observed_only
        slack = np.ldexp(np.asarray(slack, dtype=np.float64), -self.shift)
        self.slack = np.where(slack > 0, np.ldexp(1.0, np.frexp(slack)[1]), 0.0)
        gaps = np.diff(values)
        ends = [values[:1], values[:-1] + gaps / 2, values[-1:]]
        if len(gaps):
            ends[0], ends[2] = ends[0] + INSET * gaps[:1], ends[2] - INSET * gaps[-1:]
        ends = np.concatenate(ends)
        edges = np.concatenate([[0.0], np.cumsum(counts) / self.n])
        knots = np.column_stack(
            [np.where(atom, values, ends[:-1]), np.where(atom, values, ends[1:])]
        )
        self._keep(np.column_stack([edges[:-1], edges[1:]]).ravel(), knots.ravel())

    def _keep(self, probabilities, values):
        """Store the knots: without repetitions, and at most about `MAX_KNOTS`."""
        again = (np.diff(probabilities) == 0) & (np.diff(values) == 0)
        distinct = np.flatnonzero(np.concatenate([[True], ~again]))
        if len(distinct) > MAX_KNOTS:
            distinct = distinct[_thinned(probabilities[distinct], values[distinct])]
        self.probabilities, self.values = probabilities[distinct], values[distinct]

    def decode(self, share):
        """Values at the probabilities `share` (quantile function)."""
        return np.ldexp(np.interp(share, self.probabilities, self.values), self.shift)

    def range(self):
        """Minimum and maximum of the generated values."""
        return np.ldexp(self.values[[0, -1]], self.shift)

    def reach(self):
        """Least and largest value that the class had, and a little more where one was drawn in."""
        ends = self.values[[0, -1]]
        if len(self.values) > 1:
            ends = ends - (self.values[[1, -2]] - ends) * INSET / (0.5 - INSET)
        slack = (self.slack + 8 * np.spacing(np.abs(ends).max())) * np.array([-1.0, 1.0])
        limit = np.ldexp(np.finfo(np.float64).max, -self.shift)
        return np.ldexp(np.clip(ends + slack, -limit, limit), self.shift)

    def atoms(self):
        """The possible values, if only observed ones may be generated."""
        return np.ldexp(self.values, self.shift)

    def interval(self, value):
        """Interval of probabilities of a value: proper for an atom, else a point."""
        value = np.ldexp(value, -self.shift)
        first, last = (np.searchsorted(self.values, value, side=side) for side in ("left", "right"))
        if last - first > 1:
            return self.probabilities[first], self.probabilities[last - 1]
        share = np.clip(self.below(np.ldexp(value, self.shift)), 0.5 / self.n, 1 - 0.5 / self.n)
        return share, share

    def between(self, low, high):
        """Interval of probabilities of the values from `low` to `high`, both included."""
        first, last = self.strictly_below(low), 1 - self._mirrored().strictly_below(-high)
        return (first, last) if last - first > ROUNDING else (first, first)

    def strictly_below(self, value):
        """Probability of the values below a value, without an atom there."""
        value = np.ldexp(value, -self.shift)
        place = int(np.searchsorted(self.values, value, side="left"))
        if place == 0:
            return 0.0
        if place == len(self.values):
            return 1.0
        if self.values[place] == value:
            return float(self.probabilities[place])
        ends = slice(place - 1, place + 1)
        return float(np.interp(value, self.values[ends], self.probabilities[ends]))

    def _mirrored(self):
        """Quantiles of the column with its sign changed."""
        other = copy(self)
        other.values, other.probabilities = -self.values[::-1], 1 - self.probabilities[::-1]
        return other

    def below(self, value):
        """Distribution function at a value; at an atom half of its probability counts."""
        return np.interp(
            np.ldexp(value, -self.shift), *_strictly_rising(self.values, self.probabilities)
        )


def _thinned(probabilities, values):
    """Knots to keep: evenly spaced probabilities, finer in both tails, ends of every wide atom.

    Between the last two evenly spaced probabilities of 300,000 rows there are 150 of these, of
    which a straight line would make a much heavier tail.
    """
    tail = np.geomspace(1e-6, 2 / MAX_KNOTS, TAIL_KNOTS)
    wanted = np.concatenate([tail, np.linspace(0, 1, MAX_KNOTS // 2 - 2 * TAIL_KNOTS), 1 - tail])
    even = np.searchsorted(probabilities, wanted).clip(max=len(probabilities) - 1)
    wide = np.flatnonzero((np.diff(values) == 0) & (np.diff(probabilities) > 2 / MAX_KNOTS))
    return np.unique(np.concatenate([even, wide, wide + 1, [0, len(probabilities) - 1]]))


def _strictly_rising(values, probabilities):
    """Distinct values and the midpoints of their probability intervals."""
    distinct, first, counts = np.unique(values, return_index=True, return_counts=True)
    return distinct, (probabilities[first] + probabilities[first + counts - 1]) / 2


class LevelQuantiles:
    """Codes as adjacent intervals of probability.

    Parameters
    ----------
    order : ndarray of shape (n_codes,)
        Codes in the order of their intervals.
    weights : ndarray of shape (n_codes,)
        Positive weight of each code, by code.
    missing : int, default=None
        The code that stands for a missing cell.
    """

    def __init__(self, order, weights, missing=None):
        self.order, self.missing = order, missing
        self.edges = np.concatenate([[0.0], np.cumsum(weights[order])])
        self.edges /= self.edges[-1]

    def decode(self, share):
        """Codes at the probabilities `share`, as floats; NaN where a cell is missing."""
        codes = self.order[np.searchsorted(self.edges[1:-1], share, side="right")]
        if self.missing is None:
            return codes
        return np.where(codes == self.missing, np.nan, codes)

    def between(self, low, high):
        """Probability interval of the codes from `low` to `high`, of a column of numbers."""
        inside = np.flatnonzero((self.order >= low) & (self.order <= high))
        if self.missing is not None:
            inside = inside[self.order[inside] != self.missing]
        if not len(inside):
            return 0.0, 0.0
        return self.edges[inside[0]], self.edges[inside[-1] + 1]

    def interval(self, code):
        """Probability interval of a code; NaN is the missing cell."""
        code = self.missing if np.isnan(code) else code
        place = int(np.flatnonzero(self.order == code)[0])
        return self.edges[place], self.edges[place + 1]


def interval_scores(counts):
    """Mean of a standard normal variable within each of a sequence of adjacent intervals.

    Parameters
    ----------
    counts : ndarray of shape (u,)
        Weight of each interval, from the lowest to the highest.

    Returns
    -------
    scores : ndarray of shape (u,)
        Their weighted mean is 0, their weighted variance at most 1. Empty intervals score 0.
    """
    total = counts.sum()
    density = _density(ndtri(np.concatenate([[0.0], np.cumsum(counts) / total])))
    return -np.diff(density) * np.divide(total, counts, out=np.zeros(len(counts)), where=counts > 0)


def hermite_coefficients(counts, n_terms):
    """Coefficients of the step function of `interval_scores` in normalised Hermite polynomials.

    Parameters
    ----------
    counts : ndarray of shape (u,)
        Weight of each interval.
    n_terms : int
        Degrees 1 to `n_terms`.

    Returns
    -------
    coefficients : ndarray of shape (n_terms,)
        Sum of squares: the variance of the scores, as `n_terms` grows.
    """
    scores = interval_scores(counts)
    edge = ndtri(np.cumsum(counts)[:-1] / counts.sum())
    edge = np.clip(edge, -40, 40)  # where the density is 0, the polynomial must stay finite
    # The integral of He_k over an interval is the difference of -He_{k-1} times the density.
    jumps = np.diff(scores) * _density(edge)
    before, now = np.zeros_like(edge), np.ones_like(edge)
    coefficients = np.empty(n_terms)
    for k in range(1, n_terms + 1):
        coefficients[k - 1] = (jumps * now).sum() / np.sqrt(k)
        before, now = now, (edge * now - np.sqrt(k - 1) * before) / np.sqrt(k)
    return coefficients


def _density(z):
    """Density of the standard normal distribution; 0 at infinity."""
    return np.exp(-0.5 * z * z) / np.sqrt(2 * np.pi)
