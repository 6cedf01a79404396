"""Codec of samplers that only repeat whole rows: no cell is encoded."""

import numpy as np
from scipy import sparse

from ._dispatch import table_for
from ._output import OutputBuffer


class RowCodec:
    """Replaces `TableCodec` if rows are repeated unchanged, missing cells included.

    ``Z`` is the array or sparse matrix itself; for a frame it is a column of row numbers. Like
    `TableCodec` it serves one call.
    """

    columns = None
    is_constrained = False
    #: Positions of an array's columns in a larger one, of which others are set aside.
    positions = None

    def fit_extend(self, X, n_new):
        """Return ``Z`` and, for an array, an output buffer; see `TableCodec.fit_extend`."""
        if sparse.issparse(X):
            return X.tocsr(), None
        if isinstance(X, np.ndarray):
            Z = X.astype(X.dtype.newbyteorder("="), copy=False)
            return Z, None if n_new is None else OutputBuffer(X, n_new)
        return np.arange(len(X))[:, None], None

    def finish(self, X, Z_new, buffer):
        """Return the input rows followed by the repeated ones."""
        if buffer is not None:
            return buffer.whole()
        return table_for(X).concat(X, self.repeated(X, Z_new))

    def repeated(self, X, Z_new):
        """Return the repeated rows as a table."""
        if sparse.issparse(X):
            return type(X)(Z_new.asformat(X.format))
        return Z_new if isinstance(X, np.ndarray) else table_for(X).take(X, Z_new[:, 0])
