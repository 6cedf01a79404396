"""Tables as integer codes for autoregressive models: categories, and quantile bins of numbers."""

import numpy as np
from scipy.special import ndtri

from .blocks import DiscreteBlock, is_discrete
from .quantiles import NumberQuantiles

#: A value with this fraction of a bin's rows, and at least `ATOM_ROWS`, is a bin of its own.
ATOM_SHARE, ATOM_ROWS = 0.5, 5
#: A column may repeat at most this many earlier ones, each in at least this fraction of the rows.
MAX_COPIED, COPIED_SHARE = 2, 0.01
N_WAVES = 16
#: Values may be asked for beyond the learnt range by this part of it: its ends were drawn in.
BEYOND = 0.25
#: Resolution that is assumed of a column without one when listed values are weighed.
TINY_STEP = 1e-9


class LevelBins:
    """A column of few values or of categories: one code for each, see `DiscreteBlock`."""

    copied, is_continuous = (), False

    def __init__(self, x, group):
        self.block = DiscreteBlock(x, group)
        self.n_inputs = self.n_codes = self.block.width

    def encode(self, x):
        """Code of each value; of an unknown one, see `holds`, an arbitrary code."""
        place = np.searchsorted(self.block.values, x).clip(max=len(self.block.values) - 1)
        return self.block.codes[place]

    def holds(self, x):
        """Which values are levels of the column."""
        return np.isin(x, self.block.values) | (np.isnan(x) & np.isnan(self.block.values).any())

    def decode(self, codes, group, rng, condition=None):
        """Values of the codes for rows of one class, among those that satisfy the condition."""
        x = self.block.decode(None, codes, group, rng).astype(np.float64)
        if condition is not None and self.block.pooled is not None:
            wrong = np.flatnonzero(~condition.mask(x))
            if len(wrong):
                values, weights = self._pool(group, condition)
                x[wrong] = values[_picked(weights, rng.uniform(size=len(wrong)))]
        return x

    def fractions(self, condition, group):
        """Fraction of each code's probability that satisfies a condition, in one class."""
        shared = self.block.pooled is not None
        values = self.block.values[self.block.values_of[:-1]] if shared else self.block.values
        found = condition.mask(values.astype(np.float64)).astype(np.float64)
        return np.append(found, self._pool(group, condition)[1].sum()) if shared else found

    def allows(self, condition):
        """Whether some value of the column satisfies a condition."""
        return bool(condition.mask(self.block.values.astype(np.float64)).any())

    def _pool(self, group, condition):
        """Values behind the shared code, and the weight of those that satisfy the condition."""
        values = self.block.values[self.block.pooled].astype(np.float64)
        weights = np.diff(self.block.cumulated[group], prepend=0.0)
        return values, weights * condition.mask(values)

    def log_density(self, x, codes):
        """Log density of values given their codes: 0, and minus infinity for unknown values."""
        return np.where(self.holds(x), 0.0, -np.inf)

    def features(self, codes):
        """Categories have no order: no smooth features."""
        return None


