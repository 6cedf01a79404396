"""Dispatch on the container: the `Table` class for arrays, sparse matrices and frames."""

import numpy as np
from scipy import sparse

from ._containers import ArrayTable, ObjectTable, is_instance
from ._pandas import FloatFrame, PandasTable, of_one_float
from ._polars import PolarsTable
from ._sparse import SparseTable


def table_for(X, *, plain=False):
    """Return an unfitted table for the container of X.

    `plain` says that neither missing cells nor a model of the table are wanted.
    """
    if is_instance(X, "pandas", "DataFrame"):
        return FloatFrame() if plain and of_one_float(X) else PandasTable()
    if is_instance(X, "polars", "DataFrame"):
        return PolarsTable()
    if sparse.issparse(X):
        return SparseTable()
    return ObjectTable() if X.dtype.kind in "OUST" else ArrayTable()


def stack(X, X_new):
    """Concatenate input rows, unchanged, and new rows.

    Parameters
    ----------
    X, X_new : ndarrays, sparse matrices or frames
        Two tables of the same container and columns.

    Returns
    -------
    table : same container as X, of shape (n + n_new, d)
        Columns keep their dtypes, pandas rows their index labels.
    """
    return table_for(X).concat(X, X_new)


def rows_at(X, rows):
    """Return some rows of a table.

    Parameters
    ----------
    X : {array-like, sparse matrix, frame} of shape (n, d)
        Table.
    rows : ndarray of int
        Row numbers.

    Returns
    -------
    table : same container as X (an array for a list)
    """
    if is_instance(X, "pandas", "DataFrame"):
        return X.take(rows)
    if is_instance(X, "polars", "DataFrame"):
        return X[rows.tolist()]
    return (X if hasattr(X, "shape") else np.asarray(X))[rows]
