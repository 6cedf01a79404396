"""Two tables side by side as numbers, for the measures that compare them."""

from dataclasses import dataclass, replace

import numpy as np
from scipy import sparse
from sklearn import config_context
from sklearn.utils import column_or_1d

from ..table import TableCodec, check_dimensions, is_frame, stack


@dataclass(frozen=True)
class Pair:
    """Real and synthetic rows of one encoding.

    Parameters
    ----------
    real, synthetic : ndarray of shape (n, d) and (m, d)
        Encoded rows: categories are codes of the levels seen in either table, a missing one the
        code after them; a missing number is NaN.
    columns : list of Column
        Description of each column.
    """

    real: np.ndarray
    synthetic: np.ndarray
    columns: list

    def lowered(self):
        """Both tables, with missing numbers below all others."""
        return [np.where(np.isnan(Z), -np.inf, Z) for Z in (self.real, self.synthetic)]

    @property
    def categorical(self):
        """Mask of the columns of categories and flags."""
        return np.array([bool(column.n_levels) for column in self.columns])


def flat(values, dtype=None):
    """Values, one for each row, as an array of NumPy; scikit-learn may leave tensors as they are.

    Parameters
    ----------
    values : array-like of shape (n,) or (n, 1)
        The values.
    dtype : dtype, default=None
        Type of the array; None keeps it.

    Returns
    -------
    ndarray of shape (n,)
        The values.
    """
    with config_context(array_api_dispatch=False):
        return column_or_1d(values, dtype=dtype)


def encoded_pair(X_real, X_synthetic):
    """Encode two tables together.

    Parameters
    ----------
    X_real, X_synthetic : {array-like, frame}
        Tables of the same kind and columns.

    Returns
    -------
    Pair
        Both as numbers.

    Raises
    ------
    ValueError
        If the tables have different columns, or one has no row.
    """
    tables = [X if is_frame(X) else np.asarray(X) for X in (X_real, X_synthetic)]
    for X, table in zip((X_real, X_synthetic), tables):
        if sparse.issparse(X):
            raise TypeError("Sparse tables are not compared: call .toarray() first.")
        if not is_frame(table):
            check_dimensions(table)
    names = [list(X.columns) if is_frame(X) else list(range(X.shape[1])) for X in tables]
    if names[0] != names[1]:
        raise ValueError("The two tables have different columns.")
    if not all(map(len, tables)):
        raise ValueError("A table has no row.")
    codec = TableCodec(categories="text", missing=True, times=True)
    Z = codec.fit_encode(stack(*tables))
    columns = [_with_missing_level(Z[:, c.index], c) for c in codec.columns]
    n = len(tables[0])
    return Pair(Z[:n], Z[n:], columns)


def _with_missing_level(z, column):
    """The column with one level more where a category is missing, written into its codes."""
    if not column.n_levels or not np.isnan(z).any():
        return column
    z[np.isnan(z)] = column.n_levels
    return replace(column, n_levels=column.n_levels + 1)


def unit_scaled(pair):
    """Rows with every column between 0 and 1 in the real rows, categories one-hot.

    A category's columns are scaled so that two different levels lie 1 apart. A missing number
    is taken for the mean of the real ones, and lies 1 apart from all that are not missing.
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
    """A column of numbers by the range of the real ones, and one that tells the missing ones."""
    shown = real[~np.isnan(real)]
    lo, hi = (shown.min(), shown.max()) if len(shown) else (0.0, 1.0)
    width = hi - lo if 0 < hi - lo < np.inf else 1.0
    middle = (shown.mean() - lo) / width if len(shown) else 0.0
    columns = []
    for z in (real, synthetic):
        gap = np.isnan(z)
        columns.append(np.column_stack([np.where(gap, middle, (z - lo) / width), gap]))
    return columns if any(c[:, 1].any() for c in columns) else [c[:, :1] for c in columns]
