"""Which table is for which container."""

from scipy import sparse

from ._containers import ArrayTable, ObjectTable, PandasTable, PolarsTable, is_instance
from ._sparse import SparseTable


def table_for(X):
    """A fresh table of the kind of X."""
    if is_instance(X, "pandas", "DataFrame"):
        return PandasTable()
    if is_instance(X, "polars", "DataFrame"):
        return PolarsTable()
    if sparse.issparse(X):
        return SparseTable()
    return ObjectTable() if X.dtype.kind in "OUST" else ArrayTable()
