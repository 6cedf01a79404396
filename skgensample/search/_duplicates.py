"""Rows of a class that equal a row of another one, cell by cell."""

import numpy as np

#: Share of the rows that may be looked at closely; beyond it every row counts as one with a twin.
MOST = 1 / 64
BUCKETS = 20  # bits


def have_twins(Z, members, own):
    """Which rows of a class some row of another class equals.

    Parameters
    ----------
    Z : ndarray of shape (n, d)
        All rows, finite.
    members : ndarray of row numbers
        The class.
    own : ndarray of shape (n,) of bool
        True for the rows of the class.

    Returns
    -------
    ndarray of shape (len(members),) of bool
        True for all where so many rows might be equal that it would take long to tell.
    """
    mine = np.ascontiguousarray(Z[members]) + 0  # -0 is 0
    telling, most = 0, 0
    for j in range(Z.shape[1]):
        distinct = len(np.unique(mine[:1_000, j]))
        if distinct > most:
            telling, most = j, distinct
        if most == len(mine[:1_000]):
            break
    seen = np.zeros(1 << BUCKETS, dtype=bool)
    seen[_buckets(mine[:, telling])] = True
    alike = seen[_buckets(Z[:, telling] + 0)]
    alike[own] = False
    alike = np.flatnonzero(alike)
    if len(alike) > MOST * len(Z):
        return np.ones(len(members), dtype=bool)
    others = {row.tobytes() for row in np.ascontiguousarray(Z[alike]) + 0}
    return np.array([row.tobytes() in others for row in mine], dtype=bool)


def _buckets(x):
    """A number of 20 bits for each float, equal for equal ones."""
    bits = np.ascontiguousarray(x, dtype=np.float64).view(np.uint64)
    return (bits * np.uint64(0x9E3779B97F4A7C15)) >> np.uint64(64 - BUCKETS)
