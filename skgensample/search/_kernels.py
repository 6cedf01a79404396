"""Kernels of the k-NN search: arrays in, arrays out. The tests hold reference implementations.

They are plain functions of a block of rows ``start:stop``, compiled by `_runtime.jit.compiled`
and run in threads by `_runtime.threads.run`.
"""

import numpy as np

from .._runtime.jit import inlined
from ._bounds import (
    LANES,
    PANEL,
    _cast_limit,
    _hits,
    _initial_bound,
    _limit,
    _prefilter,
    _set_bound,
    _span,
)

#: Length of the candidate queue: pairs that passed the prefilter and wait for their exact distance.
QUEUE_LENGTH = 64


def pack(start, stop, X, first, n_panels, center, scale, n_numeric, panels, norm2, norm_bound):
    """Pack rows of X into panels: centred, scaled, stored column by column, with squared norms.

    Panel p takes the rows ``first + p``, ``first + p + n_panels`` and so on. Each panel is thus a
    systematic sample of X, and bounds tighten early even where X is sorted.

    panels : (P, d, PANEL), numeric columns first, padded with zeros, then category codes unchanged.
    norm2 : (P, PANEL), 3e38 for padding rows; norm_bound : (P,), an upper bound of each panel's
    norms.
    """
    d = panels.shape[1]
    head = d - (X.shape[1] - n_numeric)
    # A tile of rows is filled row by row, then transposed: writing columns directly would touch
    # one cache line per row.
    tile = np.empty((PANEL, d), panels.dtype)
    for p in range(start, stop):
        top = 0.0
        for c in range(PANEL):
            j = first + p + c * n_panels
            if j >= len(X):
                norm2[p, c] = 3e38
                for t in range(d):
                    tile[c, t] = 0
                continue
            s = 0.0
            for t in range(n_numeric):
                v = panels.dtype.type((X[j, t] - center[t]) * scale)
                tile[c, t] = v
                s += float(v) * float(v)
            for t in range(n_numeric, head):
                tile[c, t] = 0
            for t in range(n_numeric, X.shape[1]):
                tile[c, head + t - n_numeric] = X[j, t]
            norm2[p, c] = s
            top = max(top, s)
        norm_bound[p] = np.sqrt(top) * (1 + 1e-12)
        for t in range(d):
            for c in range(PANEL):
                panels[p, t, c] = tile[c, t]


@inlined()
def _insert(s, j, squared, indices, i):
    """Insert row j at distance s into query i's list, sorted by (distance, row number).

    Returns whether the k-th distance has changed.
    """
    w = squared.shape[1] - 1
    kth = squared[i, w]
    if s > kth or (s == kth and 0 <= indices[i, w] < j):
        return False
    while w > 0 and (
        squared[i, w - 1] > s or (squared[i, w - 1] == s and not 0 <= indices[i, w - 1] < j)
    ):
        squared[i, w] = squared[i, w - 1]
        indices[i, w] = indices[i, w - 1]
        w -= 1
    squared[i, w] = s
    indices[i, w] = j
    return squared[i, squared.shape[1] - 1] < kth


