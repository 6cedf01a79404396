"""Tables as points, for estimators that know euclidean distances and no categories."""

import os
from contextlib import nullcontext
from numbers import Integral

import numpy as np
from scipy import sparse
from threadpoolctl import threadpool_limits

from ._draws import aside

_IMPORTED_BY = os.getpid()


def safe_after_fork():
    """Context for code that runs OpenMP: in a forked child it would wait for lost threads.

    Returns
    -------
    context manager
        One thread in a forked child, no change elsewhere.
    """
    forked = os.getpid() != _IMPORTED_BY
    return threadpool_limits(limits=1, user_api="openmp") if forked else nullcontext()


def points(rows, label):
    """Points whose euclidean distances are those of a sampler's neighbours.

    A category becomes a coordinate of its own, such that two that differ add the sampler's weight
    to a squared distance; stored sparsely, so that the number of levels costs nothing. Tables so
    large or small in magnitude that squares would overflow or vanish are scaled by a power of two.

    Parameters
    ----------
    rows : Rows
        Encoded rows.
    label : label
        Class whose spread sets the weight of categories.

    Returns
    -------
    ndarray or csr matrix of shape (n, d)
        The rows themselves where there are neither categories nor extremes.
    """
    Z = rows.Z
    if len(rows.nominal):
        numbers = sparse.csr_matrix(np.delete(Z, rows.nominal, axis=1))
        Z = sparse.hstack([numbers, *_marks(rows, label)], format="csr")
    data = Z.data if sparse.issparse(Z) else Z
    top = float(max(data.max(initial=0.0), -data.min(initial=0.0)))
    kind = np.finfo(data.dtype)
    if not top or float(kind.tiny) ** 0.4 < top < float(kind.max) ** 0.4:
        return Z
    scaled = Z.copy()
    shift = -int(np.frexp(top)[1])
    if sparse.issparse(Z):
        scaled.data = np.ldexp(scaled.data, shift)
        return scaled
    return np.ldexp(scaled, shift)


def _marks(rows, label):
    """One sparse block for each column of categories, with one mark in each row."""
    n = len(rows.Z)
    height = np.full(n, np.sqrt(rows.mismatch(label) / 2))
    for column in rows.Z[:, rows.nominal].T:
        codes = column.astype(np.intp)
        yield sparse.csr_matrix((height, (np.arange(n), codes)), (n, codes.max() + 1))


def seeded(estimator, seed, rng):
    """The estimator, with a seed where it would use NumPy's global one.

    Parameters
    ----------
    estimator : estimator
        A clone that may be changed.
    seed : int, RandomState instance or None
        The sampler's `random_state`.
    rng : RandomState
        Stream of the class; not advanced, as imbalanced-learn draws nothing here.

    Returns
    -------
    estimator
        The one given.
    """
    if estimator.get_params().get("random_state", 0) is None:
        own = seed if isinstance(seed, Integral) else aside(rng).randint(2**31 - 1)
        estimator.set_params(random_state=own)
    return estimator
