"""Radius search: scikit-learn's brute force, with distances summed from differences."""

import numpy as np
from sklearn.neighbors import NearestNeighbors
from sklearn.preprocessing import OneHotEncoder

from ._knn import rescaled

#: Bytes that categories may take as one-hot columns.
ONE_HOT_LIMIT = 2**30


def radius_search(Q, X, radius, *, metric="euclidean", nominal=(), weight=0.0):
    """Rows within a distance, in any order.

    scikit-learn computes ``metric="euclidean"`` from a matrix product, which loses precision far
    from the origin; ``"seuclidean"`` with unit variances is the same distance from differences. A
    category becomes one-hot columns with variance ``2 / weight``: two different ones add `weight`.

    Parameters
    ----------
    Q : ndarray of shape (n_queries, d) or None
        Finite queries; None uses the rows of X, and a row is not its own neighbour.
    X : ndarray of shape (n, d)
        Finite rows.
    radius : float
        Largest distance; rows farther by a rounding error may be included.
    metric : {"euclidean", "manhattan"}, default="euclidean"
        Distance.
    nominal : array-like of int, default=()
        Columns of category codes, where a difference adds `weight` to the squared distance.
    weight : float, default=0.0
        Weight of a differing category.

    Returns
    -------
    distances, indices : ndarray of shape (n_queries,) of arrays
        Distances and row numbers.
    """
    if metric == "manhattan":
        search = NearestNeighbors(radius=radius, algorithm="brute", metric=metric)
        return search.fit(X).radius_neighbors(Q)
    exclude_self = Q is None
    Q, X, n_numeric, weight, shift, _ = rescaled(X if exclude_self else Q, X, nominal, weight)
    variances = np.ones(n_numeric)
    if len(nominal):
        Q, X = _one_hot(Q, X, n_numeric)
        with np.errstate(over="ignore", divide="ignore"):  # weight 0: infinite variance
            levels = np.full(X.shape[1] - n_numeric, 2 / np.float64(weight))
        variances = np.r_[variances, levels]
    with np.errstate(over="ignore"):  # an infinite radius includes all rows
        radius = float(np.ldexp(float(radius), shift))
    search = NearestNeighbors(
        radius=radius, algorithm="brute", metric="seuclidean", metric_params={"V": variances}
    )
    distances, indices = search.fit(X).radius_neighbors(None if exclude_self else Q)
    with np.errstate(over="ignore"):  # a distance beyond the largest float is infinite
        for i, row in enumerate(distances if shift else ()):
            distances[i] = np.ldexp(row, -shift)
    return distances, indices


def _one_hot(Q, X, n_numeric):
    """Queries and rows with the categorical columns (after the numeric ones) one-hot encoded."""
    same = Q is X
    encoder = OneHotEncoder(sparse_output=False, dtype=np.float64)
    encoder.fit(np.concatenate([X[:, n_numeric:], Q[:, n_numeric:]]))
    width = sum(map(len, encoder.categories_))
    needed = 8 * width * (len(X) if same else len(X) + len(Q))
    if needed > ONE_HOT_LIMIT:
        raise ValueError(
            f"A radius search among {width} categories would need {needed} bytes (limit "
            f"{ONE_HOT_LIMIT}): search among fewer rows, or with kneighbors."
        )
    X = np.hstack([X[:, :n_numeric], encoder.transform(X[:, n_numeric:])])
    return X if same else np.hstack([Q[:, :n_numeric], encoder.transform(Q[:, n_numeric:])]), X
