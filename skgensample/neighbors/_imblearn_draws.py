"""Draws as imbalanced-learn makes them, and counts that sum to what was asked."""

import copy
from numbers import Integral

import numpy as np


def imblearn_streams(seed, rng):
    """Streams for one draw of a class after another.

    From an int seed imbalanced-learn makes a new generator for each draw of a class. The first
    class, which is to get the same rows, follows it; a class with a stream of its own goes on.

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
    # the stream itself serves first, so that whoever draws from it later does not repeat it
    streams = iter([rng])
    return lambda: next(streams, None) or np.random.RandomState(seed)


def side_stream(rng):
    """A stream of its own, for draws that imbalanced-learn does not make.

    Parameters
    ----------
    rng : RandomState
        Stream of the class; not advanced, so that the draws that follow stay the same.

    Returns
    -------
    RandomState
        Another stream.
    """
    return np.random.RandomState(copy.deepcopy(rng).randint(2**31 - 1))


def exact_counts(quota, rounded, n):
    """Rounded counts, changed by one where it costs least, until they sum to n.

    Parameters
    ----------
    quota : ndarray of shape (m,)
        Fair shares, with a sum of n.
    rounded : ndarray of int of shape (m,)
        Each share rounded, up or to the nearest.
    n : int
        Sum wanted.

    Returns
    -------
    ndarray of int of shape (m,)
        Those most above their share give one up, or those most below get one.
    """
    missing = int(n - rounded.sum())
    step = np.sign(missing)
    nearest = np.argsort(step * (rounded - quota), kind="stable")[: abs(missing)]
    counts = rounded.copy()
    counts[nearest] += step
    return counts
