"""Rows as they are, for samplers that repeat rows and read no cell."""

import numpy as np
from scipy import sparse

from ._kinds import table_for


class RowCodec:
    """Stands in for `TableCodec` where rows are repeated in kind, missing values and all.

    Arrays and sparse matrices stand for themselves; a frame's rows are stood for by their
    numbers. Like a table's codec it is used for one call, and not kept.
    """

    columns = None

    def fit_encode(self, X):
        """Return the table itself, or the numbers of a frame's rows as one column."""
        self._given = X
        if sparse.issparse(X):
            return X.tocsr()
        if isinstance(X, np.ndarray):
            return X.astype(X.dtype.newbyteorder("="), copy=False)
        return np.arange(len(X))[:, None]

    def decode(self, Z):
        """Rows of the kind of the table given."""
        if sparse.issparse(Z):
            return type(self._given)(Z.asformat(self._given.format))
        if isinstance(self._given, np.ndarray):
            return Z
        return table_for(self._given).take(self._given, Z[:, 0])
