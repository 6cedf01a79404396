"""Encoding of SciPy sparse matrices."""

import numpy as np
from scipy import sparse

from ..exceptions import MemoryLimitError
from ._categories import column_modes
from ._columns import missing_text
from ._containers import ArrayTable, Table

#: Dense copies of sparse tables above this many bytes are refused.
DENSE_LIMIT = 2**30


class SparseTable(Table):
    """A SciPy sparse matrix; ``Z`` is CSR, or dense if categorical columns are named."""

    def fit_encode(self, X, categories):
        self.names = range(X.shape[1])
        self.template = X[:0] if X.format in ("csr", "csc") else X.tocsr()[:0].asformat(X.format)
        self.dtype = X.dtype.newbyteorder("=")
        self.dense = None
        if "all" in column_modes(categories, self.names, frame=False):
            self.dense = ArrayTable()
            self.dense.missing, self.dense.learned = self.missing, self.learned
            self.dense.numbers = self.numbers
            return self.dense.fit_extend(densified(X), categories, None)[0]
        wide = np.float32 if self.dtype == np.float32 else np.float64
        Z = X.tocsr().astype(wide, copy=True)
        Z.sum_duplicates()
        if max(Z.nnz, *Z.shape) < 2**31:  # KMeans and SVC reject 64-bit indices
            Z.indices, Z.indptr = (a.astype(np.int32, copy=False) for a in (Z.indices, Z.indptr))
        bad = np.isinf if self.missing else lambda cells: ~np.isfinite(cells)
        if bad(Z.data).any():
            cells = Z.tocoo()
            first = np.flatnonzero(bad(cells.data))[0]
            where = int(cells.col[first]), int(cells.row[first])
            raise ValueError(missing_text(*where, np.isnan(cells.data[first])))
        if self.dtype.kind in "iu" and np.max(np.abs(Z.data), initial=0) >= 2**53:
            raise ValueError(
                "A sparse table with integers of 2**53 or more cannot be encoded exactly: convert "
                "it to float, or make it dense."
            )
        if self.dtype.kind in "biu":
            self.lo, self.hi = (edge(axis=0).toarray().ravel() for edge in (Z.min, Z.max))
        return Z

    def describe(self):
        if self.dense is not None:
            return self.dense.describe()
        fact = {"kind": "float", "dtype": self.dtype}
        if self.dtype.kind in "biu":
            fact = {"kind": "integer"}
        return [fact] * len(self.names)

    def decode(self, Z):
        if self.dense is not None:
            return type(self.template)(self.dense.decode(Z))
        rows = sparse.csr_matrix(Z)
        if self.dtype.kind in "biu":
            inside = np.clip(rows.data, self.lo[rows.indices], self.hi[rows.indices])
            rows.data = np.rint(inside)
            rows.eliminate_zeros()
        return type(self.template)(rows.astype(self.dtype))

    def cells(self, X, j):
        return X.toarray()[:, j].tolist()

    def concat(self, X, X_new):
        return sparse.vstack([X, X_new], format=X.format, dtype=X.dtype)


def densified(X):
    """Return a dense copy; raise if it would need more than `DENSE_LIMIT` bytes."""
    size = X.shape[0] * X.shape[1] * X.dtype.itemsize
    if size > DENSE_LIMIT:
        raise MemoryLimitError(
            f"This sampler works on dense rows and would need {size} bytes for this sparse "
            f"table (limit {DENSE_LIMIT}): reduce its columns first, e.g. with "
            "sklearn.decomposition.TruncatedSVD, or take NumbaSMOTE, which keeps it sparse."
        )
    return X.toarray()
