"""Rows and columns of large matrices, moved block by block in threads."""

import ctypes
import mmap
import sys

import numpy as np

from .._runtime.threads import CELLS, in_blocks, submit

#: Linux's request to supply pages for writing, since 5.14; older ones decline it.
POPULATE_WRITE = 23


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

        def fill():
            np.copyto(self._head, X)
            return submit(lambda: populate(self.tail), serial=here)

        self._wait = submit(fill, serial=here)

    def head(self):
        """Return the first rows, once they are there."""
        self._wait()
        return self._head

    def whole(self):
        """Return all rows, once the first ones are there."""
        self._wait()()
        return self._whole


def populate(rows):
    """Ask for the memory of a large array ahead of its first use, where the system can do that.

    Fresh pages take longer to come than rows to be written. What the array holds stays as it is,
    even if it is being written meanwhile.

    Parameters
    ----------
    rows : ndarray
        C-contiguous array.
    """
    if sys.platform != "linux" or rows.size < CELLS:
        return
    page = mmap.PAGESIZE
    start = -(-rows.ctypes.data // page) * page
    length = (rows.ctypes.data + rows.nbytes) // page * page - start
    ctypes.CDLL(None).madvise(ctypes.c_void_p(start), ctypes.c_size_t(length), POPULATE_WRITE)


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
