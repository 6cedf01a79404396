"""Rows and columns of large matrices, moved block by block in threads."""

import numpy as np

from ..threads import CELLS, beside, in_blocks


class Room:
    """A matrix whose first rows are those of another, copied meanwhile; the rest is to be filled.

    Parameters
    ----------
    X : ndarray of shape (n, d)
        The first rows.
    n_new : int
        Further rows.

    Attributes
    ----------
    tail : ndarray of shape (n_new, d)
        The further rows, of native byte order.
    """

    def __init__(self, X, n_new):
        self._whole = np.empty((len(X) + n_new, X.shape[1]), X.dtype.newbyteorder("="))
        self._head, self.tail = self._whole[: len(X)], self._whole[len(X) :]
        # objects are copied under the interpreter's lock
        here = X.size < CELLS or X.dtype.hasobject
        self._wait = beside(lambda: np.copyto(self._head, X), serial=here)

    def head(self):
        """Return the first rows, once they are there."""
        self._wait()
        return self._head

    def whole(self):
        """Return all rows, once the first ones are there."""
        self._wait()
        return self._whole


def interleave(columns, places, out):
    """Write one-dimensional arrays into the columns of a matrix.

    Parameters
    ----------
    columns : sequence of ndarray of shape (n,)
        The columns.
    places : sequence of int
        Where each one goes.
    out : ndarray of shape (n, d)
        The matrix.
    """

    def write(start, stop):
        rows = out[start:stop]
        for j, column in zip(places, columns):
            rows[:, j] = column[start:stop]

    in_blocks(write, len(out), out.shape[1])


def separate(rows, places=None):
    """Columns of a matrix, each of them contiguous.

    Parameters
    ----------
    rows : ndarray of shape (n, d)
        The matrix.
    places : sequence of int, default=None
        Which columns; None takes all.

    Returns
    -------
    ndarray of shape (n_columns, n)
        The columns.
    """
    places = range(rows.shape[1]) if places is None else places
    columns = np.empty((len(places), len(rows)), rows.dtype)

    def read(start, stop):
        block = rows[start:stop]
        for column, j in zip(columns, places):
            column[start:stop] = block[:, j]

    in_blocks(read, len(rows), rows.shape[1])
    return columns
