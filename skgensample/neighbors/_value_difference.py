"""Value Difference Metric: categories are near if their class frequencies are."""

import numpy as np
from imblearn.metrics.pairwise import ValueDifferenceMetric

from .._runtime.threads import CELLS, each
from ..base import plain_label

#: Bytes that the distance matrix of a class may take, with the copies made on the way to it.
MATRIX_LIMIT = 2**31


def value_differences(rows, label, members):
    """Matrix of the squared Value Differences between the rows of a class.

    Parameters
    ----------
    rows : Rows
        All rows, whose categories are counted.
    label : label
        The class.
    members : ndarray of shape (m,)
        Its row numbers.

    Returns
    -------
    ndarray of shape (m, m)
        Distances, bit for bit those of imbalanced-learn's SMOTEN.

    Raises
    ------
    ValueError
        If the matrix would take too much memory.
    """
    needed = 3 * 8 * len(members) ** 2  # the sum, one column's part of it, and its square
    if needed > MATRIX_LIMIT:
        raise ValueError(
            f"An estimator as k_neighbors is fitted on all distances between the {len(members)} "
            f"rows of class {plain_label(label)!r}, which would need {needed} bytes (limit "
            f"{MATRIX_LIMIT}): give the number of neighbours, or a NumbaNearestNeighbors."
        )
    codes, kinds = rows.Z.astype(np.int32), np.unique(rows.y, return_inverse=True)[1]
    return ValueDifferenceMetric().fit(codes, kinds).pairwise(codes[members])


def category_class_frequencies(Z, y, members, counted=None):
    """Class frequencies of each category, looked up for given rows.

    Parameters
    ----------
    Z : ndarray of shape (n, d)
        Category codes, NaN for missing ones.
    y : ndarray of shape (n,)
        Labels.
    members : ndarray of shape (m,)
        Row numbers for which frequencies are returned.
    counted : list of ndarray of shape (n_levels, n_classes), default=None
        Counts of all rows, where `Z` has only some of them.

    Returns
    -------
    frequencies : list of ndarray of shape (m, n_classes)
        For each column, the frequency of each class among all rows with the row's category; NaN
        where that is missing.
    n_classes : int
        Number of classes.
    """
    if counted is not None:
        rows = [counts[cells] for counts, cells in zip(counted, Z[members].T.astype(np.intp))]
        return [counts / counts.sum(axis=1, keepdims=True) for counts in rows], rows[0].shape[1]
    labels = np.unique(y)
    kind = np.searchsorted(labels, y)
    frequencies = [None] * Z.shape[1]

    def count(j):
        gap = np.isnan(Z[:, j])
        codes = np.where(gap, 0, Z[:, j]).astype(np.intp)
        cells = codes * len(labels) + kind
        counts = np.bincount(cells[~gap], minlength=(codes.max() + 1) * len(labels))
        counts = counts.reshape(-1, len(labels))[codes[members]]
        with np.errstate(invalid="ignore"):
            frequencies[j] = counts / counts.sum(axis=1, keepdims=True)
        frequencies[j][gap[members]] = np.nan

    each(count, range(len(frequencies)), serial=Z.size < CELLS)
    return frequencies, len(labels)
