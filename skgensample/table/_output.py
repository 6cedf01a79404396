"""Preallocated output matrices, and multithreaded copies between matrices and columns."""

import numpy as np

from .._runtime.threads import CELLS, in_blocks, submit


class OutputBuffer:
    """Preallocated output matrix: the input rows, then uninitialised space for the new rows.

    A background thread copies the input rows into the head while the caller searches neighbours
    or writes new rows to the tail. Small matrices are copied at once.

    Parameters
    ----------
    X : ndarray of shape (n, d)
        Input rows.
    n_new : int
        Number of new rows.

    Attributes
    ----------
    tail : ndarray of shape (n_new, d)
        View of the new rows, in native byte order.
    """

    def __init__(self, X, n_new):
        self._whole = np.empty((len(X) + n_new, X.shape[1]), X.dtype.newbyteorder("="))
        self._head, self.tail = self._whole[: len(X)], self._whole[len(X) :]
        # copies of object arrays hold the GIL: a thread would gain nothing
        serial = X.size < CELLS or X.dtype.hasobject
        self._wait = submit(lambda: np.copyto(self._head, X), serial=serial)

    def head(self):
        """Wait for the copy and return the input rows, of shape (n, d)."""
        self._wait()
        return self._head

    def whole(self):
        """Wait for the copy and return all rows, of shape (n + n_new, d)."""
        self._wait()
        return self._whole


def interleave(columns, indices, out):
    """Write one-dimensional arrays into columns of a row-major matrix, block by block.

    Parameters
    ----------
    columns : sequence of ndarray of shape (n,)
        Arrays to write.
    indices : sequence of int
        Column of `out` for each array.
    out : ndarray of shape (n, d)
        Matrix, changed in place.
    """

    def write(start, stop):
        rows = out[start:stop]
        for j, column in zip(indices, columns):
            rows[:, j] = column[start:stop]

    in_blocks(write, len(out), out.shape[1])


def separate(rows, indices=None):
    """Copy columns of a row-major matrix into contiguous arrays, block by block.

    Parameters
    ----------
    rows : ndarray of shape (n, d)
        Matrix.
    indices : sequence of int, default=None
        Columns to copy; None copies all.

    Returns
    -------
    columns : ndarray of shape (n_columns, n)
        One row for each column.
    """
    indices = range(rows.shape[1]) if indices is None else indices
    columns = np.empty((len(indices), len(rows)), rows.dtype)

    def read(start, stop):
        block = rows[start:stop]
        for column, j in zip(columns, indices):
            column[start:stop] = block[:, j]

    in_blocks(read, len(rows), rows.shape[1])
    return columns
