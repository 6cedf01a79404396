"""Exact nearest neighbours as functions of arrays: NumPy where small, compiled where large."""

import numpy as np
from numba import types

from .._runtime.jit import compiled, loaded
from .._runtime.threads import CELLS, in_blocks, run
from . import _int16, _kernels
from ._bounds import LANES, PANEL
from ._brute_force import brute_force, k_smallest
from ._int16 import INT16X2
from ._packed import PackedRows, query_grain
from ._self_join import MIN_PANELS, search_self_join

#: Up to this many pairs NumPy answers, unless the kernel is loaded already.
MAX_NUMPY_PAIRS = 400_000

#: Pairs for which a kernel pays once it is loaded.
MIN_KERNEL_PAIRS = 2_000

#: Queries that try a filter first.
TRIAL_QUERIES = 64

#: The float32 bound holds up to this many columns.
MAX_FLOAT32_COLUMNS = 100_000

#: Above this share of pairs measured again a filter gives way to the next wider one.
MAX_OPEN_SHARE = {INT16X2: 0.002, np.dtype(np.float32): 0.02}

#: Fewer queries than this are not worth trying a filter in whole numbers.
MIN_INT16_QUERIES = 32

#: Bytes of float64 panels up to which all rows are packed at once, to be searched among themselves.
MAX_SELF_JOIN_BYTES = 256_000_000

#: A search that may end early begins with so many times smaller a group of panels.
EARLY_STOP_GROUPS = 8


