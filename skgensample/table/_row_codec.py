"""Rows as they are, for samplers that repeat rows and read no cell."""

import numpy as np
from scipy import sparse

from ._dispatch import table_for
from ._output import Room


class RowCodec:
    """Stands in for `TableCodec` where rows are repeated in kind, missing values and all.

    Arrays and sparse matrices stand for themselves; a frame's rows are stood for by their
    numbers. Like a table's codec it is used for one call, and not kept.
    """

    columns = None

    def fit_extend(self, X, n_new):
        """Return the table itself, or the numbers of a frame's rows, and room behind an array."""
        if sparse.issparse(X):
            return X.tocsr(), None
        if isinstance(X, np.ndarray):
            Z = X.astype(X.dtype.newbyteorder("="), copy=False)
            return Z, None if n_new is None else Room(X, n_new)
        return np.arange(len(X))[:, None], None

    def finish(self, X, Z_new, room):
        """Given rows, then those chosen."""
        if room is not None:
            return room.whole()
        table = table_for(X)
        if sparse.issparse(X):
            return table.concat(X, type(X)(Z_new.asformat(X.format)))
        return table.concat(X, table.take(X, Z_new[:, 0]))
