"""Kernels that draw: rows for a batch; codes and scores of new rows from a network's output."""

from functools import cache

import numpy as np
from numba import from_dtype, types

from ..compiling import compiled, part
from ._exponential import exp

#: Rows of which codes are drawn at a time, and numbers that are looked for at a time.
ROWS, NUMBERS = 64, 512


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


def interpolated(x, levels, knots):
    """As ``np.interp(x, levels, knots)`` for levels at almost even distances, in place.

    Nothing is searched: the place of a number among the levels is known to one.

    Parameters
    ----------
    x : ndarray of shape (n,)
        Numbers, which give way to the values there.
    levels, knots : ndarray of shape (m,)
        Where values are known, ascending, two at least; and the values.

    Returns
    -------
    ndarray of shape (n,)
        `x`.
    """
    compiled(interpolate, between_types())(x, levels, knots)
    return x


def picked_rows(draws, cumulated, start, count, condition, span, column, rows, scalars, codes):
    """Draw cells, and one row of each.

    Parameters
    ----------
    draws : ndarray of shape (2, n)
        Uniform numbers in [0, 1): for the cells, and for the rows within them.
    cumulated : ndarray of shape (m,)
        Weights of the cells, cumulated.
    start, count : ndarray of shape (m,)
        Where the rows of each cell begin in `rows`, and how many it has.
    condition : ndarray of shape (m, k)
        What is to be said of each cell.
    span, column : ndarray of shape (m,)
        The same.
    rows : ndarray of int32
        Row numbers in the cells' order.
    scalars, codes : ndarray
        All rows.

    Returns
    -------
    tuple
        Scalars and codes of the rows drawn; condition, span and column of their cells.
    """
    n = draws.shape[1]
    made = (
        np.empty((n, scalars.shape[1]), scalars.dtype),
        np.empty((n, codes.shape[1]), np.int64),
        np.empty((n, condition.shape[1]), np.int64),
        np.empty((2, n), np.int64),
    )
    code = compiled(pick_rows, rows_types(scalars.dtype))
    code(draws, cumulated, start, count, condition, span, column, rows, scalars, codes, *made)
    return *made[:3], *made[3]


@cache
def rows_types(dtype):
    """Signature of `pick_rows` for scalars of this type."""
    wide, whole, short, real = types.float64, types.int64, types.int32, from_dtype(dtype)
    given = [_given(wide, 2), _given(wide, 1), *[_given(whole, 1)] * 2, _given(whole, 2)]
    given += [*[_given(whole, 1)] * 2, _given(short, 1), _given(real, 2), _given(short, 2)]
    return types.void(*given, real[:, ::1], *[whole[:, ::1]] * 3)


@cache
def codes_types(dtype):
    """Signature of `draw_codes` for numbers of this type."""
    real = from_dtype(dtype)
    rows, ends = _given(real, 2), _given(types.int64, 2)
    return types.void(rows, _given(real, 1), ends, rows, real[:, ::1], types.int64[:, ::1])


@cache
def lines_types(dtype):
    """Signature of `straighten` for numbers of this type."""
    columns, wide = _given(types.int64, 1), types.float64
    return types.void(from_dtype(dtype)[:, ::1], columns, _given(wide, 2), _given(wide, 1))


@cache
def between_types():
    """Signature of `interpolate`."""
    return types.void(types.float64[::1], *[_given(types.float64, 1)] * 2)


def _given(kind, ndim):
    """An array that is only read, as that of a model which joblib keeps on disk must be."""
    return types.Array(kind, ndim, "C", readonly=True)


def pick_rows(
    draws, cumulated, start, count, condition, span, column, rows, scalars, codes,
    to_scalars, to_codes, to_condition, to_cell,
):  # fmt: skip
    """Write the rows drawn; see `picked_rows`. to_cell : (2, n), span and column."""
    last = len(cumulated) - 1
    for i in range(draws.shape[1]):
        cell = min(_first_above(cumulated, draws[0, i] * cumulated[last]), last)
        row = rows[start[cell] + min(np.int64(draws[1, i] * count[cell]), count[cell] - 1)]
        for j in range(scalars.shape[1]):
            to_scalars[i, j] = scalars[row, j]
        for j in range(codes.shape[1]):
            to_codes[i, j] = codes[row, j]
        for j in range(condition.shape[1]):
            to_condition[i, j] = condition[cell, j]
        to_cell[0, i] = span[cell]
        to_cell[1, i] = column[cell]


@part()
def _first_above(ascending, x):
    """Number of values up to `x`."""
    low, high = 0, len(ascending)
    while low < high:
        middle = (low + high) // 2
        if ascending[middle] <= x:
            low = middle + 1
        else:
            high = middle
    return low


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
    """Map the columns; see `straightened`.

    Halving a range needs no branch: the processor does it for many numbers at a time.
    """
    last = len(values) - 1
    numbers, low = np.empty(NUMBERS), np.empty(NUMBERS, np.int64)
    for c in range(len(columns)):
        k, at = columns[c], knots[c]
        for start in range(0, len(scores), NUMBERS):
            n = min(NUMBERS, len(scores) - start)
            for i in range(n):
                numbers[i], low[i] = scores[start + i, k], 0
            left = last + 1
            while left > 1:
                half = left // 2
                for i in range(n):
                    further = low[i] + half
                    low[i] = further if at[further] <= numbers[i] else low[i]
                left -= half
            for i in range(n):
                x, j = numbers[i], low[i]
                if x < at[0]:
                    y = values[0] + (x - at[0])
                elif j == last:
                    y = values[last] + (x - at[last])
                else:
                    slope = (values[j + 1] - values[j]) / (at[j + 1] - at[j])
                    y = values[j] + slope * (x - at[j])
                scores[start + i, k] = y


def interpolate(x, levels, knots):
    """Interpolate; see `interpolated`."""
    last = len(levels) - 1
    per = last / (levels[last] - levels[0])
    for i in range(len(x)):
        number = x[i]
        if number <= levels[0]:
            x[i] = knots[0]
        elif number >= levels[last]:
            x[i] = knots[last]
        elif number == number:  # NaN stays
            at = min(np.int64((number - levels[0]) * per), last - 1)
            at -= levels[at] > number and at > 0
            at += levels[at + 1] <= number and at < last - 1
            slope = (knots[at + 1] - knots[at]) / (levels[at + 1] - levels[at])
            x[i] = slope * (number - levels[at]) + knots[at]
