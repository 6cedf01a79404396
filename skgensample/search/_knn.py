"""Exact nearest neighbours as functions of arrays: NumPy where small, compiled where large."""

import numpy as np
from numba import types

from .._runtime.jit import compiled, loaded
from .._runtime.threads import CELLS, in_blocks, run
from . import _int16, _kernels
from ._bounds import LANES, PANEL
from ._brute_force import small, smallest
from ._int16 import WHOLE
from ._packed import Filter, grain_of
from ._self_join import FEWEST, search_mutual

#: Up to this many pairs NumPy answers, unless the kernel is loaded already.
SMALL = 400_000

#: Pairs for which a kernel pays once it is loaded.
TINY = 2_000

#: Queries that try a filter first.
TRIAL = 64

#: The float32 bound holds up to this many columns.
PROVED = 100_000

#: Above this share of pairs measured again a filter gives way to the next wider one.
USELESS = {WHOLE: 0.002, np.dtype(np.float32): 0.02}

#: Fewer queries than this are not worth trying a filter in whole numbers.
FEW = 32

#: Bytes of float64 panels up to which all rows are packed at once, to be searched among themselves.
AT_ONCE = 256_000_000

#: A search that may end early begins with so many times smaller a group of panels.
EARLY = 8


def nearest_euclidean(
    Q, X, k, *, nominal=(), weight=0.0, exclude_self=False, enough=None, threads=None
):
    """k nearest rows by euclidean distance, with a constant for each differing category.

    Parameters
    ----------
    Q, X : ndarray of shape (n_queries, d) and (n, d)
        Finite queries and rows.
    k : int
        Number of neighbours.
    nominal : array-like of int, default=()
        Columns of category codes, where a difference adds `weight` to the squared distance.
    weight : float, default=0.0
        Weight of a differing category.
    exclude_self : bool, default=False
        Whether query i is row i of X, and not its own neighbour.
    enough : ndarray of shape (n_queries,), default=None
        A query may be left with any k rows that are nearer than this, once they are found; not
        with `exclude_self`.
    threads : int, default=None
        At most so many threads; None takes numba's number.

    Returns
    -------
    distances, indices : ndarray of shape (n_queries, k)
        Nearest first; at equal distance the smaller row number stands first.
    """
    Q, X, n_numeric, weight, shift, power = prepared(Q, X, nominal, weight)
    space = k, n_numeric, weight, exclude_self
    pairs = len(Q) * len(X)
    if pairs > SMALL or (pairs > TINY and loaded(_kernels.nearest)):
        if enough is not None:  # a little less, for the rounding of the root
            enough = np.ldexp(enough, shift) ** 2 * (1 - 1e-12)
        squared, indices, _ = _large(Q, X, *space, power=power, enough=enough, threads=threads)
    else:
        squared, indices = small(Q, X, *space)
    with np.errstate(over="ignore"):  # a distance beyond the largest float is infinite
        return np.ldexp(np.sqrt(squared), -shift), indices


def prepared(Q, X, nominal, weight):
    """Queries and rows, numeric columns first, of a size whose squares neither over- nor underflow.

    Parameters
    ----------
    Q, X : ndarray of shape (n_queries, d) and (n, d)
        Finite queries and rows.
    nominal : array-like of int
        Columns of category codes.
    weight : float
        Weight of a differing category.

    Returns
    -------
    Q, X : ndarray
        The same numbers times a power of two, which changes no digit.
    n_numeric : int
        Number of numeric columns.
    weight : float
        Weight in the new unit.
    shift : int
        Exponent of the power of two.
    power : float
        The larger sum of squares, or what differing categories add if that is more.
    """
    same = Q is X
    n_numeric = X.shape[1] - len(nominal)
    if len(nominal):
        order = np.r_[np.setdiff1d(np.arange(X.shape[1]), nominal), nominal]
        Q, X = Q[:, order], X[:, order]
    X = np.ascontiguousarray(X, dtype=np.float64)
    Q = X if same else np.ascontiguousarray(Q, dtype=np.float64)
    power = max(_power(Q, X), weight * len(nominal))
    shift = 0 if 1e-180 < power < 1e180 else _exponent(Q, X)
    if shift:
        X, weight = np.ldexp(X, shift), float(np.ldexp(weight, 2 * shift))
        Q = X if same else np.ldexp(Q, shift)
        power = max(_power(Q, X), weight * len(nominal))
    return Q, X, n_numeric, weight, shift, power


def nearest_grouped(Q, X, k, *, group=1, square=False, exclude_self=False, threads=None):
    """k nearest rows by a sum over groups of columns of absolute differences.

    Parameters
    ----------
    Q, X : ndarray of shape (n_queries, d) and (n, d)
        Finite queries and rows.
    k : int
        Number of neighbours.
    group : int, default=1
        Columns in a group.
    square : bool, default=False
        Whether each group's sum is squared: with class shares of categories, the squared Value
        Difference Metric.
    exclude_self : bool, default=False
        Whether query i is row i of X, and not its own neighbour.
    threads : int, default=None
        At most so many threads; None takes numba's number.

    Returns
    -------
    distances, indices : ndarray of shape (n_queries, k)
        Nearest first; at equal distance the smaller row number stands first.
    """
    X = np.ascontiguousarray(X, dtype=np.float64)
    Q = np.ascontiguousarray(Q, dtype=np.float64)
    if len(Q) * len(X) <= SMALL:
        distances = np.zeros((len(Q), len(X)))
        for start in range(0, X.shape[1], group):
            inner = 0.0
            for t in range(start, start + group):
                inner = inner + np.abs(Q[:, t, None] - X[:, t])
            distances += inner * inner if square else inner
        return smallest(distances, k, exclude_self)
    distances, indices = np.empty((len(Q), k)), np.empty((len(Q), k), np.int64)
    panels = _transposed(X)
    code = compiled(_kernels.nearest_grouped, _GROUPED)
    own = 0 if exclude_self else -1
    arrays = (Q, panels, len(X), group, square, own, distances, indices)
    run(code, len(Q), grain_of(len(Q)), *arrays, threads=threads)
    return distances, indices


