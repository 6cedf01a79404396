"""Small searches, in NumPy: no compiler, no threads."""

import numpy as np

#: Pairs that are measured at a time.
PART = 400_000

#: Products in a matrix product that OpenBLAS does on the calling thread alone.
ALONE = 250_000


def small(Q, X, k, n_numeric, weight, exclude_self):
    """Squared distances and indices: candidates by a matrix product, then exact sums.

    The product's error is bounded as in the user guide; a query is measured against all rows
    where a row outside its candidates might be as near as the k-th.
    """
    n = len(X)
    columns = np.ascontiguousarray(X.T)
    width = min(n, k + 4 + exclude_self)
    if width < n:
        near, edge = _candidates(Q, X, width, n_numeric, weight, exclude_self)
    else:
        near, edge = np.broadcast_to(np.arange(n), (len(Q), n)), np.full(len(Q), np.inf)
    squared = _exact(Q, columns, near, n_numeric, weight)
    if exclude_self:
        squared[near == np.arange(len(Q))[:, None]] = np.inf
    order = np.argsort(squared, axis=1, kind="stable")[:, :k]
    indices = np.take_along_axis(near, order, axis=1)
    squared = np.take_along_axis(squared, order, axis=1)
    open_ = np.flatnonzero(~(squared[:, -1] < edge))
    parts = -(-len(open_) * n // PART)
    for q in np.array_split(open_, parts) if parts else ():
        whole = _exact(Q[q], columns, slice(None), n_numeric, weight)
        if exclude_self:
            whole[np.arange(len(q)), q] = np.inf
        squared[q], indices[q] = smallest(whole, k)
    return squared, indices


def _candidates(Q, X, width, n_numeric, weight, exclude_self):
    """Row numbers in ascending order, and a bound below which no other row lies."""
    center = X[:, :n_numeric].mean(axis=0)
    A, B = Q[:, :n_numeric] - center, X[:, :n_numeric] - center
    a2, b2 = np.einsum("ij,ij->i", A, A), np.einsum("ij,ij->i", B, B)
    rough = np.empty((len(A), len(B)))
    rows = max(1, ALONE // max(B.size, 1))
    for start in range(0, len(A), rows):
        np.matmul(A[start : start + rows] * -2, B.T, out=rough[start : start + rows])
    rough += a2[:, None]
    rough += b2
    for t in range(n_numeric, X.shape[1]):
        rough += weight * (Q[:, t, None] != X[:, t])
    if exclude_self:
        np.fill_diagonal(rough, np.inf)
    codes = weight * (X.shape[1] - n_numeric)
    error = 4 * (X.shape[1] + 8) * np.finfo(float).eps * (a2 + b2.max(initial=0.0) + codes)
    near = np.argpartition(rough, width - 1, axis=1)[:, :width]
    edge = np.take_along_axis(rough, near, axis=1).max(axis=1) - error
    return np.sort(near, axis=1), edge


def _exact(Q, columns, near, n_numeric, weight):
    """Squared distances of queries and the rows named, digit for digit those of the kernel."""
    squared, differing = 0.0, 0
    for t, column in enumerate(columns):
        if t < n_numeric:
            step = Q[:, t, None] - column[near]
            squared = squared + step * step
        else:
            differing = differing + (Q[:, t, None] != column[near])
    return squared + weight * differing


def smallest(distances, k, exclude_self=False):
    """k smallest of each row and where they stand, the first one first at equal values."""
    if exclude_self:
        np.fill_diagonal(distances, np.inf)
    found = np.sort(np.argpartition(distances, k - 1, axis=1)[:, :k], axis=1)
    values = np.take_along_axis(distances, found, axis=1)
    # a partition picks any of several rows at the k-th distance: those queries are sorted whole
    tied = (distances <= values.max(axis=1, keepdims=True)).sum(axis=1) > k
    found[tied] = np.argsort(distances[tied], axis=1, kind="stable")[:, :k]
    values[tied] = np.take_along_axis(distances[tied], found[tied], axis=1)
    order = np.argsort(values, axis=1, kind="stable")
    return np.take_along_axis(values, order, axis=1), np.take_along_axis(found, order, axis=1)
