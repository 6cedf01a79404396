"""The values that a column can take, numbered in ascending order, and drawing near a value."""

import numpy as np

#: Beyond this, scaling a number by a power of ten is inexact.
EXACT = 2.0**53

#: Values of columns of more than so many, each in at most so many rows, are smoothed ...
DENSE, FEW_ROWS = 300, 10

#: ... in small tables those of more than a tenth of the rows, of so many at least: else whole rows
#: of the training data come back more often than by chance.
LEAST_DENSE, DENSE_SHARE = 30, 10


class ColumnSupport:
    """Codes of one column: its distinct values in ascending order, the missing cell last.

    A value that several rows share is an *atom* and comes back as it is. A value of a single row is
    not stored: its code stands for the interval between the midpoints to its neighbours.

    Parameters
    ----------
    x : ndarray of shape (n,)
        Encoded cells with extremes drawn in, NaN where missing.
    column : Column
        Description of the column.
    observed_only : bool
        Whether all values are atoms, however rare: levels of a category.

    Attributes
    ----------
    n_values : int
        Number of values without the missing cell, whose code it is.
    n_codes : int
        Number of codes.
    atom : ndarray of shape (n_values,) of bool
        Which values are atoms.
    representatives : ndarray of shape (n_codes,)
        A value of each code, rounded to the column's resolution; NaN for the missing cell.
    """

    def __init__(self, x, column, observed_only):
        x = x[~np.isnan(x)].astype(np.float64)
        values, counts = np.unique(x, return_counts=True)
        self.n_values = len(values)
        self.n_codes = len(values) + bool(column.missing or not len(values))
        self.decimals = column.decimals if column.kind == "float" else 0
        self.atom = (counts > 1) | observed_only | (len(values) == 1)
        few = counts <= FEW_ROWS
        self.movable = None
        dense = min(DENSE, max(len(x) // DENSE_SHARE, LEAST_DENSE))
        if len(values) > dense and not observed_only and few.any():
            self.movable = np.append(few, np.zeros(self.n_codes - self.n_values, dtype=bool))
        self.middles = values[:-1] / 2 + values[1:] / 2
        self.low = np.where(self.atom, values, np.concatenate([values[:1], self.middles]))
        self.high = np.where(self.atom, values, np.concatenate([self.middles, values[-1:]]))
        missing = np.full(self.n_codes - self.n_values, np.nan)
        inner = np.where(self.atom, self.low, self.low / 2 + self.high / 2)
        self.representatives = np.concatenate([self._rounded(inner), missing])

    def encode(self, x):
        """Codes of encoded cells; of a value between two of the column, the nearer one's."""
        codes = np.searchsorted(self.middles, x, side="right").astype(np.int32)
        codes[np.isnan(x)] = self.n_values
        return codes

    def span(self, low, high):
        """First code, and the one after the last, of the values from `low` to `high`."""
        first = np.searchsorted(self.representatives[: self.n_values], low, side="left")
        last = np.searchsorted(self.representatives[: self.n_values], high, side="right")
        return int(first), int(last)

    def replaced(self, codes, low, high, rng):
        """Codes with those of -1 replaced by codes of values from `low` to `high`, at random."""
        lost = np.flatnonzero(codes < 0)
        if len(lost):
            first, last = self.span(low, high)
            drawn = first + (rng.uniform(size=len(lost)) * (last - first)).astype(np.int32)
            codes[lost] = np.minimum(drawn, self.n_codes - 1)
        return codes

    def decode(self, codes, low, high, rng):
        """Values of codes, within the bounds `low` and `high`.

        The value of a code that is no atom is uniform on the part of the code's interval that lies
        within the bounds.
        """
        values = self.representatives[codes]
        spread = np.flatnonzero(codes < self.n_values)
        spread = spread[~self.atom[codes[spread]]]
        least = np.maximum(self.low[codes[spread]], low)
        most = np.maximum(np.minimum(self.high[codes[spread]], high), least)
        share = rng.uniform(size=len(spread))
        values[spread] = self._rounded((1 - share) * least + share * most)
        return values

    def _rounded(self, values):
        """Numbers to the decimal places of the column."""
        if self.decimals is None:
            return values
        small = np.abs(values) < EXACT / 10.0**self.decimals
        return np.where(small, np.round(np.where(small, values, 0), self.decimals), values)