def _power(Q, X):
    """The larger sum of squares, which may have overflowed or underflowed."""
    return max(map(_sum_of_squares, [X] if Q is X else [X, Q]))


def _sum_of_squares(Z):
    """Sum of squares, which may have overflowed or underflowed."""
    flat, parts = Z.ravel(), np.zeros(1 + Z.size // CELLS)

    def add(start, stop):
        part = flat[start:stop]
        with np.errstate(over="ignore", under="ignore"):
            # einsum, not BLAS, whose threads would spin on for a while and hinder ours
            parts[start // CELLS] = np.einsum("i,i", part, part)

    in_blocks(add, len(flat))
    with np.errstate(over="ignore", under="ignore"):
        return float(parts.sum())


def _exponent(Q, X):
    """Power of two that brings the largest value near 1."""
    top = max(max(Z.max(initial=0.0), -Z.min(initial=0.0)) for Z in (Q, X))
    return -int(np.frexp(top)[1]) if top else 0


def _widths(n_queries, d, n_numeric, dtype):
    """Widths of filters in the order in which they are tried; the last one serves in any case."""
    if dtype is not None:
        return [np.dtype(dtype)]
    plain = n_numeric == d and _int16.MOST >= d and n_queries >= FEW and _int16.lanes()
    return [
        *([WHOLE] if plain else []),
        *([np.dtype(np.float32)] if d <= PROVED else []),
        np.dtype(np.float64),
    ]


def _large(
    Q, X, k, n_numeric, weight, exclude_self, dtype=None, power=None, enough=None, threads=None
):
    """Squared distances and indices by the kernel `nearest`, group after group of panels."""
    n, d = Q.shape
    widths = _widths(n, d, n_numeric, dtype)
    if power is None:
        power = max(_power(Q, X), weight * (d - n_numeric))
    power = max(power, np.finfo(float).tiny)
    fits = n >= FEWEST * PANEL and X.size * widths[-1].itemsize <= AT_ONCE
    if Q is X and enough is None and k < LANES and fits:
        return _among(X, k, n_numeric, weight, exclude_self, widths, power, threads)
    squared, indices = np.full((n, k), np.inf), np.full((n, k), -1, np.int64)
    seen = np.zeros(n, np.int64)
    found, space = (squared, indices, seen), (Q, X, n_numeric, weight)
    trial = min(TRIAL, n // 8 // 4 * 4)
    first, tried, most = 0, 0, None
    for width in widths:
        search = Filter(*space, width, power, threads, most)
        most = search.count
        search.count = most if enough is None else -(-most // EARLY)
        search.pack(first)
        if width == widths[-1] or not trial:
            break
        ahead = tried + trial
        search(tried, ahead, exclude_self, *found)
        share = seen[tried:ahead].mean()
        tried = ahead
        if share <= _needed(k, search.count * PANEL, width):
            break
    todo = None
    while True:
        search(0 if first else tried, len(found[2]), exclude_self, *found)
        first += search.there
        if enough is not None:
            search.count = min(2 * search.count, most)
            # the others go on, as a shorter list of queries
            todo = np.arange(n) if todo is None else todo
            squared[todo], indices[todo], seen[todo] = found
            open_ = ~(found[0][:, -1] < enough[todo])
            todo = todo[open_]
            found = squared[todo], indices[todo], seen[todo]
            search.keep(open_)
        if first >= search.spread or (todo is not None and not len(todo)):
            break
        search.pack(first)
    return squared, indices, seen


def _among(X, k, n_numeric, weight, exclude_self, widths, power, threads):
    """As `_large`, of all rows among themselves, in the first width that tells near rows apart."""
    count = -(-len(X) // PANEL)
    for width in widths:
        search = Filter(X[:0], X, n_numeric, weight, width, power, threads, count)
        search.pack(0)
        most = _needed(k, PANEL, width) if width != widths[-1] else np.inf
        found = search_mutual(search, k, exclude_self, most)
        if found is not None:
            return found


def _needed(k, rows, width):
    """Pairs of a query that a filter may leave open, with those that enter a list for a while."""
    return USELESS[width] * rows + 2 * k * (1 + np.log(max(1, rows / k)))


def _transposed(X):
    """Rows in panels, column by column, padded with zeros."""
    n, d = X.shape
    count = -(-n // PANEL)
    padded = np.zeros((count * PANEL, d))
    padded[:n] = X
    return np.ascontiguousarray(padded.reshape(count, -1, d).transpose(0, 2, 1))


_GROUPED = types.void(
    *[types.int64] * 2,
    types.Array(types.float64, 2, "C", readonly=True),
    types.float64[:, :, ::1],
    types.int64,
    types.int64,
    types.boolean,
    types.int64,
    types.float64[:, ::1],
    types.int64[:, ::1],
)