class QuantileBins:
    """A numeric column as quantile bins; frequent values are bins of their own.

    A value is drawn from its bin by the quantile function of the column, which keeps atoms and
    spreads the values of single rows between the midpoints to their neighbours. Missing cells have
    a code after the bins; codes after that mean "equal to an earlier column".

    Parameters
    ----------
    x : ndarray of shape (n,)
        Values, NaN where missing.
    n_bins : int
        Number of bins to aim at.
    copied : sequence of int, default=()
        Positions of earlier columns whose values this one may repeat.
    """

    is_continuous = True

    def __init__(self, x, n_bins, copied=()):
        there = x[~np.isnan(x)]
        values, counts = np.unique(there, return_counts=True)
        self.quantiles = NumberQuantiles(values, counts, observed_only=False)
        last = _last_of_bins(counts, n_bins)
        self.upper = values[last]
        self.probabilities = np.concatenate([[0.0], np.cumsum(counts)[last] / len(there)])
        lower = np.concatenate([values[:1], values[last[:-1] + 1]])
        self.atom = self.upper == lower
        self.has_missing = len(there) < len(x)
        self.n_bins, self.copied = len(last), tuple(copied)
        self.n_inputs = self.n_bins + self.has_missing
        self.n_codes = self.n_inputs + len(self.copied)

    def encode(self, x):
        """Bin of each value; the bin after the last for a missing cell, where there are some."""
        codes = np.searchsorted(self.upper, x).clip(max=self.n_bins - 1)
        return np.where(np.isnan(x), self.n_inputs - 1, codes)

    def decode(self, codes, group, rng, condition=None):
        """Values drawn from the bins, among those that satisfy the condition."""
        bins = np.minimum(codes, self.n_bins - 1)
        low, high = self.probabilities[bins], self.probabilities[bins + 1]
        if condition is not None and condition.values is not None:
            return self._listed(codes, condition.values, rng)
        if condition is not None:
            inside = self.quantiles.between(*condition.edges)
            low, high = np.clip(low, *inside), np.clip(high, *inside)
        x = self.quantiles.decode(low + rng.uniform(size=len(bins)) * (high - low))
        return np.where(codes == self.n_bins, np.nan, x) if self.has_missing else x

    def allows(self, condition):
        """Whether some value of the column satisfies a condition; far outside its range none."""
        if condition.values is not None:
            return bool(self.holds(condition.values).all())
        first, last = self.quantiles.between(*condition.edges)
        return first < last

    def _listed(self, codes, values, rng):
        """One of the listed values in each bin, at random."""
        own, uniform = self.encode(values), rng.uniform(size=len(codes))
        x = np.full(len(codes), np.nan)
        for code in np.unique(own):
            rows, among = codes == code, values[own == code]
            x[rows] = among[(uniform[rows] * len(among)).astype(np.intp)]
        return x

    def fractions(self, condition, group):
        """Fraction of each code's probability that satisfies a condition.

        That of a listed value is its density times the resolution of the column, where it is not
        a frequent value. Codes of repeated columns satisfy none here: it depends on the row.
        """
        found = np.zeros(self.n_codes)
        if condition.values is not None:
            there = condition.values[~np.isnan(condition.values)]
            codes = self.encode(there)
            step = TINY_STEP if condition.places is None else 10.0**-condition.places
            widths = np.maximum(
                np.diff(self.quantiles.decode(self.probabilities)), np.finfo(float).tiny
            )
            np.add.at(found, codes, np.where(self.atom, 1.0, np.minimum(step / widths, 1.0))[codes])
            found = np.minimum(found, 1.0)
        else:
            inside = np.diff(np.clip(self.probabilities, *self.quantiles.between(*condition.edges)))
            found[: self.n_bins] = inside / np.diff(self.probabilities)
        if self.has_missing:
            found[self.n_bins] = condition.allows_missing
        return found

    def holds(self, x):
        """Which values the column can have; far outside its range none."""
        low, high = self.quantiles.range()
        slack = BEYOND * (high - low)
        with np.errstate(invalid="ignore"):
            inside = (x >= low - slack) & (x <= high + slack)
        return inside | (np.isnan(x) & self.has_missing)

    def log_density(self, x, codes):
        """Log density of values given their codes: uniform within a bin; 0 for atoms and missing.

        Outside the learnt range it decays exponentially, on the scale of the first or last bin.
        Minus infinity for a missing cell of a column that has none.
        """
        ends = self.quantiles.decode(self.probabilities)
        width = np.maximum(np.diff(ends), np.finfo(float).tiny)
        logs = np.concatenate([np.where(self.atom, 0.0, -np.log(width)), np.zeros(2)])
        found = logs[np.minimum(codes, self.n_bins)]
        beyond = np.maximum(ends[0] - x, 0) / width[0] + np.maximum(x - ends[-1], 0) / width[-1]
        found = np.where(np.isnan(x), 0.0 if self.has_missing else -np.inf, found - beyond)
        return found

    def features(self, codes):
        """Smooth functions of each bin's rank: a normal score and cosines.

        They initialise embeddings and output weights, so that near bins start out alike; without,
        the order of some hundred bins would have to be learnt from few rows each.

        Parameters
        ----------
        codes : ndarray of shape (n,) of int
            Bins of the training rows, as from `encode`.

        Returns
        -------
        ndarray of shape (n_bins, 1 + N_WAVES), or None for fewer than three bins
        """
        if self.n_bins < 3:
            return None
        mass = np.bincount(codes, minlength=self.n_bins)[: self.n_bins].astype(np.float64)
        mass /= mass.sum()
        middle = np.cumsum(mass) - mass / 2
        waves = np.arange(1, N_WAVES + 1)
        cosines = np.cos(np.pi * middle[:, None] * waves) * np.sqrt(2 / waves)
        return np.column_stack([ndtri(middle.clip(1e-3, 1 - 1e-3)), cosines])


