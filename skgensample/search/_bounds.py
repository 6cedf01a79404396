"""Prefilter of the k-NN search: approximate distances in low precision, and their error bound.

A panel of rows is compared with four queries at a time in float32, float64 or int16 arithmetic.
Rows whose approximate distance exceeds a proven limit cannot be among the k nearest; all others
are measured exactly in float64. The user guide ("Why no neighbour is lost") proves the bound.

Functions that depend on the element type are numba overloads: kernels call one name, and numba
picks the float or the int16 implementation by the dtype of the panels.
"""

import numpy as np
from numba import types
from numba.extending import overload

from .._runtime.jit import inlined
from ._int16 import PADDING_NORM, vnni_dot

#: Rows per panel: long enough for SIMD loops, small enough for the L1 cache.
PANEL = 256

#: Row groups of a panel whose minima initialise the bound of a query; the largest k for which that
#: works.
LANES = 32


@inlined(relaxed=True)
def _prefilter_floats(panels, p, norm2, A, q, last, numeric, code_weight, acc):
    """Write the approximate distances of a panel's rows to four queries into `acc`.

    The value is ``|x|**2 - 2 q.x``, the squared distance less the query's norm. Register blocking:
    each load of the panel is used for four queries. The queries are those from `q` on; index
    `last` stands in for any beyond it, so that the last block needs no special case.
    """
    q1, q2, q3 = min(q + 1, last), min(q + 2, last), min(q + 3, last)
    a0, a1, b0, b1 = A[q, 0], A[q, 1], A[q1, 0], A[q1, 1]
    c0, c1, d0, d1 = A[q2, 0], A[q2, 1], A[q3, 0], A[q3, 1]
    # The first two columns initialise the sums, all others come in unrolled groups of four: one
    # load and store of acc per four multiply-adds. The panel is padded accordingly.
    for c in range(PANEL):
        v, x0, x1 = norm2[p, c], panels[p, 0, c], panels[p, 1, c]
        acc[c] = v + a0 * x0 + a1 * x1
        acc[c + PANEL] = v + b0 * x0 + b1 * x1
        acc[c + 2 * PANEL] = v + c0 * x0 + c1 * x1
        acc[c + 3 * PANEL] = v + d0 * x0 + d1 * x1
    for t in range(2, numeric, 4):
        a0, a1, a2, a3 = A[q, t], A[q, t + 1], A[q, t + 2], A[q, t + 3]
        b0, b1, b2, b3 = A[q1, t], A[q1, t + 1], A[q1, t + 2], A[q1, t + 3]
        c0, c1, c2, c3 = A[q2, t], A[q2, t + 1], A[q2, t + 2], A[q2, t + 3]
        d0, d1, d2, d3 = A[q3, t], A[q3, t + 1], A[q3, t + 2], A[q3, t + 3]
        for c in range(PANEL):
            x0, x1 = panels[p, t, c], panels[p, t + 1, c]
            x2, x3 = panels[p, t + 2, c], panels[p, t + 3, c]
            acc[c] += a0 * x0 + a1 * x1 + a2 * x2 + a3 * x3
            acc[c + PANEL] += b0 * x0 + b1 * x1 + b2 * x2 + b3 * x3
            acc[c + 2 * PANEL] += c0 * x0 + c1 * x1 + c2 * x2 + c3 * x3
            acc[c + 3 * PANEL] += d0 * x0 + d1 * x1 + d2 * x2 + d3 * x3
    # Categorical columns: a constant for each differing code.
    for t in range(numeric, panels.shape[1]):
        a0, b0, c0, d0 = A[q, t], A[q1, t], A[q2, t], A[q3, t]
        for c in range(PANEL):
            x0 = panels[p, t, c]
            acc[c] += code_weight * (a0 != x0)
            acc[c + PANEL] += code_weight * (b0 != x0)
            acc[c + 2 * PANEL] += code_weight * (c0 != x0)
            acc[c + 3 * PANEL] += code_weight * (d0 != x0)


def _prefilter(panels, p, norm2, A, q, last, numeric, code_weight, acc):
    """Write the approximate distances of a panel's rows to four queries into `acc`.

    The queries are those from `q` on; index `last` stands in for any beyond it.
    """


