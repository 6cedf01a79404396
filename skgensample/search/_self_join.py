"""k-NN self-join: each distance is computed once and updates both rows' lists.

This halves the work of searching the rows as queries. A pair of panels changes the lists of both,
so threads process pairs of row blocks, and no block is in two running tasks. The result does not
depend on the order of the pairs.
"""

import time
from functools import cache
from threading import Lock

import numba
import numpy as np
from numba import types

from .._runtime.jit import compiled, inlined
from .._runtime.threads import each, thread_count
from ._bounds import (
    LANES,
    PANEL,
    _cast_limit,
    _hits,
    _initial_bound,
    _limit,
    _panel_as_queries,
    _prefilter,
    _reverse_limit,
    _reverse_shift,
    _row_norm,
    _set_bound,
    _span,
)
from ._kernels import QUEUE_LENGTH, _exact_distances, _insert

#: Tables of fewer panels are searched as queries.
MIN_PANELS = 8

#: Row blocks per thread: enough that a pair of free blocks is usually available.
BLOCKS_PER_THREAD = 4

#: Pause of a thread that finds no pair of free blocks.
RETRY_SECONDS = 1e-4


def self_join(
    pairs,
    X,
    n_numeric,
    weight,
    panels,
    norm2,
    norm_bound,
    scale,
    unit,
    gamma,
    slack,
    exclude_self,
    bounds,
    squared,
    indices,
    n_exact,
):
    """Update the k-nearest lists of the rows of pairs of panels, in both directions.

    pairs : (m, 2), panel numbers; a panel is paired with itself before it is paired with others.
    bounds : (4, n_panels * PANEL), as in `_kernels.nearest`, for each row in panel order. The other
    arguments are those of `nearest`, except that the panels hold all rows, that k is less than 32,
    and that `exclude_self` says whether a row is its own neighbour.
    """
    n_panels, d, _ = panels.shape
    n, k = squared.shape
    numeric = d - (X.shape[1] - n_numeric)
    code_norm = (X.shape[1] - n_numeric) * weight * scale * scale
    code_weight = panels.dtype.type(weight * scale * scale * (1 - unit))
    errors = (scale, unit, gamma, code_norm, slack, 1 + 1e-15 * (X.shape[1] + 4))
    A, lanes = np.empty((PANEL, d), panels.dtype), np.empty(LANES, panels.dtype)
    acc, limits = np.empty(4 * PANEL, panels.dtype), np.empty(4, panels.dtype)
    panel_limits, reverse_limits = np.empty(PANEL, panels.dtype), np.empty(PANEL, panels.dtype)
    shift = np.empty(4, panels.dtype)
    queue, queued, exact = np.empty((QUEUE_LENGTH, 2), np.int64), 0, np.empty(QUEUE_LENGTH)
    loaded, k_start = -1, k + exclude_self
    for p, o in pairs:
        if p != loaded:  # consecutive pairs share their first panel: copied once
            _panel_as_queries(panels, p, numeric, A)
            loaded = p
        if p == o:
            _init_bounds(panels, p, numeric, norm_bound, bounds, errors)
            reverse_limits[:] = _cast_limit(-3e38, acc)  # both orders of a pair occur anyway
        else:
            _reverse_limits(bounds, o, n, n_panels, norm_bound[p], errors, reverse_limits)
        _panel_limits(bounds, p, norm_bound[o], errors, panel_limits)
        for q in range(0, PANEL, 4):
            n_rows = min(4, (n - p - q * n_panels + n_panels - 1) // n_panels)
            if n_rows <= 0:
                break
            _prefilter(panels, o, norm2, A, q, PANEL - 1, numeric, code_weight, acc)
            for i in range(n_rows):
                place = p * PANEL + q + i
                if p == o:
                    _initial_bound(acc, i, k_start, lanes, bounds, place, norm_bound[p], errors)
                    limit = _limit(bounds, place, norm_bound[o], errors)
                    panel_limits[q + i] = _cast_limit(limit, acc)
                limits[i], shift[i] = panel_limits[q + i], _reverse_shift(bounds[2, place], acc)
            # Bits 0-3: a row of panel o may be a neighbour of row i; bits 4-7: the reverse.
            hits = _hits(acc, limits) + 16 * _reverse_hits(acc, shift, reverse_limits)
            hits &= 17 * ((1 << n_rows) - 1)  # padding rows have no hits
            for hit in range(8 if hits else 0):
                if not hits >> hit & 1:
                    continue
                i, reverse = hit & 3, hit > 3
                row, values = p + (q + i) * n_panels, acc[i * PANEL : (i + 1) * PANEL]
                low, high = _span_of(values, limits[i], shift[i], reverse_limits, reverse)
                for c in range(low, high + 1):
                    other = o + c * n_panels
                    is_hit = values[c] <= limits[i]
                    if reverse:
                        is_hit = values.dtype.type(values[c] + shift[i]) <= reverse_limits[c]
                    if not is_hit or other >= n or (exclude_self and other == row):
                        continue
                    queue[queued, 0], queue[queued, 1] = (other, row) if reverse else (row, other)
                    queued += 1
                    if queued == QUEUE_LENGTH:  # measured at once: may tighten this row's limit
                        _exact_distances(queue, exact, X, X, n_numeric, weight)
                        _update_rows(queue, exact, squared, indices, n_exact, bounds, errors)
                        queued = 0
                        limit = _limit(bounds, p * PANEL + q + i, norm_bound[o], errors)
                        limits[i] = _cast_limit(limit, acc)
    _exact_distances(queue[:queued], exact, X, X, n_numeric, weight)
    _update_rows(queue[:queued], exact, squared, indices, n_exact, bounds, errors)


@inlined()
def _update_rows(queue, exact, squared, indices, n_exact, bounds, errors):
    """Insert measured pairs into the lists; tighten bounds of rows whose k-th distance fell."""
    n_panels = bounds.shape[1] // PANEL
    for e in range(len(queue)):
        row = queue[e, 0]
        n_exact[row] += 1
        if _insert(exact[e], queue[e, 1], squared, indices, row):
            place = row % n_panels * PANEL + row // n_panels
            _set_bound(squared[row, squared.shape[1] - 1], bounds, place, errors)


@inlined()
def _init_bounds(panels, p, numeric, norm_bound, bounds, errors):
    """Norms of a panel's rows, and infinite bounds while no distance is known."""
    for c in range(PANEL):
        place = p * PANEL + c
        bounds[2, place], bounds[3, place] = _row_norm(panels, p, c, numeric, norm_bound)
        _set_bound(np.inf, bounds, place, errors)


@inlined()
def _panel_limits(bounds, p, norm_bound, errors, limits):
    """Limits of a panel's rows as queries."""
    for c in range(PANEL):
        limits[c] = _cast_limit(_limit(bounds, p * PANEL + c, norm_bound, errors), limits)


@inlined()
def _reverse_limits(bounds, o, n, n_panels, norm_bound, errors, limits):
    """Limits of a panel's rows as queries, for values in which they are the candidates."""
    for c in range(PANEL):
        place = o * PANEL + c
        limit = _limit(bounds, place, norm_bound, errors)
        limits[c] = _reverse_limit(limit, bounds[2, place], norm_bound, errors, limits)
        if o + c * n_panels >= n:
            limits[c] = _cast_limit(-3e38, limits)


@inlined()
def _reverse_hits(acc, shift, limits):
    """Bit mask of the four rows that may be a neighbour of some row of the panel."""
    kind = acc.dtype.type  # numba would widen the sum of two int32
    s0, s1, s2, s3 = shift[0], shift[1], shift[2], shift[3]
    hit0 = hit1 = hit2 = hit3 = False
    for c in range(PANEL):
        limit = limits[c]
        hit0 |= kind(acc[c] + s0) <= limit
        hit1 |= kind(acc[c + PANEL] + s1) <= limit
        hit2 |= kind(acc[c + 2 * PANEL] + s2) <= limit
        hit3 |= kind(acc[c + 3 * PANEL] + s3) <= limit
    return hit0 + 2 * hit1 + 4 * hit2 + 8 * hit3


@inlined()
def _reverse_span(values, shift, limits):
    """First and last position whose value is within its own row's limit."""
    first, last = np.int32(PANEL), np.int32(-1)
    for c in range(PANEL):
        is_hit = values.dtype.type(values[c] + shift) <= limits[c]
        first = min(first, np.int32(c) if is_hit else np.int32(PANEL))
        last = max(last, np.int32(c) if is_hit else np.int32(-1))
    return first, last


@inlined()
def _span_of(values, limit, shift, reverse_limits, reverse):
    """First and last position with a candidate, in one of the two directions."""
    if reverse:
        return _reverse_span(values, shift, reverse_limits)
    return _span(values, limit)


def search_self_join(packed, k, exclude_self, max_open=np.inf):
    """k nearest rows of each row among all.

    Parameters
    ----------
    packed : PackedRows
        With all rows packed in one group.
    k : int
        Number of neighbours, less than 32.
    exclude_self : bool
        Whether a row is not its own neighbour.
    max_open : float, default=inf
        Give up if a row has, on average, more candidates than this in its own panel.

    Returns
    -------
    squared : ndarray of shape (n, k)
        Squared distances, nearest first.
    indices : ndarray of shape (n, k)
        Row numbers; ties are sorted by row number.
    n_exact : ndarray of shape (n,)
        Number of exact distances of each row.
        None is returned instead of the three where the prefilter leaves more than `max_open`.
    """
    n, threads = len(packed.X), thread_count(packed.threads)
    squared, indices = np.full((n, k), np.inf), np.full((n, k), -1, np.int64)
    n_exact, bounds = np.zeros(n, np.int64), np.empty((4, packed.n_panels * PANEL))
    data = (
        packed.X,
        packed.n_numeric,
        packed.weight,
        packed.panels,
        packed.b_norm2,
        packed.norm_bounds,
    )
    error_terms = packed.scale, packed.unit, packed.gamma, packed.slack, exclude_self
    lists = bounds, squared, indices, n_exact
    code = compiled(self_join, _types(packed.dtype), relaxed=True)
    # Trial on the first panel, to see whether the prefilter in this dtype separates near rows.
    code(np.zeros((1, 2), np.int64), *data, *error_terms, *lists)
    if max_open < np.inf and n_exact.sum() > max_open * np.count_nonzero(n_exact):
        return None
    squared[:], indices[:], n_exact[:] = np.inf, -1, 0
    edges = np.linspace(
        0, packed.n_panels, 1 + min(BLOCKS_PER_THREAD * threads, packed.n_panels)
    ).astype(int)

    def join_blocks(a, b):
        first, second = (range(edges[block], edges[block + 1]) for block in (a, b))
        pairs = [(p, p) for p in first if a == b]
        pairs += [(p, o) for p in first for o in second if p < o]
        code(np.array(pairs), *data, *error_terms, *lists)

    schedule_block_pairs(join_blocks, len(edges) - 1, threads)
    return squared, indices, n_exact


def schedule_block_pairs(join_blocks, n_blocks, threads):
    """Process every pair of blocks in threads; no block is in two running tasks.

    Each block is joined with itself before it is joined with others.

    Parameters
    ----------
    join_blocks : callable
        Called with two block numbers in ascending order.
    n_blocks : int
        Number of blocks.
    threads : int
        Number of threads.
    """
    pending = [(a, a) for a in range(n_blocks)]
    pending += [(a, b) for a in range(n_blocks) for b in range(a + 1, n_blocks)]
    # A lock and polling, no condition variable: KeyboardInterrupt may arrive at any line and must
    # not leave a thread waiting for a notification that never comes.
    busy, lock = set(), Lock()

    def take_pair():
        """Next pair of blocks that no thread is working on, or None."""
        with lock:
            for pair in pending:
                if busy.isdisjoint(pair):
                    pending.remove(pair)
                    busy.update(pair)
                    return pair

    def work(_):
        try:
            while pending:
                pair = take_pair()
                if pair is None:
                    time.sleep(RETRY_SECONDS)
                    continue
                join_blocks(*pair)
                with lock:
                    busy.difference_update(pair)
        except BaseException:
            with lock:
                pending.clear()
            raise

    each(work, range(threads), max_threads=threads)


@cache
def _types(dtype):
    """Signature of `self_join` for one dtype of the prefilter."""
    real = numba.from_dtype(dtype)
    integer, rows = types.int64, types.Array(types.float64, 2, "C", readonly=True)
    packed = (real[:, :, ::1], real[:, ::1], types.float64[::1])
    error_terms = (*[types.float64] * 4, types.boolean)
    lists = (types.float64[:, ::1], types.float64[:, ::1], integer[:, ::1], integer[::1])
    return types.void(integer[:, ::1], rows, integer, types.float64, *packed, *error_terms, *lists)
