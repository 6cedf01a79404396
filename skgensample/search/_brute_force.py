"""Brute-force search for small data in NumPy: no compilation, no threads."""

import numpy as np

#: Multiply-adds of a matrix product that OpenBLAS computes without starting threads.
SERIAL_PRODUCTS = 250_000


#: Pairs measured at a time, so that the chunk stays in cache.
CHUNK_PAIRS = 4_096

#: Row subsets per neighbour whose minima give an upper bound of the k-th distance.
SUBSETS_PER_NEIGHBOR = 4


def query_blocks(n_queries, n, max_pairs):
    """Slices of queries whose pairs with all rows are at most so many."""
    length = max(1, max_pairs // max(n, 1))
    return [slice(start, start + length) for start in range(0, n_queries, length)]


def brute_force(Q, X, k, n_numeric, weight, exclude_self, first=0):
    """Squared distances and indices: candidates from a matrix product, then exact sums.

    With `exclude_self`, query i is row ``first + i`` of X.
    """
    queries, rows = _candidates(Q, X, k, n_numeric, weight, first if exclude_self else None)
    squared = np.empty(len(rows))
    for start in range(0, len(rows), CHUNK_PAIRS):
        chunk = slice(start, start + CHUNK_PAIRS)
        squared[chunk] = _exact_squares(Q[queries[chunk]], X[rows[chunk]], n_numeric, weight)
    # candidates are in row order and the sort is stable: ties are sorted by row number
    order = np.lexsort((squared, queries))
    starts = np.searchsorted(queries, np.arange(len(Q)))
    order = order[starts[:, None] + np.arange(k)]
    return squared[order], rows[order]


def _candidates(Q, X, k, n_numeric, weight, own):
    """Pairs of query and row, in ascending order, that include all of the k nearest.

    The matrix product is approximate; the user guide proves its error bound. The k-th smallest of
    the minima of disjoint row subsets is an upper bound of the k-th smallest value, and cheaper
    than a partition of all rows. `own` is the row of the first query, which is not a neighbour of
    its own; None where queries are no rows.
    """
    n = len(X)
    center = X[:, :n_numeric].mean(axis=0)
    A, B = Q[:, :n_numeric] - center, X[:, :n_numeric] - center
    a2, b2 = np.einsum("ij,ij->i", A, A), np.einsum("ij,ij->i", B, B)
    approximate = np.empty((len(A), n))
    A *= -2
    rows = max(1, SERIAL_PRODUCTS // max(B.size, 1))
    for start in range(0, len(A), rows):
        np.matmul(A[start : start + rows], B.T, out=approximate[start : start + rows])
    approximate += b2
    for t in range(n_numeric, X.shape[1]):
        approximate += weight * (Q[:, t, None] != X[:, t])
    if own is not None:
        np.fill_diagonal(approximate[:, own:], np.inf)
    codes = weight * (X.shape[1] - n_numeric)
    error = 4 * (X.shape[1] + 8) * np.finfo(float).eps * (a2 + b2.max(initial=0.0) + codes)
    length = max(1, n // (SUBSETS_PER_NEIGHBOR * k))
    subsets = approximate[:, : n // length * length].reshape(len(A), length, n // length)
    upper = np.partition(subsets.min(axis=1), k - 1, axis=1)[:, k - 1]
    return np.divmod(np.flatnonzero(approximate <= (upper + 2 * error)[:, None]), n)


def _exact_squares(Q, X, n_numeric, weight):
    """Squared distances of row pairs, bit-identical to those of the kernel."""
    step = Q[:, :n_numeric] - X[:, :n_numeric]
    step *= step
    squared = np.zeros(len(X))
    for column in step.T:
        squared += column
    if n_numeric < X.shape[1]:
        squared += weight * (Q[:, n_numeric:] != X[:, n_numeric:]).sum(axis=1)
    return squared


def k_smallest(distances, k, own=None):
    """k smallest values of each row and their positions, ties by position.

    `own` is the position that the first row leaves out, the next row the next one; None for none.
    """
    if own is not None:
        np.fill_diagonal(distances[:, own:], np.inf)
    found = np.sort(np.argpartition(distances, k - 1, axis=1)[:, :k], axis=1)
    values = np.take_along_axis(distances, found, axis=1)
    # argpartition picks any of several values tied at the k-th place: sort those rows fully
    tied = (distances <= values.max(axis=1, keepdims=True)).sum(axis=1) > k
    found[tied] = np.argsort(distances[tied], axis=1, kind="stable")[:, :k]
    values[tied] = np.take_along_axis(distances[tied], found[tied], axis=1)
    order = np.argsort(values, axis=1, kind="stable")
    return np.take_along_axis(values, order, axis=1), np.take_along_axis(found, order, axis=1)
