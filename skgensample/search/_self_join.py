"""Neighbours of rows among themselves: each pair is looked at once, for both of its rows.

Half the work of a search for queries. Lists belong to rows, and a pair of panels changes those of
both: threads take pairs of parts of the table that nobody else has in hand. The order in which
pairs come does not change what is found.
"""

import time
from functools import cache
from threading import Lock

import numba
import numpy as np
from numba import types

from .._runtime.jit import compiled, part
from .._runtime.threads import each, thread_count
from ._bounds import (
    LANES,
    PANEL,
    _as_limit,
    _back,
    _begin,
    _bound,
    _hits,
    _limit,
    _look,
    _norm_of,
    _own,
    _span,
    _turn,
)
from ._kernels import QUEUE, _insert, _measure

#: Fewer panels than this are searched as queries.
FEWEST = 8

#: Parts of a table for each thread: so many that there is a free pair of them to be had.
PARTS = 4

#: Seconds after which a thread that found no free pair looks again.
WAIT = 1e-4


def mutual(
    pairs,
    X,
    n_numeric,
    weight,
    panels,
    norm2,
    reach,
    scale,
    unit,
    gamma,
    slack,
    alone,
    bounds,
    squared,
    indices,
    seen,
):
    """Take the rows of pairs of panels into each other's lists of k nearest rows.

    pairs : (m, 2), of panels; one is paired with itself before it is with others. bounds : for each
    row, in the order of panels, as in `_kernels.nearest`. So is everything else, but that the
    panels hold all rows, that k is less than 32, and that `alone` says that no row is its own
    neighbour.
    """
    spread, d, _ = panels.shape
    n, k = squared.shape
    numeric = d - (X.shape[1] - n_numeric)
    coded = (X.shape[1] - n_numeric) * weight * scale * scale
    step = panels.dtype.type(weight * scale * scale * (1 - unit))
    margin = (scale, unit, gamma, coded, slack, 1 + 1e-15 * (X.shape[1] + 4))
    A, lanes = np.empty((PANEL, d), panels.dtype), np.empty(LANES, panels.dtype)
    acc, limits = np.empty(4 * PANEL, panels.dtype), np.empty(4, panels.dtype)
    limits_all = np.empty(PANEL, panels.dtype)
    limits_back, shift = np.empty(PANEL, panels.dtype), np.empty(4, panels.dtype)
    queue, waiting, sums = np.empty((QUEUE, 2), np.int64), 0, np.empty(QUEUE)
    turned = -1
    for p, o in pairs:
        if p != turned:
            _turn(panels, p, numeric, A)
            turned = p
        if p == o:
            _start(panels, p, numeric, reach, bounds, margin)
            limits_back[:] = _as_limit(-3e38, acc)
        else:
            _limits_back(bounds, o, n, spread, reach[p], margin, limits_back)
        _limits(bounds, p, reach[o], margin, limits_all)
        for q in range(0, PANEL, 4):
            here = min(4, (n - p - q * spread + spread - 1) // spread)
            if here <= 0:
                break
            _look(panels, o, norm2, A, q, PANEL - 1, numeric, step, acc)
            for i in range(here):
                place = p * PANEL + q + i
                if p == o:
                    _begin(acc, i, k + alone, lanes, bounds, place, reach[p], margin)
                    limits_all[q + i] = _as_limit(_limit(bounds, place, reach[o], margin), acc)
                limits[i], shift[i] = limits_all[q + i], _norm_of(bounds[2, place], acc)
            hits = _hits(acc, limits) + 16 * _hits_back(acc, shift, limits_back)
            hits &= 17 * ((1 << here) - 1)  # of rows that are there
            for way in range(8 if hits else 0):
                if not hits >> way & 1:
                    continue
                i, back = way & 3, way > 3
                row, values = p + (q + i) * spread, acc[(way & 3) * PANEL : ((way & 3) + 1) * PANEL]
                ends = (
                    _span_back(values, shift[i], limits_back) if back else _span(values, limits[i])
                )
                for c in range(ends[0], ends[1] + 1):
                    other = o + c * spread
                    inside = values[c] <= limits[i]
                    if back:
                        inside = values.dtype.type(values[c] + shift[i]) <= limits_back[c]
                    if not inside or other >= n or (alone and other == row):
                        continue
                    queue[waiting, 0], queue[waiting, 1] = (other, row) if back else (row, other)
                    waiting += 1
                    if waiting == QUEUE:
                        _measure(queue, sums, X, X, n_numeric, weight)
                        _settle(queue, sums, squared, indices, seen, bounds, spread, margin)
                        waiting = 0
                        limit = _limit(bounds, p * PANEL + q + i, reach[o], margin)
                        limits[i] = _as_limit(limit, acc)
    _measure(queue[:waiting], sums, X, X, n_numeric, weight)
    _settle(queue[:waiting], sums, squared, indices, seen, bounds, spread, margin)


@part()
def _settle(queue, sums, squared, indices, seen, bounds, spread, margin):
    """Put measured pairs into the lists, and lower the bounds of those that have changed."""
    for e in range(len(queue)):
        row = queue[e, 0]
        seen[row] += 1
        if _insert(sums[e], queue[e, 1], squared, indices, row):
            place = row % spread * PANEL + row // spread
            _bound(squared[row, squared.shape[1] - 1], bounds, place, margin)


@part()
def _start(panels, p, numeric, reach, bounds, margin):
    """Norms of the rows of a panel, and their bounds while nothing is known."""
    for c in range(PANEL):
        place = p * PANEL + c
        bounds[2, place], bounds[3, place] = _own(panels, p, c, numeric, reach)
        _bound(np.inf, bounds, place, margin)


@part()
def _limits(bounds, p, reach, margin, limits):
    """Limits of a panel's rows as queries."""
    for c in range(PANEL):
        limits[c] = _as_limit(_limit(bounds, p * PANEL + c, reach, margin), limits)


@part()
def _limits_back(bounds, o, n, spread, reach, margin, limits):
    """Limits of a panel's rows as queries, for values in which they stand for candidates."""
    for c in range(PANEL):
        place = o * PANEL + c
        limit = _limit(bounds, place, reach, margin)
        limits[c] = _back(limit, bounds[2, place], reach, margin, limits)
        if o + c * spread >= n:
            limits[c] = _as_limit(-3e38, limits)


@part()
def _hits_back(acc, shift, limits):
    """Which of four rows is within the limit of a row of the panel, as bits."""
    kind = acc.dtype.type  # a sum of two words is a longer one otherwise
    s0, s1, s2, s3 = shift[0], shift[1], shift[2], shift[3]
    hit0 = hit1 = hit2 = hit3 = False
    for c in range(PANEL):
        limit = limits[c]
        hit0 |= kind(acc[c] + s0) <= limit
        hit1 |= kind(acc[c + PANEL] + s1) <= limit
        hit2 |= kind(acc[c + 2 * PANEL] + s2) <= limit
        hit3 |= kind(acc[c + 3 * PANEL] + s3) <= limit
    return hit0 + 2 * hit1 + 4 * hit2 + 8 * hit3


@part()
def _span_back(values, shift, limits):
    """First and last place with a value within the limit of its own row."""
    first, last = np.int32(PANEL), np.int32(-1)
    for c in range(PANEL):
        inside = values.dtype.type(values[c] + shift) <= limits[c]
        first = min(first, np.int32(c) if inside else np.int32(PANEL))
        last = max(last, np.int32(c) if inside else np.int32(-1))
    return first, last


def search_mutual(search, k, exclude_self, most=np.inf):
    """k nearest rows of each row among all.

    Parameters
    ----------
    search : Filter
        With all rows packed.
    k : int
        Number of neighbours, less than 32.
    exclude_self : bool
        Whether a row is not its own neighbour.
    most : float, default=inf
        Pairs of a row in its own panel that the filter may leave open, on average.

    Returns
    -------
    squared : ndarray of shape (n, k)
        Squared distances, nearest first.
    indices : ndarray of shape (n, k)
        Row numbers; at equal distance the smaller one stands first.
    seen : ndarray of shape (n,)
        Pairs measured again for each row.
        Nothing at all is returned where the filter leaves open more than `most`.
    """
    n, threads = len(search.X), thread_count(search.threads)
    squared, indices = np.full((n, k), np.inf), np.full((n, k), -1, np.int64)
    seen, bounds = np.zeros(n, np.int64), np.empty((4, search.spread * PANEL))
    space = search.X, search.n_numeric, search.weight, search.panels, search.b_norm2, search.reach
    errors = search.scale, search.unit, search.gamma, search.slack, exclude_self
    lists = bounds, squared, indices, seen
    code = compiled(mutual, _types(search.dtype), relaxed=True)
    code(np.zeros((1, 2), np.int64), *space, *errors, *lists)
    if most < np.inf and seen.sum() > most * np.count_nonzero(seen):
        return None
    squared[:], indices[:], seen[:] = np.inf, -1, 0
    edges = np.linspace(0, search.spread, 1 + min(PARTS * threads, search.spread)).astype(int)

    def meet(a, b):
        first, second = (range(edges[part], edges[part + 1]) for part in (a, b))
        pairs = [(p, p) for p in first if a == b]
        pairs += [(p, o) for p in first for o in second if p < o]
        code(np.array(pairs), *space, *errors, *lists)

    every_meeting(meet, len(edges) - 1, threads)
    return squared, indices, seen


def every_meeting(meet, n_parts, threads):
    """Let each part meet itself and then all others, in threads, never in two meetings at a time.

    Parameters
    ----------
    meet : callable
        Called with two numbers of parts, the first of them not the larger.
    n_parts : int
        Number of parts.
    threads : int
        Number of threads.
    """
    todo = [(a, a) for a in range(n_parts)]
    todo += [(a, b) for a in range(n_parts) for b in range(a + 1, n_parts)]
    # a plain lock and short naps: an interruption may come at any line, and nobody is to be left
    # waiting for what will not come
    busy, lock = set(), Lock()

    def take():
        """The next meeting of parts that are free, if there is one."""
        with lock:
            for pair in todo:
                if busy.isdisjoint(pair):
                    todo.remove(pair)
                    busy.update(pair)
                    return pair

    def work(_):
        try:
            while todo:
                pair = take()
                if pair is None:
                    time.sleep(WAIT)
                    continue
                meet(*pair)
                with lock:
                    busy.difference_update(pair)
        except BaseException:
            with lock:
                todo.clear()
            raise

    each(work, range(threads), most=threads)


@cache
def _types(dtype):
    """Types of `mutual` for one float width of the filter."""
    real = numba.from_dtype(dtype)
    whole, rows = types.int64, types.Array(types.float64, 2, "C", readonly=True)
    packed = (real[:, :, ::1], real[:, ::1], types.float64[::1])
    errors = (*[types.float64] * 4, types.boolean)
    lists = (types.float64[:, ::1], types.float64[:, ::1], whole[:, ::1], whole[::1])
    return types.void(whole[:, ::1], rows, whole, types.float64, *packed, *errors, *lists)
