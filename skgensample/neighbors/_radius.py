"""All rows within a distance, block by block in NumPy: never all pairs at once."""

import numpy as np

from ._exact import prepared

#: Pairs whose rough distances are held at a time.
BLOCK = 2_000_000


def within_euclidean(Q, X, radius, *, nominal=(), weight=0.0, exclude_self=False):
    """Rows within a euclidean distance, with a constant for each differing category.

    A matrix product rules out pairs, by a bound on its rounding; the others are measured from the
    differences of their numbers.

    Parameters
    ----------
    Q, X : ndarray of shape (n_queries, d) and (n, d)
        Finite queries and rows.
    radius : float
        Largest distance.
    nominal : array-like of int, default=()
        Columns of category codes, where a difference adds `weight` to the squared distance.
    weight : float, default=0.0
        Weight of a differing category.
    exclude_self : bool, default=False
        Whether query i is row i of X, and not its own neighbour.

    Returns
    -------
    distances, indices : list of ndarray
        For each query, rows in ascending order of their numbers.
    """
    Q, X, n_numeric, weight, shift, _ = prepared(Q, X, nominal, weight)
    center = X[:, :n_numeric].mean(axis=0)
    A, B = Q[:, :n_numeric] - center, X[:, :n_numeric] - center
    a2, b2 = np.einsum("ij,ij->i", A, A), np.einsum("ij,ij->i", B, B)
    codes = weight * (X.shape[1] - n_numeric)
    # twice what the product's roundings, those of the norms and of the exact sums can come to
    slack = 4 * (X.shape[1] + 8) * np.finfo(float).eps

    def near(part):
        rough = A[part] @ B.T
        rough *= -2
        rough += a2[part, None]
        rough += b2
        for t in range(n_numeric, X.shape[1]):
            rough += weight * (Q[part, t, None] != X[:, t])
        limit = np.ldexp(float(radius), shift) ** 2
        error = slack * (limit + a2[part, None] + b2 + codes)
        return np.nonzero(rough <= limit + error)

    def measure(q, x):
        squared, differing = 0.0, 0
        for t in range(X.shape[1]):
            if t < n_numeric:
                step = Q[q, t] - X[x, t]
                squared = squared + step * step
            else:
                differing = differing + (Q[q, t] != X[x, t])
        with np.errstate(over="ignore"):  # a distance beyond the largest float is infinite
            return np.ldexp(np.sqrt(squared + weight * differing), -shift)

    return _lists(len(Q), len(X), near, measure, radius, exclude_self)


def within_manhattan(Q, X, radius, *, exclude_self=False):
    """Rows within a Manhattan distance.

    Parameters
    ----------
    Q, X : ndarray of shape (n_queries, d) and (n, d)
        Finite queries and rows.
    radius : float
        Largest distance.
    exclude_self : bool, default=False
        Whether query i is row i of X, and not its own neighbour.

    Returns
    -------
    distances, indices : list of ndarray
        For each query, rows in ascending order of their numbers.
    """

    def measure(q, x):
        total = 0.0
        for t in range(X.shape[1]):
            total = total + np.abs(Q[q, t] - X[x, t])
        return total

    def near(part):
        rows = np.arange(len(X))
        return np.nonzero(measure(np.arange(len(Q))[part, None], rows[None]) <= radius)

    return _lists(len(Q), len(X), near, measure, radius, exclude_self)


def _lists(n_queries, n, near, measure, radius, exclude_self):
    """Distances and rows of each query: pairs that `near` leaves open, measured."""
    distances, indices = [], []
    grain = max(1, BLOCK // max(1, n))
    for start in range(0, n_queries, grain):
        part = slice(start, min(n_queries, start + grain))
        q, x = near(part)
        found = measure(q + start, x)
        kept = found <= radius
        if exclude_self:
            kept &= q + start != x
        q, x, found = q[kept], x[kept], found[kept]
        ends = np.searchsorted(q, np.arange(1, part.stop - start))
        distances += np.split(found, ends)
        indices += np.split(x.astype(np.int64, copy=False), ends)
    return distances, indices
