"""Exact k-nearest-neighbour functions: NumPy brute force for small data, kernels for large."""

import numpy as np
from numba import types

from .._runtime.jit import PLAIN, compiled, loaded
from .._runtime.threads import CELLS, in_blocks, run
from . import _int16, _kernels
from ._bounds import LANES, PANEL
from ._brute_force import brute_force, k_smallest, query_blocks
from ._int16 import INT16X2
from ._packed import PackedRows, query_grain
from ._self_join import MIN_PANELS, search_self_join

#: Up to this many pairs NumPy is used, unless the kernel is loaded already: no compilation for
#: small data.
MAX_NUMPY_PAIRS = 400_000

#: Pairs that NumPy measures at a time, a few tens of MB of distances.
MAX_PLAIN_PAIRS = 4_000_000

#: Pairs from which on a loaded kernel is faster than NumPy.
MIN_KERNEL_PAIRS = 2_000

#: Queries that try a prefilter first.
TRIAL_QUERIES = 64

#: The float32 error bound is proven up to this many columns.
MAX_FLOAT32_COLUMNS = 100_000

#: If a prefilter leaves more than this share of pairs to be measured exactly, the next more precise
#: one is taken.
MAX_OPEN_SHARE = {INT16X2: 0.002, np.dtype(np.float32): 0.02}

#: With fewer queries the int16 prefilter is not worth a trial.
MIN_INT16_QUERIES = 32

#: Largest float64 panels, in bytes, that a self-join packs at once.
MAX_SELF_JOIN_BYTES = 256_000_000

#: A search with `stop_below` starts with groups of panels smaller by this factor.
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
        Early stop: the search for a query may end as soon as k rows nearer than this are found,
        whichever they are; not with `exclude_self`.
    threads : int, default=None
        Maximum number of threads; None uses numba's setting.

    Returns
    -------
    distances, indices : ndarray of shape (n_queries, k)
        Nearest first; ties are sorted by row number.
    """
    Q, X, n_numeric, weight, shift, sum_squares = rescaled(Q, X, nominal, weight)
    space = k, n_numeric, weight, exclude_self
    pairs = len(Q) * len(X)
    worth = pairs > MAX_NUMPY_PAIRS or (pairs > MIN_KERNEL_PAIRS and loaded(_kernels.nearest))
    if worth and not PLAIN:
        if stop_below is not None:  # slightly less, to allow for rounding of the root
            stop_below = np.ldexp(stop_below, shift) ** 2 * (1 - 1e-12)
        squared, indices, _ = _packed_search(
            Q, X, *space, sum_squares=sum_squares, stop_below=stop_below, threads=threads
        )
    else:
        blocks = query_blocks(len(Q), len(X), MAX_PLAIN_PAIRS)
        parts = [brute_force(Q[block], X, *space, block.start) for block in blocks]
        squared, indices = (np.concatenate(part) for part in zip(*parts))
    with np.errstate(over="ignore"):  # a distance beyond the largest float is infinite
        return np.ldexp(np.sqrt(squared), -shift), indices


def rescaled(Q, X, nominal, weight):
    """Queries and rows, numeric columns first, scaled so that squares stay in range.

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
        The same values times a power of two, which is exact.
    n_numeric : int
        Number of numeric columns.
    weight : float
        Weight in the new unit.
    shift : int
        Exponent of the power of two.
    sum_squares : float
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


def _grouped_distances(Q, X, group, square):
    """Distances of all pairs: sums over groups of columns of absolute differences."""
    distances = np.zeros((len(Q), len(X)))
    for start in range(0, X.shape[1], group):
        inner = 0.0
        for t in range(start, start + group):
            inner = inner + np.abs(Q[:, t, None] - X[:, t])
        distances += inner * inner if square else inner
    return distances


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
        Whether each group's sum is squared: with class frequencies of categories, the squared
        Value Difference Metric.
    exclude_self : bool, default=False
        Whether query i is row i of X, and not its own neighbour.
    threads : int, default=None
        Maximum number of threads; None uses numba's setting.

    Returns
    -------
    distances, indices : ndarray of shape (n_queries, k)
        Nearest first; ties are sorted by row number.
    """
    X = np.ascontiguousarray(X, dtype=np.float64)
    Q = np.ascontiguousarray(Q, dtype=np.float64)
    if PLAIN or len(Q) * len(X) <= MAX_NUMPY_PAIRS:
        parts = []
        for block in query_blocks(len(Q), len(X), MAX_PLAIN_PAIRS):
            distances = _grouped_distances(Q[block], X, group, square)
            parts.append(k_smallest(distances, k, block.start if exclude_self else None))
        return tuple(np.concatenate(part) for part in zip(*parts))
    distances, indices = np.empty((len(Q), k)), np.empty((len(Q), k), np.int64)
    panels = _column_panels(X)
    code = compiled(_kernels.nearest_grouped, _GROUPED)
    own = 0 if exclude_self else -1
    arrays = (Q, panels, len(X), group, square, own, distances, indices)
    run(code, len(Q), query_grain(len(Q)), *arrays, threads=threads)
    return distances, indices


def _max_sum_squares(Q, X):
    """The larger sum of squares of Q and X; it may overflow or underflow."""
    return max(map(_sum_of_squares, [X] if Q is X else [X, Q]))


def _sum_of_squares(Z):
    """Sum of squares; it may overflow or underflow."""
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
    """Power of two that scales the largest value to about 1."""
    top = max(max(Z.max(initial=0.0), -Z.min(initial=0.0)) for Z in (Q, X))
    return -int(np.frexp(top)[1]) if top else 0


def _filter_dtypes(n_queries, d, n_numeric, dtype):
    """dtypes of the prefilters to try, in order; the last one always works."""
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
    """Squared distances, indices, exact-distance counts: `_kernels.nearest`, group by group."""
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
    # Choose the prefilter: a few queries try the fastest one on the first group of panels.
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
    # Search group after group; the trial queries have seen the first group already.
    while True:
        packed(0 if first else n_tried, len(found[2]), exclude_self, *found)
        first += packed.n_packed
        if stop_below is not None:
            packed.group_panels = min(2 * packed.group_panels, full_group)
            # the remaining queries go on, compacted
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
    """As `_packed_search`, a self-join in the first dtype that separates near rows."""
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
    """Exact distances per query up to which a prefilter is worth using.

    Besides `MAX_OPEN_SHARE` of the rows, about ``k (1 + ln(rows / k))`` enter a list for a while.
    """
    return MAX_OPEN_SHARE[filter_dtype] * rows + 2 * k * (1 + np.log(max(1, rows / k)))


def _column_panels(X):
    """Rows in zero-padded panels, stored column by column."""
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


def column_numbers(categorical_features, width):
    """Column numbers from numbers or a mask."""
    given = np.asarray([] if categorical_features is None else categorical_features)
    if given.dtype == bool:
        if given.shape != (width,):
            raise ValueError(
                f"categorical_features is a mask of shape {given.shape}, X has {width} columns."
            )
        return np.flatnonzero(given)
    if given.size and (given.dtype.kind not in "iu" or given.min() < 0 or given.max() >= width):
        raise ValueError(
            f"categorical_features must be a mask or column numbers from 0 to {width - 1}."
        )
    return np.unique(given.astype(np.intp))
