"""Joint encoding of real and synthetic tables, for the metrics that compare them."""

from dataclasses import dataclass, replace
from functools import reduce

import numpy as np
from scipy import sparse
from sklearn import config_context
from sklearn.utils import column_or_1d

from ..table import TableCodec, check_dimensions, column_names, is_frame, stack
from ..table._plan import declared_plan

#: Cells farther from the real ones, in ranges of the real ones, are moved to this distance, so that
#: distances of rows stay finite.
FAR = 1e100


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
    (real, synthetic), columns = encoded_tables(X_real, X_synthetic)
    return Pair(real, synthetic, columns)


def encoded_with_codec(X_real, X_synthetic):
    """As `encoded_pair`, and the codec, which decodes single values."""
    Z, codec, lengths = _encoded([X_real, X_synthetic])
    columns = [_with_missing_level(Z[:, c.index], c) for c in codec.columns]
    return Pair(*np.split(Z, lengths[:1]), columns), codec


def encoded_tables(*given):
    """Encode any number of tables with a common codec.

    Parameters
    ----------
    *given : {array-like, frame}
        Tables of the same kind and columns.

    Returns
    -------
    encoded : list of ndarray
        A float matrix for each table, as described in `Pair`.
    columns : list of Column
        Description of each column.

    Raises
    ------
    ValueError
        If the tables have different columns, or one has no row.
    TypeError
        If a table is sparse.
    """
    return joint_encoding(*given)[:2]


def joint_encoding(*given, schema=None):
    """As `encoded_tables`, and the codec, which knows the levels and the container.

    `schema` has the kinds of columns that are not to be detected; see `TableSchema`.
    """
    Z, codec, lengths = _encoded(given, schema)
    columns = [_with_missing_level(Z[:, c.index], c) for c in codec.columns]
    return np.split(Z, np.cumsum(lengths[:-1])), columns, codec


def _encoded(given, schema=None):
    """Rows of all tables as one matrix, the fitted codec, and the number of rows of each."""
    tables = [X if is_frame(X) else np.asarray(X) for X in given]
    for X, table in zip(given, tables):
        if sparse.issparse(X):
            raise TypeError("Sparse tables are not supported: call .toarray() first.")
        if not is_frame(table):
            check_dimensions(table)
    names = [column_names(X) if is_frame(X) else list(range(X.shape[1])) for X in tables]
    if any(other != names[0] for other in names):
        raise ValueError(
            "The tables have different columns: select the same ones in the same order."
        )
    if not all(map(len, tables)):
        raise ValueError("A table has no row.")
    codec = TableCodec(categories="text", missing=True, times=True)
    table = reduce(stack, tables)
    if schema:
        declared_plan(table, schema, codec.learned).tell(codec)
    Z = codec.fit_encode(table)
    return Z, codec, [len(table) for table in tables]


def _with_missing_level(z, column):
    """Give missing categories a level of their own: changes codes in place, returns the column."""
    if not column.n_levels or not np.isnan(z).any():
        return column
    z[np.isnan(z)] = column.n_levels
    return replace(column, n_levels=column.n_levels + 1)


def row_keys(Z):
    """Bytes of each encoded row: equal for rows that are equal in every cell, missing ones too."""
    same = np.where(np.isnan(Z), np.nan, Z) + 0.0  # one NaN, no negative zeros
    return [row.tobytes() for row in same]


def unit_scaled(pair):
    """Scale numeric columns to [0, 1] by the real rows and encode categorical columns one-hot.

    One-hot columns are scaled so that two different levels have distance 1. A missing number is
    imputed by the mean of the real rows and marked in an indicator column, so that its distance
    to numbers that are not missing is at least 1.
    """
    parts = []
    for j, column in enumerate(pair.columns):
        both = pair.real[:, j], pair.synthetic[:, j]
        if _is_nominal(column):
            levels = np.arange(column.n_levels)
            parts.append([(z[:, None] == levels) * np.sqrt(0.5) for z in both])
        else:
            parts.append(_scaled(both, both[0]))
    return tuple(np.concatenate(blocks, axis=1) for blocks in zip(*parts))


def mixed_points(tables, columns, n_scale):
    """Points of the space of `unit_scaled`, with codes in place of one-hot columns.

    Parameters
    ----------
    tables : list of ndarray
        Encoded tables.
    columns : list of Column
        Description of each column.
    n_scale : int
        How many of the tables, from the first one on, set the scale.

    Returns
    -------
    points : list of ndarray
        Scaled numeric columns and indicators of missing cells, then the codes.
    nominal : ndarray of int
        Positions of the codes, for ``NumbaNearestNeighbors(metric="mixed", category_weight=1)``.
    """
    codes = [column.index for column in columns if _is_nominal(column)]
    parts = [[np.empty((len(Z), 0)) for Z in tables]]
    for column in columns:
        if not _is_nominal(column):
            cells = [Z[:, column.index] for Z in tables]
            parts.append(_scaled(cells, np.concatenate(cells[:n_scale])))
    width = sum(part[0].shape[1] for part in parts)
    parts = [[np.clip(z, -FAR, FAR) for z in blocks] for blocks in parts]
    parts.append([Z[:, codes] for Z in tables])
    points = [np.concatenate(blocks, axis=1) for blocks in zip(*parts)]
    return points, np.arange(width, width + len(codes))


def _is_nominal(column):
    """Whether two different values of a column are at distance 1, whichever they are."""
    return column.kind == "categorical" or column.n_levels > 2


def _scaled(parts, real):
    """One column of each table, scaled by real cells, and a missing indicator if any is missing."""
    # bounds and differences need not fit in 32-bit floats
    parts, real = [np.asarray(z, dtype=np.float64) for z in parts], real.astype(np.float64)
    known = real[~np.isnan(real)]
    lo, hi = (known.min(), known.max()) if len(known) else (0.0, 1.0)
    width = hi - lo if 0 < hi - lo < np.inf else 1.0
    middle = (known.mean() - lo) / width if len(known) else 0.0
    columns = []
    for z in parts:
        missing = np.isnan(z)
        columns.append(np.column_stack([np.where(missing, middle, (z - lo) / width), missing]))
    return columns if any(c[:, 1].any() for c in columns) else [c[:, :1] for c in columns]
