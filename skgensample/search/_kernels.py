"""Kernels: arrays in, arrays out; no randomness, no class. Each has a plain twin in the tests.

They are plain functions of a block of rows ``start:stop``, compiled by `compiling.compiled` and run
by `threads.run`.
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

#: Pairs that wait to be measured at a time.
QUEUE_LENGTH = 64


def pack(start, stop, X, first, n_panels, center, scale, n_numeric, panels, norm2, norm_bound):
    """Fill panels with rows of X: centred, scaled, column by column, with squared norms.

    Panel p takes the rows ``first + p``, ``first + p + spread`` and so on, so that it is a fair
    sample of rows in whatever order they come.

    panels : (P, d, PANEL), whose first columns are the numeric ones, padded with zeros; codes of
    categories stand unchanged in the last ones. norm2 : (P, PANEL), 3e38 where X has no row;
    reach : (P,), an upper bound of the norms in each panel.
    """
    d = panels.shape[1]
    head = d - (X.shape[1] - n_numeric)
    # rows first, then columns: straight into columns, a cache would hold one line for many
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
    """Put row j at distance s into query i's list, sorted by (distance, row number).

    Returns whether its last distance has changed.
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
    """Take the rows of X in some panels into the lists of k nearest rows of queries.

    Exact in float64, ties by row number. A filter in the width of `panels` looks at every pair;
    pairs that it cannot rule out, by the bound proved in the user guide, are measured again in
    float64 from Q and X, whose first `n_numeric` columns are numbers and the others codes of
    categories.

    A : (n_queries, d), minus twice the centred, scaled queries, codes after them; a_norm2 : their
    squared norms; a_reach : their norms; panels, b_norm2, reach, first, spread : from and for
    `pack`; scale : the factor; unit, gamma, slack : relative errors of one number, of the filter's
    sum and of a limit. In whole numbers A is as from `rounded`, panels are as from `pack_whole`,
    and errors of rows stand for their norms, with a `unit` of 1.
    ``own >= 0`` says that query i is row ``own + i`` of X and not its own neighbour. squared,
    indices : the lists so far, with infinity and -1 where they are open. `seen` counts for each
    query the pairs measured again.
    """
    n_packed, d, _ = panels.shape
    k = squared.shape[1]
    n_codes = Q.shape[1] - n_numeric
    numeric = d - n_codes
    code_norm = n_codes * weight * scale * scale
    code_weight = panels.dtype.type(weight * scale * scale * (1 - unit))
    errors = (scale, unit, gamma, code_norm, slack, 1 + 1e-15 * (Q.shape[1] + 4))
    bounds = np.empty((4, stop - start))
    for q in range(start, stop):
        bounds[2, q - start] = a_norm2[q]
        bounds[3, q - start] = a_norm_bound[q]
        _set_bound(squared[q, k - 1], bounds, q - start, errors)
    acc = np.empty(4 * PANEL, panels.dtype)
    limits = np.empty(4, panels.dtype)
    queue, queued, distances2 = np.empty((QUEUE_LENGTH, 2), np.int64), 0, np.empty(QUEUE_LENGTH)
    lanes = np.empty(LANES, panels.dtype)
    k_start = k + (self_offset >= 0)
    for p in range(n_packed):
        for q in range(start, stop, 4):
            _prefilter(panels, p, b_norm2, A, q, stop - 1, numeric, code_weight, acc)
            n_rows = min(4, stop - q)
            limits[:] = _cast_limit(-3e38, acc)
            for i in range(n_rows):
                if bounds[0, q + i - start] == 3e38 and k_start <= LANES:
                    _initial_bound(
                        acc, i, k_start, lanes, bounds, q + i - start, norm_bound[p], errors
                    )
                limits[i] = _cast_limit(_limit(bounds, q + i - start, norm_bound[p], errors), acc)
            hits = _hits(acc, limits)
            if not hits:
                continue
            for i in range(n_rows):
                if not hits >> i & 1:
                    continue
                row = acc[i * PANEL : (i + 1) * PANEL]
                low, high = _span(row, limits[i])
                for c in range(low, high + 1):
                    j = first + p + c * n_panels
                    if (
                        row[c] > limits[i]
                        or j >= len(X)
                        or (self_offset >= 0 and j == self_offset + q + i)
                    ):
                        continue
                    queue[queued, 0], queue[queued, 1] = q + i, j
                    queued += 1
                    if queued == QUEUE_LENGTH:
                        _exact_distances(queue, distances2, Q, X, n_numeric, weight)
                        _update_lists(
                            queue, distances2, squared, indices, n_exact, bounds, start, errors
                        )
                        queued = 0
                        limits[i] = _cast_limit(
                            _limit(bounds, q + i - start, norm_bound[p], errors), acc
                        )
    _exact_distances(queue[:queued], distances2, Q, X, n_numeric, weight)
    _update_lists(queue[:queued], distances2, squared, indices, n_exact, bounds, start, errors)


@inlined()
def _exact_distances(queue, distances2, Q, X, n_numeric, weight):
    """Squared distances of pairs of query and row: column by column, then the codes.

    In a loop of its own, where the processor can fetch the next pairs meanwhile. Returns the
    largest one.
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
        distances2[e] = s + weight * differing
        largest = max(largest, distances2[e])
    return largest


@inlined()
def _update_lists(queue, distances2, squared, indices, n_exact, bounds, start, errors):
    """Put measured pairs into the lists, and lower the bounds of those that have changed."""
    for e in range(len(queue)):
        i = queue[e, 0]
        n_exact[i] += 1
        if _insert(distances2[e], queue[e, 1], squared, indices, i):
            _set_bound(squared[i, squared.shape[1] - 1], bounds, i - start, errors)


def nearest_grouped(start, stop, Q, panels, n, group, square, self_offset, distances, indices):
    """k nearest rows by a sum over groups of columns, exact in float64, ties by row number.

    The distance is the sum over groups of ``group`` columns of the sum of absolute differences
    in the group, squared if `square`: with groups of one column the Manhattan distance, with one
    group of class shares for each category the squared Value Difference Metric.

    panels : (P, d, PANEL), rows column by column; n : number of rows; own : as in `nearest`.
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