@overload(_prefilter)
def _prefilter_impl(panels, p, norm2, A, q, last, numeric, code_weight, acc):
    if isinstance(panels.dtype, types.Float):
        return lambda panels, p, norm2, A, q, last, numeric, code_weight, acc: _prefilter_floats(
            panels, p, norm2, A, q, last, numeric, code_weight, acc
        )

    def int16(panels, p, norm2, A, q, last, numeric, code_weight, acc):
        # Raw addresses, since the intrinsic is plain LLVM IR; an int32 word holds two int16
        # columns.
        words, rows = panels.shape[1], panels.shape[2]
        a = A.ctypes.data
        vnni_dot(
            panels.ctypes.data + 4 * rows * words * p,
            norm2.ctypes.data + 4 * rows * p,
            a + 4 * words * q,
            a + 4 * words * min(q + 1, last),
            a + 4 * words * min(q + 2, last),
            a + 4 * words * min(q + 3, last),
            words,
            rows,
            acc.ctypes.data,
        )

    return int16


def _cast_limit(limit, values):
    """Limit in the dtype of the prefilter's values; int16 values are half the squared distance."""


@overload(_cast_limit)
def _cast_limit_impl(limit, values):
    if isinstance(values.dtype, types.Float):
        return lambda limit, values: values.dtype.type(limit)
    least, most = float(-(2**31)), float(PADDING_NORM - 1)
    return lambda limit, values: np.int32(min(max(np.floor(limit / 2), least), most))


def _upper_value(values, c):
    """Upper bound of the exact value at position c; beyond 1e38 for padding."""


@overload(_upper_value)
def _upper_value_impl(values, c):
    if isinstance(values.dtype, types.Float):
        return lambda values, c: float(values[c])
    return lambda values, c: 2.0 * values[c] + 1 if values[c] < PADDING_NORM else 3e38


def _reverse_limit(limit, a2, norm_bound, errors, values):
    """Limit of a row as a query, for values in which it stands on the candidate's side.

    Swapping query and candidate changes the value by the difference of the two squared norms. The
    limit is shifted accordingly and widened by the rounding errors of that float arithmetic.
    """


@overload(_reverse_limit)
def _reverse_limit_impl(limit, a2, norm_bound, errors, values):
    if isinstance(values.dtype, types.Float):

        def floats(limit, a2, norm_bound, errors, values):
            unit, gamma = errors[1], errors[2]
            rounding = gamma * a2 + 4 * unit * (abs(limit) + 2 * a2 + norm_bound * norm_bound)
            return values.dtype.type(min(limit + a2 + rounding + 1e-37, 3e38))

        return floats

    def int16(limit, a2, norm_bound, errors, values):
        least, most = float(-(2**31)), float(2**31 - 1)
        return np.int32(min(max(np.floor(limit / 2) + np.floor(a2 / 2), least), most))

    return int16


def _reverse_shift(a2, values):
    """Value to add when query and candidate swap roles: the query's squared norm."""


@overload(_reverse_shift)
def _reverse_shift_impl(a2, values):
    if isinstance(values.dtype, types.Float):
        return lambda a2, values: values.dtype.type(a2)
    return lambda a2, values: np.int32(np.floor(a2 / 2))


def _panel_as_queries(panels, p, numeric, A):
    """Copy the rows of a panel to `A`, in the layout and scaling of prefilter queries."""


@overload(_panel_as_queries)
def _panel_as_queries_impl(panels, p, numeric, A):
    if isinstance(panels.dtype, types.Float):

        def floats(panels, p, numeric, A):  # times -2, codes unchanged
            for t in range(panels.shape[1]):
                factor = panels.dtype.type(-2 if t < numeric else 1)
                for c in range(PANEL):
                    A[c, t] = factor * panels[p, t, c]

        return floats

    def int16(panels, p, numeric, A):  # both halves of a word, negated
        rows, halves = panels.view(np.int16), A.view(np.int16)
        for t in range(panels.shape[1]):
            for c in range(PANEL):
                halves[c, 2 * t] = -rows[p, t, 2 * c]
                halves[c, 2 * t + 1] = -rows[p, t, 2 * c + 1]

    return int16


def _row_norm(panels, p, c, numeric, norm_bound):
    """Squared norm of a panel's row, and its factor in the error bound (norm or rounding error)."""


