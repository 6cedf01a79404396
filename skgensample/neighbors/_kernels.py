"""Kernels of interpolation and majority vote: arrays in, arrays out."""

import numpy as np


def interpolate(start, stop, Z, bases, table, pick, step, parents, out):
    """Write the pairs of rows a and b of a plan, and ``a + step * (b - a)``.

    With a step in [0, 1] the result is clipped to the segment, against rounding. Where b - a
    overflows, the weighted mean of the two is used.
    """
    top = np.finfo(out.dtype).max
    for i in range(start, stop):
        base_index = pick[i] // table.shape[1]
        base, neighbor = bases[base_index], table[base_index, pick[i] - base_index * table.shape[1]]
        parents[i, 0], parents[i, 1] = base, neighbor
        a = Z[base]
        b = Z[neighbor]
        g = step[i]
        inside = 0 <= g <= 1
        for t in range(Z.shape[1]):
            difference = b[t] - a[t]
            v = a[t] + g * difference if abs(difference) < np.inf else a[t] * (1 - g) + b[t] * g
            low = min(a[t], b[t]) if inside else -top
            high = max(a[t], b[t]) if inside else top
            v = min(max(v, low), high)
            out[i, t] = v


@np.errstate(over="ignore", invalid="ignore")
def interpolate_numpy(a, b, step):
    """Rows between rows a and b, as `interpolate` computes them, in NumPy."""
    difference = b - a
    moved = step * difference
    moved += a
    overflowed = ~np.isfinite(difference)
    if overflowed.any():
        moved[overflowed] = (a * (1 - step) + b * step)[overflowed]
    low, high = np.minimum(a, b), np.maximum(a, b)
    outside = ~((step >= 0) & (step <= 1)).ravel()
    if outside.any():
        low[outside], high[outside] = np.finfo(a.dtype).min, np.finfo(a.dtype).max
    return np.minimum(np.maximum(moved, low, out=moved), high, out=moved)


def vote(start, stop, grain, ranked, tied, base_index, draws, before, columns, out):
    """Write the winner of each base's vote; random draws break ties.

    ranked : (m, c, k), codes by number of votes; tied : (m, c), number of winners; draws : one
    number for each tied vote; before : (b, c), position of the first draw of each block of `grain`
    rows.
    """
    next_draw = before[start // grain].copy()
    for i in range(start, stop):
        s = base_index[i]
        for j in range(len(columns)):
            ties = tied[s, j]
            pick = 0
            if ties > 1:
                pick = int(draws[next_draw[j]] * ties)
                next_draw[j] += 1
            out[i, columns[j]] = ranked[s, j, pick]