def _picked(weights, uniform):
    """Indices drawn with the given weights."""
    edges = np.cumsum(weights)
    return np.searchsorted(edges, uniform * edges[-1], side="right").clip(max=len(weights) - 1)


def _last_of_bins(counts, n_bins):
    """Index of the last distinct value of each bin."""
    if len(counts) <= n_bins:
        return np.arange(len(counts))
    target = counts.sum() / n_bins
    atom = (counts >= ATOM_SHARE * target) & (counts >= ATOM_ROWS)
    run = np.cumsum(atom) * 2 - atom  # odd for atoms, even for the values between two of them
    mass = np.cumsum(counts) - counts
    starts = np.flatnonzero(np.diff(run, prepend=-1))
    within = mass - np.repeat(mass[starts], np.diff(starts, append=len(run)))
    part = (within / target).astype(np.intp)
    changes = (np.diff(run) != 0) | (np.diff(part) != 0)
    return np.append(np.flatnonzero(changes), len(counts) - 1)


class BinEncoder:
    """Encodes all columns of a table as codes; the first column is the class.

    Parameters
    ----------
    Z : ndarray of shape (n, d)
        Encoded table, NaN where a cell is missing.
    columns : list of Column
        Description of each column.
    group : ndarray of shape (n,) of int
        Class index of each row.
    n_bins : int
        Number of bins of a numeric column to aim at.
    order : sequence of int
        Positions of the columns in the order in which they are generated.
    repeats : bool, default=True
        Whether a column may have codes for "equal to an earlier column".
    show : callable, default=iter
        Wraps the positions, e.g. in a progress bar.
    """

    def __init__(self, Z, columns, group, n_bins, order, *, repeats=True, show=iter):
        self.order, self.n_classes = list(order), int(group.max()) + 1
        self.blocks, earlier = [], {}
        for j in show(self.order):
            x = Z[:, j].astype(np.float64)
            there = x[~np.isnan(x)]
            if not len(there) or is_discrete(np.sort(there), columns[j]):
                self.blocks.append(LevelBins(x, group))
                continue
            frequent = _frequent_values(x, len(x) / n_bins)
            rare = ~np.isin(x, frequent)
            equal = {k: np.mean(rare & (x == other)) for k, other in earlier.items()}
            copied = sorted((k for k in equal if equal[k] > COPIED_SHARE), key=equal.get)
            self.blocks.append(QuantileBins(x, n_bins, copied[: -MAX_COPIED - 1 : -1]))
            self.blocks[-1].frequent = frequent
            if repeats:
                earlier[len(self.blocks) - 1] = np.ascontiguousarray(Z[:, j])

    @property
    def n_inputs(self):
        """Number of input codes of each column, the class first."""
        return [self.n_classes, *(block.n_inputs for block in self.blocks)]

    @property
    def n_codes(self):
        """Number of output codes of each column, the class first."""
        return [self.n_classes, *(block.n_codes for block in self.blocks)]

    def encode(self, Z, group):
        """Input and output codes, each of shape (n, d + 1).

        They differ where a value repeats one of an earlier column: the output says so, and the
        input of later columns is the bin.
        """
        inputs = np.empty((len(Z), len(self.blocks) + 1), np.int32)
        inputs[:, 0] = group
        for place, (j, block) in enumerate(zip(self.order, self.blocks), 1):
            inputs[:, place] = block.encode(Z[:, j].astype(np.float64))
        outputs = inputs.copy()
        for place, (j, block) in enumerate(zip(self.order, self.blocks), 1):
            if block.copied:
                rare = ~np.isin(Z[:, j], block.frequent)
                for i, k in reversed(list(enumerate(block.copied))):
                    equal = rare & (Z[:, j] == Z[:, self.order[k]])
                    outputs[equal, place] = block.n_inputs + i
        return inputs, outputs


def _frequent_values(x, rows):
    """Values that at least `rows` rows have."""
    values, counts = np.unique(x[~np.isnan(x)], return_counts=True)
    return values[counts >= rows]
