"""Which table is for which container."""

from scipy import sparse

from ._containers import ArrayTable, ObjectTable, is_instance
from ._pandas import FloatFrame, PandasTable, of_one_float
from ._polars import PolarsTable
from ._sparse import SparseTable


def table_for(X, *, plain=False):
    """A fresh table of the kind of X; `plain` says that cells are neither missing nor learned."""
    if is_instance(X, "pandas", "DataFrame"):
        return FloatFrame() if plain and of_one_float(X) else PandasTable()
    if is_instance(X, "polars", "DataFrame"):
        return PolarsTable()
    if sparse.issparse(X):
        return SparseTable()
    return ObjectTable() if X.dtype.kind in "OUST" else ArrayTable()


def stack(X, X_new):
    """Given rows, untouched, followed by new ones.

    Parameters
    ----------
    X, X_new : ndarrays, sparse matrices or frames
        Two tables of the same kind and columns.

    Returns
    -------
    table
        Of the same kind and dtypes; pandas rows keep their index labels.
    """
    return table_for(X).concat(X, X_new)
