"""Kernels that turn a network's output into rows: codes drawn, scores brought to their margins."""

import numpy as np
from numba import types

from ..compiling import compiled, part
from ._exponential import exp

#: Rows of which codes are drawn at a time.
ROWS = 64


def drawn_codes(logits, shifts, ends, draws):
    """Draw one code for each span of each row.

    Parameters
    ----------
    logits : ndarray of shape (n, width)
        A network's output: scalars, then the logits of the spans.
    shifts : ndarray of shape (width of all spans,)
        To be added to the logits.
    ends : ndarray of shape (2, n_spans) of int64
        First column of each span, and the one after its last.
    draws : ndarray of shape (n_spans, n)
        Uniform numbers in [0, 1).

    Returns
    -------
    codes : ndarray of shape (n, n_spans) of int64
    """
    codes = np.empty(draws.T.shape, dtype=np.int64)
    work = np.empty((len(shifts) + 3, ROWS), logits.dtype)
    compiled(draw_codes, codes_types(logits.dtype), True)(logits, shifts, ends, draws, work, codes)
    return codes


def straightened(scores, columns, knots, values):
    """Map columns by straight lines between knots, in place; beyond these with slope 1.

    Parameters
    ----------
    scores : ndarray of shape (n, k)
        The numbers.
    columns : ndarray of shape (m,) of int64
        Columns to be mapped.
    knots : ndarray of shape (m, n_knots)
        Knots of each of them, ascending.
    values : ndarray of shape (n_knots,)
        What they are mapped to.
    """
    compiled(straighten, lines_types(scores.dtype))(scores, columns, knots, values)


def codes_types(dtype):
    """Signature of `draw_codes` for numbers of this type."""
    real = _real(dtype)
    rows, ends = _given(real, 2), _given(types.int64, 2)
    return types.void(rows, _given(real, 1), ends, rows, real[:, ::1], types.int64[:, ::1])


def lines_types(dtype):
    """Signature of `straighten` for numbers of this type."""
    columns, wide = _given(types.int64, 1), types.float64
    return types.void(_real(dtype)[:, ::1], columns, _given(wide, 2), _given(wide, 1))


def _real(dtype):
    return types.float32 if dtype == np.float32 else types.float64


def _given(kind, ndim):
    """An array that is only read, as that of a model which joblib keeps on disk must be."""
    return types.Array(kind, ndim, "C", readonly=True)


def draw_codes(logits, shifts, ends, draws, work, codes):
    """Write the codes; see `drawn_codes`. work : (width of all spans + 3, ROWS), any numbers.

    Rows lie side by side: spans are narrow, and the processor wants many numbers in a row.
    """
    width = len(shifts)
    first, zero = logits.shape[1] - width, work.dtype.type(0)
    share, passed, count = work[width], work[width + 1], work[width + 2]
    for start in range(0, len(logits), ROWS):
        n = min(ROWS, len(logits) - start)
        for i in range(n):
            for j in range(width):
                work[j, i] = logits[start + i, first + j] + shifts[j]
        for s in range(codes.shape[1]):
            low, high = ends[0, s] - first, ends[1, s] - first
            _weigh(work, low, high, passed, share)
            for i in range(n):
                share[i] *= draws[s, start + i]
            for i in range(ROWS):
                passed[i] = count[i] = zero
            for j in range(low, high - 1):
                for i in range(ROWS):
                    passed[i] += work[j, i]
                    count[i] += share[i] >= passed[i]
            for i in range(n):
                codes[start + i, s] = np.int64(count[i])


@part(relaxed=True)
def _weigh(work, low, high, top, whole):
    """Turn the logits of a span into weights, the greatest of a row 1, and sum them up."""
    for i in range(ROWS):
        top[i] = work[low, i]
        whole[i] = work.dtype.type(0)
    for j in range(low + 1, high):
        for i in range(ROWS):
            top[i] = max(top[i], work[j, i])
    for j in range(low, high):
        for i in range(ROWS):
            work[j, i] = exp(work[j, i] - top[i])
            whole[i] += work[j, i]


def straighten(scores, columns, knots, values):
    """Map the columns; see `straightened`."""
    last = len(values) - 1
    for c in range(len(columns)):
        k, at = columns[c], knots[c]
        for i in range(len(scores)):
            x = np.float64(scores[i, k])
            low, n = 0, last + 1
            while n > 1:
                half = n // 2
                low += half if at[low + half] <= x else 0
                n -= half
            if x < at[0]:
                y = values[0] + (x - at[0])
            elif low == last:
                y = values[last] + (x - at[last])
            else:
                slope = (values[low + 1] - values[low]) / (at[low + 1] - at[low])
                y = values[low] + slope * (x - at[low])
            scores[i, k] = y
