"""Joint encoding of a real and a synthetic table, for the metrics that compare them."""

from dataclasses import dataclass, replace

import numpy as np
from scipy import sparse
from sklearn import config_context
from sklearn.utils import column_or_1d

from ..table import TableCodec, check_dimensions, is_frame, stack


@dataclass(frozen=True)
class Pair:
    """Real and synthetic rows with a common encoding.

    Parameters
    ----------
    real, synthetic : ndarray of shape (n, d) and (m, d)
        Encoded rows: categories are codes of the levels seen in either table, and a missing
        category has a code of its own; a missing number is NaN.
    columns : list of Column
        Description of each column.
    """

    real: np.ndarray
    synthetic: np.ndarray
    columns: list

    def lowered(self):
        """Return both tables with missing numbers as -inf, below all others."""
        return [np.where(np.isnan(Z), -np.inf, Z) for Z in (self.real, self.synthetic)]

    @property
    def categorical(self):
        """Mask of the categorical and binary columns, of shape (d,)."""
        return np.array([bool(column.n_levels) for column in self.columns])


def flat(values, dtype=None):
    """Convert a column to a 1-D NumPy array, even with scikit-learn's array API dispatch on.

    Parameters
    ----------
    values : array-like of shape (n,) or (n, 1)
        One value for each row.
    dtype : dtype, default=None
        Type of the array; None keeps it.

    Returns
    -------
    values : ndarray of shape (n,)
        The same values.
    """
    with config_context(array_api_dispatch=False):
        return column_or_1d(values, dtype=dtype)


def encoded_pair(X_real, X_synthetic):
    """Encode two tables with a common codec.

    Parameters
    ----------
    X_real, X_synthetic : {array-like, frame}
        Tables of the same kind and columns.

    Returns
    -------
    pair : Pair
        Both tables as float matrices, and their column descriptions.

    Raises
    ------
    ValueError
        If the tables have different columns, or one has no row.
    TypeError
        If a table is sparse.
    """
    tables = [X if is_frame(X) else np.asarray(X) for X in (X_real, X_synthetic)]
    for X, table in zip((X_real, X_synthetic), tables):
        if sparse.issparse(X):
            raise TypeError("Sparse tables are not supported: call .toarray() first.")
        if not is_frame(table):
            check_dimensions(table)
    names = [list(X.columns) if is_frame(X) else list(range(X.shape[1])) for X in tables]
    if names[0] != names[1]:
        raise ValueError(
            "The two tables have different columns: select the same ones in the same order."
        )
    if not all(map(len, tables)):
        raise ValueError("A table has no row.")
    codec = TableCodec(categories="text", missing=True, times=True)
    Z = codec.fit_encode(stack(*tables))
    columns = [_with_missing_level(Z[:, c.index], c) for c in codec.columns]
    n = len(tables[0])
    return Pair(Z[:n], Z[n:], columns)


def _with_missing_level(z, column):
    """Give missing categories a level of their own: changes codes in place, returns the column."""
    if not column.n_levels or not np.isnan(z).any():
        return column
    z[np.isnan(z)] = column.n_levels
    return replace(column, n_levels=column.n_levels + 1)


def unit_scaled(pair):
    """Scale numeric columns to [0, 1] by the real rows and encode categorical columns one-hot.

    One-hot columns are scaled so that two different levels have distance 1. A missing number is
    imputed by the mean of the real rows and marked in an indicator column, so that its distance
    to numbers that are not missing is at least 1.
    """
    parts = []
    for j, column in enumerate(pair.columns):
        both = pair.real[:, j], pair.synthetic[:, j]
        if column.kind == "categorical" or column.n_levels > 2:
            levels = np.arange(column.n_levels)
            parts.append([(z[:, None] == levels) * np.sqrt(0.5) for z in both])
        else:
            parts.append(_scaled(*both))
    return tuple(np.concatenate(blocks, axis=1) for blocks in zip(*parts))


def _scaled(real, synthetic):
    """Scaled numeric column and, if any cell is missing, a missing indicator."""
    known = real[~np.isnan(real)]
    lo, hi = (known.min(), known.max()) if len(known) else (0.0, 1.0)
    width = hi - lo if 0 < hi - lo < np.inf else 1.0
    middle = (known.mean() - lo) / width if len(known) else 0.0
    columns = []
    for z in (real, synthetic):
        missing = np.isnan(z)
        columns.append(np.column_stack([np.where(missing, middle, (z - lo) / width), missing]))
    return columns if any(c[:, 1].any() for c in columns) else [c[:, :1] for c in columns]