def nearest(
    start,
    stop,
    Q,
    X,
    n_numeric,
    weight,
    A,
    a_norm2,
    a_norm_bound,
    panels,
    b_norm2,
    norm_bound,
    first,
    n_panels,
    scale,
    unit,
    gamma,
    slack,
    self_offset,
    squared,
    indices,
    n_exact,
):
    """Update each query's k-nearest list with the rows of the given panels.

    Exact in float64, ties by row number. The prefilter evaluates every pair in the dtype of
    `panels`; pairs that its error bound cannot exclude are measured again in float64 from Q and X,
    whose first `n_numeric` columns are numeric and the others category codes.

    A : (n_queries, d), the centred and scaled queries times -2, then codes; a_norm2, a_norm_bound :
    their squared norms and norms; panels, b_norm2, norm_bound, first, n_panels : as in `pack`;
    scale : the scaling factor; unit, gamma, slack : relative errors of a coordinate, of the
    prefilter's sum and of a limit. For int16, A comes from `quantise`, panels from `pack_int16`,
    quantisation errors take the place of norms, and `unit` is 1.
    ``self_offset >= 0`` says that query i is row ``self_offset + i`` of X, not its own neighbour.
    squared, indices : the lists so far, infinity and -1 where unfilled. `n_exact` counts the exact
    distances of each query.
    """
    n_packed, d, _ = panels.shape
    k = squared.shape[1]
    n_codes = Q.shape[1] - n_numeric
    numeric = d - n_codes
    code_norm = n_codes * weight * scale * scale
    code_weight = panels.dtype.type(weight * scale * scale * (1 - unit))
    errors = (scale, unit, gamma, code_norm, slack, 1 + 1e-15 * (Q.shape[1] + 4))
    # Per query: two coefficients of the bound (see _set_bound), squared norm, norm.
    bounds = np.empty((4, stop - start))
    for q in range(start, stop):
        bounds[2, q - start] = a_norm2[q]
        bounds[3, q - start] = a_norm_bound[q]
        _set_bound(squared[q, k - 1], bounds, q - start, errors)
    acc, limits = np.empty(4 * PANEL, panels.dtype), np.empty(4, panels.dtype)
    queue, queued, exact = np.empty((QUEUE_LENGTH, 2), np.int64), 0, np.empty(QUEUE_LENGTH)
    lanes = np.empty(LANES, panels.dtype)
    k_start = k + (self_offset >= 0)
    for p in range(n_packed):
        for q in range(start, stop, 4):
            _prefilter(panels, p, b_norm2, A, q, stop - 1, numeric, code_weight, acc)
            n_rows = min(4, stop - q)
            # Queries beyond the end of the block get a limit that no value meets.
            limits[:] = _cast_limit(-3e38, acc)
            for i in range(n_rows):
                slot = q + i - start
                if bounds[0, slot] == 3e38 and k_start <= LANES:
                    _initial_bound(acc, i, k_start, lanes, bounds, slot, norm_bound[p], errors)
                limits[i] = _cast_limit(_limit(bounds, slot, norm_bound[p], errors), acc)
            # Most panels have no candidate at all: one branch-free SIMD pass finds out.
            hits = _hits(acc, limits)
            if not hits:
                continue
            for i in range(n_rows):
                if not hits >> i & 1:
                    continue
                # Scan only between the first and the last candidate.
                row = acc[i * PANEL : (i + 1) * PANEL]
                low, high = _span(row, limits[i])
                itself = self_offset + q + i if self_offset >= 0 else -1
                for c in range(low, high + 1):
                    j = first + p + c * n_panels
                    if row[c] > limits[i] or j >= len(X) or j == itself:
                        continue
                    queue[queued, 0], queue[queued, 1] = q + i, j
                    queued += 1
                    # A full queue is measured at once; this may tighten the query's limit.
                    if queued == QUEUE_LENGTH:
                        _exact_distances(queue, exact, Q, X, n_numeric, weight)
                        _update(queue, exact, squared, indices, n_exact, bounds, start, errors)
                        queued = 0
                        limit = _limit(bounds, q + i - start, norm_bound[p], errors)
                        limits[i] = _cast_limit(limit, acc)
    _exact_distances(queue[:queued], exact, Q, X, n_numeric, weight)
    _update(queue[:queued], exact, squared, indices, n_exact, bounds, start, errors)


@inlined()
def _exact_distances(queue, exact, Q, X, n_numeric, weight):
    """Exact squared distances of the queued pairs: numeric columns in order, then codes.

    A loop over the whole queue lets the processor prefetch the rows of later pairs. Returns the
    largest distance.
    """
    largest = 0.0
    for e in range(len(queue)):
        i, j = queue[e, 0], queue[e, 1]
        s = 0.0
        for t in range(n_numeric):
            v = Q[i, t] - X[j, t]
            s += v * v
        differing = 0
        for t in range(n_numeric, Q.shape[1]):
            differing += Q[i, t] != X[j, t]
        exact[e] = s + weight * differing
        largest = max(largest, exact[e])
    return largest


@inlined()
def _update(queue, exact, squared, indices, n_exact, bounds, start, errors):
    """Insert measured pairs into the lists; tighten bounds of queries whose k-th distance fell."""
    for e in range(len(queue)):
        i = queue[e, 0]
        n_exact[i] += 1
        if _insert(exact[e], queue[e, 1], squared, indices, i):
            _set_bound(squared[i, squared.shape[1] - 1], bounds, i - start, errors)


def nearest_grouped(start, stop, Q, panels, n, group, square, self_offset, distances, indices):
    """k nearest rows by a sum over groups of columns, exact in float64, ties by row number.

    The distance sums, over groups of ``group`` columns, the absolute differences in the group,
    squared if `square`. Groups of one column give the Manhattan distance; groups of the class
    frequencies of a category give the squared Value Difference Metric.

    panels : (P, d, PANEL), rows by column; n : number of rows; self_offset : as in `nearest`.
    """
    n_packed, d, width = panels.shape
    k = distances.shape[1]
    acc = np.empty(width)
    inner = np.empty(width)
    distances[start:stop] = np.inf
    indices[start:stop] = -1
    for p in range(n_packed):
        panel = panels[p]
        for q in range(start, stop):
            acc[:] = 0
            for f in range(0, d, group):
                inner[:] = 0
                for t in range(f, f + group):
                    v = Q[q, t]
                    x = panel[t]
                    for c in range(width):
                        inner[c] += abs(v - x[c])
                if square:
                    for c in range(width):
                        acc[c] += inner[c] * inner[c]
                else:
                    for c in range(width):
                        acc[c] += inner[c]
            for c in range(min(width, n - p * width)):
                j = p * width + c
                if acc[c] <= distances[q, k - 1] and not (
                    self_offset >= 0 and j == self_offset + q
                ):
                    _insert(acc[c], j, distances, indices, q)
