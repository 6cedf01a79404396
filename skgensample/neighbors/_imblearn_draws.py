"""Random draws in imbalanced-learn's order, and counts that sum to the number requested."""

import copy
from numbers import Integral

import numpy as np


def imblearn_streams(seed, rng):
    """Random streams for the successive draws of a class.

    From an int seed imbalanced-learn creates a new generator for each draw of a class. The first
    class, which has to get the same rows, follows it; other classes use their own stream
    throughout.

    Parameters
    ----------
    seed : int, RandomState instance or None
        The sampler's `random_state`.
    rng : RandomState
        Stream of the class.

    Returns
    -------
    callable
        Returns the stream of the next draw.
    """
    if not isinstance(seed, Integral):
        return lambda: rng
    first = np.random.RandomState(seed)
    if not np.array_equal(first.get_state()[1], rng.get_state()[1]):
        return lambda: rng
    # the class's own stream comes first, so that later draws from it are not repeated
    streams = iter([rng])
    return lambda: next(streams, None) or np.random.RandomState(seed)


def side_stream(rng):
    """A separate stream, for draws that imbalanced-learn does not make.

    Parameters
    ----------
    rng : RandomState
        Stream of the class; not advanced, so that later draws stay the same.

    Returns
    -------
    RandomState
        Another stream, derived from the state of `rng`.
    """
    return np.random.RandomState(copy.deepcopy(rng).randint(2**31 - 1))


def exact_counts(quota, rounded, n):
    """Rounded counts, corrected by one where the rounding error is largest, until they sum to n.

    Parameters
    ----------
    quota : ndarray of shape (m,)
        Exact shares, with a sum of n.
    rounded : ndarray of int of shape (m,)
        Each share rounded, up or to the nearest integer.
    n : int
        Required sum.

    Returns
    -------
    ndarray of int of shape (m,)
        Counts most above their share are reduced by one, or those most below increased.
    """
    missing = int(n - rounded.sum())
    step = np.sign(missing)
    nearest = np.argsort(step * (rounded - quota), kind="stable")[: abs(missing)]
    counts = rounded.copy()
    counts[nearest] += step
    return counts
