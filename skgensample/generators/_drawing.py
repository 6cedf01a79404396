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
    real = _real(logits)
    signature = types.void(
        real[:, ::1],
        real[::1],
        types.int64[:, ::1],
        real[:, ::1],
        real[:, ::1],
        types.int64[:, ::1],
    )
    codes = np.empty(draws.T.shape, dtype=np.int64)
    work = np.empty((len(shifts) + 3, ROWS), logits.dtype)
    compiled(draw_codes, signature, relaxed=True)(logits, shifts, ends, draws, work, codes)
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
    whole, wide = types.int64[::1], types.float64
    signature = types.void(_real(scores)[:, ::1], whole, wide[:, ::1], wide[::1])
    compiled(straighten, signature)(scores, columns, knots, values)


def _real(array):
    return types.float32 if array.dtype == np.float32 else types.float64


def draw_codes(logits, shifts, ends, draws, work, codes):
    """Write the codes; see `drawn_codes`. work : (width of all spans + 3, ROWS), any numbers.

    Rows lie side by side: spans are narrow, and the processor wants many numbers in a row.
    """
    width = len(shifts)
    first, top, passed, count = logits.shape[1] - width, work[-3], work[-2], work[-1]
    for start in range(0, len(logits), ROWS):
        n = min(ROWS, len(logits) - start)
        for i in range(n):
            for j in range(width):
                work[j, i] = logits[start + i, first + j] + shifts[j]
        for s in range(codes.shape[1]):
            span = work[ends[0, s] - first : ends[1, s] - first]
            _weigh(span, top, passed)
            share = top
            for i in range(n):
                share[i] = passed[i] * draws[s, start + i]
            passed[:] = 0
            count[:] = 0
            for j in range(len(span) - 1):
                for i in range(ROWS):
                    passed[i] += span[j, i]
                    count[i] += 1 if share[i] >= passed[i] else 0
            for i in range(n):
                codes[start + i, s] = np.int64(count[i])


@part(relaxed=True)
def _weigh(span, top, whole):
    """Turn the logits of a span into weights, the greatest of a row 1, and sum them up."""
    top[:] = span[0]
    for j in range(1, len(span)):
        for i in range(ROWS):
            top[i] = max(top[i], span[j, i])
    whole[:] = 0
    for j in range(len(span)):
        for i in range(ROWS):
            span[j, i] = exp(span[j, i] - top[i])
            whole[i] += span[j, i]


def straighten(scores, columns, knots, values):
    """Map the columns; see `straightened`."""
    last = len(values) - 1
    for c in range(len(columns)):
        k, ends = columns[c], knots[c]
        for i in range(len(scores)):
            x = np.float64(scores[i, k])
            low, n = 0, last + 1
            while n > 1:
                half = n // 2
                low += half if ends[low + half] <= x else 0
                n -= half
            if x < ends[0]:
                y = values[0] + (x - ends[0])
            elif low == last:
                y = values[last] + (x - ends[last])
            else:
                slope = (values[low + 1] - values[low]) / (ends[low + 1] - ends[low])
                y = values[low] + slope * (x - ends[low])
            scores[i, k] = y
