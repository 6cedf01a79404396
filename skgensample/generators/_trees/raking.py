"""Raking: weights with which the values drawn for a class have the class's marginals.

A tree's leaves reproduce the marginal of a column if the columns before it have their training
distribution. Generated ones deviate a little, and errors add up from column to column.
"""

import numpy as np

#: Bins of a column.
N_BINS = 32
#: Rounds of iterative proportional fitting, and the largest factor of a probability.
ROUNDS, MOST = 10, 8.0
#: Weights are whole multiples of one over this.
UNIT = 256


def raking_bins(codes, support, unordered):
    """Bin of each code: one of the more frequent levels, or adjacent numbers; a missing cell.

    Parameters
    ----------
    codes : ndarray of shape (n,) of int
        Codes of the rows of a class.
    support : ColumnSupport
        Values of the column.
    unordered : bool
        Whether codes have no order.

    Returns
    -------
    ndarray of shape (n_codes,) of int
        At most 33 bins.
    """
    counts = np.bincount(codes, minlength=support.n_codes)
    if unordered:
        rank = np.empty(len(counts), dtype=np.intp)
        rank[np.argsort(-counts, kind="stable")] = np.arange(len(counts))
        return np.minimum(rank, N_BINS - 1)
    seen = counts[: support.n_values]
    middle = (np.cumsum(seen) - seen / 2) / max(seen.sum(), 1)
    bins = np.unique((middle * N_BINS).astype(np.intp), return_inverse=True)[1]
    return np.append(bins, bins.max(initial=-1) + 1)[: support.n_codes]


def raking_weights(forest, codes, g, bins, wanted):
    """Weights of bins with which rows of a class have wanted frequencies.

    Parameters
    ----------
    forest : ColumnForest
        Trees of the column.
    codes : list of ndarray of shape (n,) of int
        Codes of the predictors of generated rows.
    g : int
        Class index of all rows.
    bins : ndarray of shape (n_codes,) of int
        Bin of each code.
    wanted : ndarray of shape (n_bins,)
        Frequency of each bin in the class.

    Returns
    -------
    ndarray of shape (n_codes,) of int
        Weight of each code in every leaf.
    """
    features, parts = forest.features(codes), []
    for t, leaves in enumerate(forest.leaves):
        counts = leaves.counts(g, bins, len(wanted))
        visits = np.bincount(forest.leaf(t, features), minlength=len(counts))
        seen = (counts.sum(axis=1) > 0) & (visits > 0)
        parts.append((counts[seen], visits[seen]))
    counts, visits = (np.concatenate(arrays) for arrays in zip(*parts))
    weights = np.ones(len(wanted))
    for _ in range(ROUNDS):
        found = weights * ((visits / (counts @ weights)) @ counts) / max(visits.sum(), 1)
        weights *= np.divide(wanted, found, out=np.ones(len(wanted)), where=found > 0)
        weights = np.clip(weights, 1 / MOST, MOST)
    return np.rint(UNIT * weights[bins]).astype(np.int64)
