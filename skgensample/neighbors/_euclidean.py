"""Tables as points in euclidean space, for estimators that do not support categories."""

from numbers import Integral

import numpy as np
from scipy import sparse

from ._imblearn_draws import side_stream


def points(rows, label):
    """Points whose euclidean distances are those of the sampler's neighbour search.

    Categories are one-hot encoded, scaled such that two that differ add the sampler's weight to a
    squared distance, and stored sparsely, so that the number of levels costs nothing. Tables whose
    squares would overflow or underflow are scaled by a power of two.

    Parameters
    ----------
    rows : Rows
        Encoded rows.
    label : label
        Class whose standard deviations set the weight of categories.

    Returns
    -------
    ndarray or csr matrix of shape (n, d)
        The rows themselves where nothing needs encoding or scaling. Missing cells are replaced by
        the mean or mode of the row's class.
    """
    rows = rows.complete()
    Z = rows.coordinates
    if len(rows.nominal):
        Z, weight = rows.metric_inputs(label)
        numbers = sparse.csr_matrix(np.delete(Z, rows.nominal, axis=1))
        Z = sparse.hstack([numbers, *_one_hot_blocks(Z[:, rows.nominal], weight)], format="csr")
    shift = scaling_exponent(Z.data if sparse.issparse(Z) else Z)
    if not shift:
        return Z
    if not sparse.issparse(Z):
        return np.ldexp(Z, shift)
    scaled = Z.copy()
    scaled.data = np.ldexp(scaled.data, shift)
    return scaled


def _one_hot_blocks(codes, weight):
    """One sparse one-hot block for each categorical column."""
    n = len(codes)
    value = np.full(n, np.sqrt(weight / 2))
    for column in codes.T.astype(np.intp):
        yield sparse.csr_matrix((value, (np.arange(n), column)), (n, column.max() + 1))


def scaling_exponent(values):
    """Power of two that scales the largest value to about 1; 0 where squares are in range.

    Parameters
    ----------
    values : ndarray
        Finite numbers.

    Returns
    -------
    int
        The exponent.
    """
    kind, flat = np.finfo(values.dtype), values.ravel(order="K")
    low, high = float(kind.tiny) ** 0.4, float(kind.max) ** 0.4
    with np.errstate(over="ignore", under="ignore"):
        power = float(np.einsum("i,i", flat, flat))
    if low * low * values.size < power < high * high:  # one pass is usually enough
        return 0
    top = float(max(values.max(initial=0.0), -values.min(initial=0.0)))
    if not top or low < top < high:
        return 0
    return -int(np.frexp(top)[1])


def column_std(Z):
    """Standard deviation of each column, without overflow or underflow of squares.

    Parameters
    ----------
    Z : ndarray of shape (n, d)
        Rows.

    Returns
    -------
    ndarray of shape (d,)
        In float64; of the cells that are not missing, and 0 where all are.
    """
    with np.errstate(invalid="ignore"):
        shift = np.frexp(np.abs(Z).max(axis=0, initial=0.0))[1]
        widths = np.ldexp(np.ldexp(Z, -shift).std(axis=0, dtype=np.float64), shift)
    for j in np.flatnonzero(np.isnan(widths)):
        known = Z[:, j][~np.isnan(Z[:, j])]
        widths[j] = column_std(known[:, None])[0] if len(known) else 0.0
    return widths


def with_random_state(estimator, seed, rng):
    """The estimator, with a seed where it would otherwise use NumPy's global state.

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
        The same object.
    """
    if estimator.get_params().get("random_state", 0) is None:
        own = seed if isinstance(seed, Integral) else side_stream(rng).randint(2**31 - 1)
        estimator.set_params(random_state=own)
    return estimator
