"""Rows of a class that are duplicates of rows of another class."""

import numpy as np

#: Largest share of rows compared in full; with more candidates, every row counts as duplicated.
MAX_CANDIDATE_SHARE = 1 / 64
BUCKETS = 20  # bits


def has_duplicate(Z, members, in_class):
    """Which rows of a class equal a row of another class in every column.

    A hash of the column with most distinct values selects candidates to be compared in full.

    Parameters
    ----------
    Z : ndarray of shape (n, d)
        All rows, finite.
    members : ndarray of row numbers
        The class.
    in_class : ndarray of shape (n,) of bool
        True for the rows of the class.

    Returns
    -------
    ndarray of shape (len(members),) of bool
        Conservative: all True where there are too many candidates to compare.
    """
    own_rows = np.ascontiguousarray(Z[members]) + 0  # turns -0.0 into 0.0
    key, most_distinct = 0, 0
    for j in range(Z.shape[1]):
        distinct = len(np.unique(own_rows[:1_000, j]))
        if distinct > most_distinct:
            key, most_distinct = j, distinct
        if most_distinct == len(own_rows[:1_000]):
            break
    seen = np.zeros(1 << BUCKETS, dtype=bool)
    seen[_hash_buckets(own_rows[:, key])] = True
    candidates = seen[_hash_buckets(Z[:, key] + 0)]
    candidates[in_class] = False
    candidates = np.flatnonzero(candidates)
    if len(candidates) > MAX_CANDIDATE_SHARE * len(Z):
        return np.ones(len(members), dtype=bool)
    others = {row.tobytes() for row in np.ascontiguousarray(Z[candidates]) + 0}
    return np.array([row.tobytes() in others for row in own_rows], dtype=bool)


def _hash_buckets(x):
    """20-bit multiplicative hash of each float; equal values have equal hashes."""
    bits = np.ascontiguousarray(x, dtype=np.float64).view(np.uint64)
    return (bits * np.uint64(0x9E3779B97F4A7C15)) >> np.uint64(64 - BUCKETS)
