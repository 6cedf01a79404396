"""Coordinates of numeric columns: as they are, in another unit, standardised, or as quantiles."""

import numpy as np
from scipy import sparse
from scipy.special import ndtr, ndtri
from sklearn.preprocessing import StandardScaler

from .._runtime.threads import CELLS, each
from ._euclidean import column_std

#: Seconds in each value of `datetime_unit`.
UNITS = {"D": 86_400, "h": 3_600, "min": 60, "s": 1, "ms": 1e-3, "us": 1e-6, "ns": 1e-9}


class Space:
    """Rows in the coordinates in which distances are measured, and values of new rows.

    Parameters
    ----------
    Z : ndarray or csr matrix of shape (n, d)
        Encoded rows; NaN stands for missing cells.
    columns : list of Column or None
        Its columns; None for a sparse table.
    nominal : ndarray
        Positions of columns of categories, which stay codes.
    scale : {"standard", "quantile"} or None
        Scale of numeric columns: divided by their standard deviations, as normal scores of their
        ranks, or as they are.
    unit : str or None
        A key of `UNITS` in which dates and durations are counted; None for the column's own step.

    Attributes
    ----------
    coordinates : ndarray or csr matrix of shape (n, d)
        `Z` itself where nothing is scaled.
    quantiles : dict or None
        Position of each numeric column -> `Quantiles`, where new rows are interpolated in
        coordinates.
    """

    def __init__(self, Z, columns, nominal, scale=None, unit=None):
        self.coordinates, self.quantiles = Z, None
        numeric = np.setdiff1d(np.arange(Z.shape[1]), nominal) if scale or unit else ()
        if not len(numeric):
            return
        if scale == "quantile":
            self._rank(Z, numeric)
            return
        factors = _standard(Z, numeric) if scale else _per_unit(columns, numeric, unit)
        if sparse.issparse(Z):
            self.coordinates = (Z @ sparse.diags(factors)).tocsr().astype(Z.dtype)
        elif (factors != 1).any():
            self.coordinates = Z.copy()
            self.coordinates[:, numeric] *= factors.astype(Z.dtype)

    def _rank(self, Z, numeric):
        """Normal scores of ranks."""
        if sparse.issparse(Z):
            raise ValueError(
                "scale='quantile' ranks the cells of each column, which makes a sparse table "
                "dense: call .toarray() first, or use scale='standard'."
            )
        self.coordinates = Z.astype(np.float64)
        self.quantiles = dict.fromkeys(numeric.tolist())

        def rank(i):
            j = numeric[i]
            self.quantiles[int(j)] = scale = Quantiles(Z[:, j])
            self.coordinates[:, j] = scale.scores(Z[:, j])

        each(rank, range(len(numeric)), serial=Z.size < CELLS)

    def write_values(self, made, Z, parents, step, out):
        """Map coordinates of new rows back to values, which lie between the parents'.

        Parameters
        ----------
        made : ndarray of shape (n_new, d)
            Coordinates of new rows.
        Z : ndarray of shape (n, d)
            Given rows.
        parents : ndarray of shape (n_new, 2)
            Row numbers of base and neighbour.
        step : ndarray of shape (n_new,)
            Steps; those outside [0, 1] leave the segment of the parents.
        out : ndarray of shape (n_new, d)
            Output: values of numeric columns.
        """
        inside, numeric = (step >= 0) & (step <= 1), list(self.quantiles)

        def write(i):
            j = numeric[i]
            values = self.quantiles[j].values(made[:, j])
            a, b = Z[parents[:, 0], j], Z[parents[:, 1], j]
            between = np.clip(values, np.minimum(a, b), np.maximum(a, b))
            out[:, j] = np.where(inside & ~np.isnan(between), between, values)

        each(write, range(len(numeric)), serial=made.size < CELLS)


class Quantiles:
    """Ranks of a column's values as normal scores, and the empirical quantile function back.

    Equal values get their mean rank, and all ranks of theirs are mapped back to them: a value that
    holds for half of the rows is met by half of the scores. Between two values of one row each
    the function is linear.

    Parameters
    ----------
    values : ndarray of shape (n,)
        Given cells; NaN are left out.
    """

    def __init__(self, values):
        self.sorted = np.sort(values[~np.isnan(values)].astype(np.float64))

    def scores(self, values):
        """Normal scores of given values, NaN for NaN."""
        left = np.searchsorted(self.sorted, values, side="left")
        right = np.searchsorted(self.sorted, values, side="right")
        scores = ndtri((left + right) / (2 * max(len(self.sorted), 1)))
        return np.where(np.isnan(values), np.nan, scores)

    def values(self, scores):
        """Values with given scores, inside the range of the given ones."""
        n = len(self.sorted)
        if not n:
            return np.full(len(scores), np.nan)
        return np.interp(ndtr(scores) * n - 0.5, np.arange(n), self.sorted)


def _standard(Z, numeric):
    """One over the standard deviation of each column; 1 for constant ones."""
    if sparse.issparse(Z):
        widths = np.sqrt(StandardScaler(with_mean=False).fit(Z.astype(np.float64)).var_)
    else:
        widths = column_std(Z[:, numeric])
    there = np.isfinite(widths) & (widths > 0)
    return np.divide(1.0, widths, out=np.ones(len(widths)), where=there)


def _per_unit(columns, numeric, unit):
    """Length of each column's step in a unit; 1 for columns of other things than times."""
    steps = [None if columns is None else columns[j].seconds for j in numeric]
    return np.array([1.0 if step is None else step / UNITS[unit] for step in steps])