def nearest_euclidean(
    Q, X, k, *, nominal=(), weight=0.0, exclude_self=False, stop_below=None, threads=None
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
    Q, X, n_numeric, weight, shift, sum_squares = rescaled(Q, X, nominal, weight)
    space = k, n_numeric, weight, exclude_self
    pairs = len(Q) * len(X)
    if pairs > MAX_NUMPY_PAIRS or (pairs > MIN_KERNEL_PAIRS and loaded(_kernels.nearest)):
        if stop_below is not None:  # a little less, for the rounding of the root
            stop_below = np.ldexp(stop_below, shift) ** 2 * (1 - 1e-12)
        squared, indices, _ = _packed_search(
            Q, X, *space, sum_squares=sum_squares, stop_below=stop_below, threads=threads
        )
    else:
        squared, indices = brute_force(Q, X, *space)
    with np.errstate(over="ignore"):  # a distance beyond the largest float is infinite
        return np.ldexp(np.sqrt(squared), -shift), indices


def rescaled(Q, X, nominal, weight):
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
    sum_squares = max(_max_sum_squares(Q, X), weight * len(nominal))
    shift = 0 if 1e-180 < sum_squares < 1e180 else _scaling_exponent(Q, X)
    if shift:
        X, weight = np.ldexp(X, shift), float(np.ldexp(weight, 2 * shift))
        Q = X if same else np.ldexp(Q, shift)
        sum_squares = max(_max_sum_squares(Q, X), weight * len(nominal))
    return Q, X, n_numeric, weight, shift, sum_squares


def nearest_by_groups(Q, X, k, *, group=1, square=False, exclude_self=False, threads=None):
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
    if len(Q) * len(X) <= MAX_NUMPY_PAIRS:
        distances = np.zeros((len(Q), len(X)))
        for start in range(0, X.shape[1], group):
            inner = 0.0
            for t in range(start, start + group):
                inner = inner + np.abs(Q[:, t, None] - X[:, t])
            distances += inner * inner if square else inner
        return k_smallest(distances, k, exclude_self)
    distances, indices = np.empty((len(Q), k)), np.empty((len(Q), k), np.int64)
    panels = _column_panels(X)
    code = compiled(_kernels.nearest_grouped, _GROUPED)
    own = 0 if exclude_self else -1
    arrays = (Q, panels, len(X), group, square, own, distances, indices)
    run(code, len(Q), query_grain(len(Q)), *arrays, threads=threads)
    return distances, indices


def _max_sum_squares(Q, X):
    """The larger sum of squares, which may have overflowed or underflowed."""
    return max(map(_sum_of_squares, [X] if Q is X else [X, Q]))


def _sum_of_squares(Z):
    """Sum of squares, which may have overflowed or underflowed."""
    flat, parts = Z.ravel(), np.zeros(1 + Z.size // CELLS)

    def add(start, stop):
        chunk = flat[start:stop]
        with np.errstate(over="ignore", under="ignore"):
            # einsum, not BLAS, whose threads would spin on for a while and hinder ours
            parts[start // CELLS] = np.einsum("i,i", chunk, chunk)

    in_blocks(add, len(flat))
    with np.errstate(over="ignore", under="ignore"):
        return float(parts.sum())


def _scaling_exponent(Q, X):
    """Power of two that brings the largest value near 1."""
    top = max(max(Z.max(initial=0.0), -Z.min(initial=0.0)) for Z in (Q, X))
    return -int(np.frexp(top)[1]) if top else 0


def _filter_dtypes(n_queries, d, n_numeric, dtype):
    """Widths of filters in the order in which they are tried; the last one serves in any case."""
    if dtype is not None:
        return [np.dtype(dtype)]
    use_int16 = (
        n_numeric == d
        and _int16.MAX_COLUMNS >= d
        and n_queries >= MIN_INT16_QUERIES
        and _int16.lanes()
    )
    return [
        *([INT16X2] if use_int16 else []),
        *([np.dtype(np.float32)] if d <= MAX_FLOAT32_COLUMNS else []),
        np.dtype(np.float64),
    ]


def _packed_search(
    Q,
    X,
    k,
    n_numeric,
    weight,
    exclude_self,
    dtype=None,
    sum_squares=None,
    stop_below=None,
    threads=None,
):
    """Squared distances and indices by the kernel `nearest`, group after group of panels."""
    n, d = Q.shape
    dtypes = _filter_dtypes(n, d, n_numeric, dtype)
    if sum_squares is None:
        sum_squares = max(_max_sum_squares(Q, X), weight * (d - n_numeric))
    sum_squares = max(sum_squares, np.finfo(float).tiny)
    fits = n >= MIN_PANELS * PANEL and X.size * dtypes[-1].itemsize <= MAX_SELF_JOIN_BYTES
    if Q is X and stop_below is None and k < LANES and fits:
        return _self_search(X, k, n_numeric, weight, exclude_self, dtypes, sum_squares, threads)
    squared, indices = np.full((n, k), np.inf), np.full((n, k), -1, np.int64)
    n_exact = np.zeros(n, np.int64)
    found, space = (squared, indices, n_exact), (Q, X, n_numeric, weight)
    trial = min(TRIAL_QUERIES, n // 8 // 4 * 4)
    first, n_tried, full_group = 0, 0, None
    for filter_dtype in dtypes:
        packed = PackedRows(*space, filter_dtype, sum_squares, threads, full_group)
        full_group = packed.group_panels
        packed.group_panels = (
            full_group if stop_below is None else -(-full_group // EARLY_STOP_GROUPS)
        )
        packed.pack(first)
        if filter_dtype == dtypes[-1] or not trial:
            break
        trial_end = n_tried + trial
        packed(n_tried, trial_end, exclude_self, *found)
        share = n_exact[n_tried:trial_end].mean()
        n_tried = trial_end
        if share <= _max_open_pairs(k, packed.group_panels * PANEL, filter_dtype):
            break
    open_queries = None
    while True:
        packed(0 if first else n_tried, len(found[2]), exclude_self, *found)
        first += packed.n_packed
        if stop_below is not None:
            packed.group_panels = min(2 * packed.group_panels, full_group)
            # the others go on, as a shorter list of queries
            open_queries = np.arange(n) if open_queries is None else open_queries
            squared[open_queries], indices[open_queries], n_exact[open_queries] = found
            open_ = ~(found[0][:, -1] < stop_below[open_queries])
            open_queries = open_queries[open_]
            found = squared[open_queries], indices[open_queries], n_exact[open_queries]
            packed.keep_queries(open_)
        if first >= packed.n_panels or (open_queries is not None and not len(open_queries)):
            break
        packed.pack(first)
    return squared, indices, n_exact


def _self_search(X, k, n_numeric, weight, exclude_self, dtypes, sum_squares, threads):
    """As `_large`, of all rows among themselves, in the first width that tells near rows apart."""
    group_panels = -(-len(X) // PANEL)
    for filter_dtype in dtypes:
        packed = PackedRows(
            X[:0], X, n_numeric, weight, filter_dtype, sum_squares, threads, group_panels
        )
        packed.pack(0)
        max_open = _max_open_pairs(k, PANEL, filter_dtype) if filter_dtype != dtypes[-1] else np.inf
        found = search_self_join(packed, k, exclude_self, max_open)
        if found is not None:
            return found


def _max_open_pairs(k, rows, filter_dtype):
    """Pairs of a query that a filter may leave open, with those that enter a list for a while."""
    return MAX_OPEN_SHARE[filter_dtype] * rows + 2 * k * (1 + np.log(max(1, rows / k)))


def _column_panels(X):
    """Rows in panels, column by column, padded with zeros."""
    n, d = X.shape
    group_panels = -(-n // PANEL)
    padded = np.zeros((group_panels * PANEL, d))
    padded[:n] = X
    return np.ascontiguousarray(padded.reshape(group_panels, -1, d).transpose(0, 2, 1))


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
