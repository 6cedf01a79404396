"""Missing cells of mixed tables: neighbours, new rows and votes where some cells are NaN."""

from numbers import Integral

import numpy as np
from sklearn.base import clone
from sklearn.utils import get_tags

from .._runtime.blas import safe_after_fork
from .._runtime.threads import in_blocks
from ..base import plain_label
from ..search._gaps import nearest_with_gaps
from ..search._nearest_neighbors import NumbaNearestNeighbors


def search_with_gaps(search, parameter, rows, label, of, among, k):
    """Positions in `among` of the k nearest rows, each row itself first.

    Parameters
    ----------
    search : int or estimator
        What was given as the sampler's parameter.
    parameter : str
        Its name, for messages.
    rows : Rows
        All rows, some with missing cells.
    label : label
        Class being sampled.
    of, among : ndarray of row numbers
        Queries, and the rows to search (None: all).
    k : int
        Number of neighbours, the row itself included where it is in `among`.

    Returns
    -------
    ndarray of shape (len(of), k)
        A row without a column in common with the query is not taken: nearer ones are repeated
        instead, or the row itself where there is none.

    Raises
    ------
    ValueError
        If no two rows of the class have a column in common, or an estimator takes no missing
        cells.
    """
    among = np.arange(len(rows.y)) if among is None else among
    own = np.searchsorted(among, of)
    inside = np.array_equal(among[np.minimum(own, len(among) - 1)], of)
    if not isinstance(search, Integral | NumbaNearestNeighbors):
        return _by_estimator(search, parameter, rows, of, among, k)
    Z, weight = rows.metric_inputs(label) if len(rows.nominal) else (rows.coordinates, 0.0)
    if isinstance(search, NumbaNearestNeighbors):
        weight = _weight_of(search, parameter, weight)
    space = {"nominal": rows.nominal, "weight": weight}
    if not inside:
        found = nearest_with_gaps(Z[of], Z[among], k, **space)[1]
        return repaired(found, np.zeros(len(of), dtype=np.intp))
    found = nearest_with_gaps(Z[of], Z[among], k - 1, own=own, **space)[1]
    if len(of) > 1 and np.array_equal(of, rows.members(label)):
        check_common(found, label)
    return np.column_stack([own, repaired(found, own)])


def check_common(found, label):
    """Refuse a class of which no row has a neighbour."""
    if found.size and (found < 0).all():
        raise ValueError(
            f"Class {plain_label(label)!r}: no two of its rows have a value in the same column, so "
            "that no distance is known. Impute the missing cells first, e.g. with "
            "sklearn.impute.SimpleImputer, or leave the class out with sampling_strategy."
        )


def repaired(found, own):
    """Neighbours without -1: a row's other ones in turn, or the row itself where it has none."""
    have = (found >= 0).sum(axis=1)
    if (have == found.shape[1]).all():
        return found
    turn = np.arange(found.shape[1]) % np.maximum(have, 1)[:, None]
    return np.where(have[:, None] > 0, np.take_along_axis(found, turn, axis=1), own[:, None])


def _by_estimator(search, parameter, rows, of, among, k):
    """Neighbours that a third-party estimator finds, if it takes missing cells."""
    if len(rows.nominal) or not get_tags(search).input_tags.allow_nan:
        raise ValueError(
            f"The table has missing cells, which the {type(search).__name__} given as {parameter} "
            "does not take: give the number of neighbours, impute first, or, for numeric columns, "
            "give NearestNeighbors(metric='nan_euclidean')."
        )
    Z = rows.coordinates
    with safe_after_fork():
        search = clone(search).set_params(n_neighbors=k).fit(Z[among])
        return search.kneighbors(Z[of], return_distance=False)


def _weight_of(search, parameter, weight):
    """Weight of a differing category, where a `NumbaNearestNeighbors` is given."""
    if search.metric == "manhattan":
        raise ValueError(
            f"The table has missing cells, and the search given as {parameter} has "
            "metric='manhattan': take 'euclidean', or impute first."
        )
    fixed = search.metric == "mixed" and search.category_weight != "median_std"
    return float(search.category_weight) if fixed else weight


def keep_gaps(Z, parents, columns, out):
    """Write the base's cell wherever one of the two parents has none.

    Parameters
    ----------
    Z : ndarray of shape (n, d)
        Rows.
    parents : ndarray of shape (n_new, 2)
        Row numbers of base and neighbour.
    columns : ndarray of shape (c,)
        Columns to look at.
    out : ndarray of shape (n_new, d)
        New rows, changed in place.
    """

    def write(start, stop):
        part = out[start:stop]
        for j in columns:
            base, neighbor = Z[parents[start:stop, 0], j], Z[parents[start:stop, 1], j]
            gap = np.isnan(base) | np.isnan(neighbor)
            part[gap, j] = base[gap]

    in_blocks(write, len(out), out.shape[1])


def filled(Z, y, nominal):
    """Rows with the mean or the mode of their class in place of missing cells.

    Parameters
    ----------
    Z : ndarray of shape (n, d)
        Rows.
    y : ndarray of shape (n,)
        Labels.
    nominal : ndarray
        Columns of category codes, which take the mode.

    Returns
    -------
    ndarray of shape (n, d)
        Where a class has no value in a column, that of all rows; 0 where the column is empty.
    """
    Z = Z.copy()
    for j in np.flatnonzero(np.isnan(Z).any(axis=0)):
        middle = _mode if j in nominal else np.mean
        column, gap = Z[:, j], np.isnan(Z[:, j])
        known = column[~gap]
        overall = middle(known) if len(known) else 0.0
        for label in np.unique(y[gap]):
            own = column[~gap & (y == label)]
            column[gap & (y == label)] = middle(own) if len(own) else overall
    return Z


def _mode(codes):
    """Most frequent code; the smallest of several."""
    levels, counts = np.unique(codes, return_counts=True)
    return levels[counts.argmax()]