@overload(_row_norm)
def _row_norm_impl(panels, p, c, numeric, norm_bound):
    if isinstance(panels.dtype, types.Float):

        def floats(panels, p, c, numeric, norm_bound):
            s = 0.0
            for t in range(numeric):
                s += float(panels[p, t, c]) ** 2
            return s, np.sqrt(s) * (1 + 1e-12)

        return floats

    def int16(panels, p, c, numeric, norm_bound):
        rows, s = panels.view(np.int16), 0
        for t in range(panels.shape[1]):
            s += np.int64(rows[p, t, 2 * c]) ** 2 + np.int64(rows[p, t, 2 * c + 1]) ** 2
        return float(s), norm_bound[p]

    return int16


@inlined()
def _hits(acc, limits):
    """Bit mask of the queries, of four, with at least one value within the limit."""
    l0, l1, l2, l3 = limits[0], limits[1], limits[2], limits[3]
    hit0 = hit1 = hit2 = hit3 = False
    for c in range(PANEL):
        hit0 |= acc[c] <= l0
        hit1 |= acc[c + PANEL] <= l1
        hit2 |= acc[c + 2 * PANEL] <= l2
        hit3 |= acc[c + 3 * PANEL] <= l3
    return hit0 + 2 * hit1 + 4 * hit2 + 8 * hit3


@inlined()
def _span(row, limit):
    """First and last position with a value within the limit."""
    first, last = np.int32(PANEL), np.int32(-1)
    for c in range(PANEL):
        inside = row[c] <= limit
        first = min(first, np.int32(c) if inside else np.int32(PANEL))
        last = max(last, np.int32(c) if inside else np.int32(-1))
    return first, last


@inlined()
def _initial_bound(acc, i, k, lanes, bounds, place, b, errors):
    """Bound a query's k-th distance before any exact distance is known.

    The k-th smallest of the minima of 32 disjoint row groups is an upper bound of the k-th smallest
    value of the panel. `b` bounds the norms of the panel's rows.
    """
    for c in range(LANES):
        lanes[c] = acc[i * PANEL + c]
    for other in range(i * PANEL + LANES, (i + 1) * PANEL, LANES):
        for c in range(LANES):
            value = acc[other + c]
            lanes[c] = value if value < lanes[c] else lanes[c]
    for w in range(k):
        # Selection sort up to the k-th smallest: k is at most 32.
        for c in range(w + 1, LANES):
            if lanes[c] < lanes[w]:
                lanes[w], lanes[c] = lanes[c], lanes[w]
    scale, unit, gamma, code_norm, _, round_up = errors
    value = _upper_value(lanes, k - 1)
    if value > 1e38:  # the panel has fewer than k rows
        return
    a = bounds[3, place]
    error = gamma * b * (b + 2 * a) + (gamma + 2 * unit) * code_norm
    # Largest true distance of a row with this value: the sum's rounding error is added under the
    # root, that of the coordinates after it.
    r = np.sqrt(max(value + bounds[2, place] + error, 0.0)) + unit * (a + b)
    _set_bound((r / scale * round_up) ** 2, bounds, place, errors)


@inlined()
def _set_bound(kth, bounds, place, errors):
    """Store the error bound of a query as a polynomial in the norm b of a row.

    A row within the k-th distance has a value of at most ``c0 + c1 b + c2 b**2``; c0 and c1 are
    stored in the first two rows of `bounds`, c2 is the same for all queries.
    """
    scale, unit, gamma, code_norm, _, round_up = errors
    a2, a = bounds[2, place], bounds[3, place]
    if kth == np.inf:
        bounds[0, place], bounds[1, place] = 3e38, 0.0
        return
    # Each coordinate of query and row is rounded by at most `unit` times its size, the dot product
    # by `gamma` times the norms; round_up covers the rounding of kth itself.
    r = np.sqrt(kth) * scale * round_up
    bounds[0, place] = (r + unit * a) ** 2 + gamma * code_norm - a2
    bounds[1, place] = 2 * (unit * (r + unit * a) + gamma * a)


@inlined()
def _limit(bounds, place, b, errors):
    """Largest value that a row of norm at most b and within the k-th distance can have."""
    _, unit, gamma, code_norm, slack, _ = errors
    limit = bounds[0, place] + b * (bounds[1, place] + b * (unit * unit + gamma))
    return min(limit + slack * (abs(limit) + bounds[2, place] + code_norm) + 1e-37, 3e38)
