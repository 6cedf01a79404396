"""Kernels: arrays in, arrays out; no randomness, no class. Each has a plain twin in the tests.

They are plain functions of a block of rows ``start:stop``; `_threads` compiles and runs them.
"""

import numba
import numpy as np

#: Rows in a panel of `nearest`: one panel of 30 float32 columns fills an L1 cache.
PANEL = 256


def interpolate(start, stop, Z, base, neighbor, gap, out):
    """Write ``Z[base] + gap * (Z[neighbor] - Z[base])``, kept between them where the gap is."""
    for i in range(start, stop):
        a = Z[base[i]]
        b = Z[neighbor[i]]
        g = gap[i]
        inside = 0 <= g <= 1
        for t in range(Z.shape[1]):
            v = a[t] + g * (b[t] - a[t])
            if inside:
                v = min(max(v, min(a[t], b[t])), max(a[t], b[t]))
            out[i, t] = v


@numba.njit(fastmath=False)  # said aloud: silence would inherit the caller's
def _squared_distance(q, x):
    """Sum of squared differences, column by column, without relaxed arithmetic."""
    s = 0.0
    for t in range(len(q)):
        v = q[t] - x[t]
        s += v * v
    return s


@numba.njit(fastmath=False)  # said aloud: silence would inherit the caller's
def _insert(s, j, squared, indices):
    """Put row j at distance s into a sorted list; at equal distance earlier rows stay first."""
    w = len(squared) - 1
    if s >= squared[w] and indices[w] >= 0:
        return
    while w > 0 and (indices[w - 1] < 0 or squared[w - 1] > s):
        squared[w] = squared[w - 1]
        indices[w] = indices[w - 1]
        w -= 1
    squared[w] = s
    indices[w] = j


def nearest(
    start,
    stop,
    Q,
    X,
    A,
    a_norm2,
    panels,
    b_norm2,
    reach,
    scale,
    unit,
    gamma,
    own,
    squared,
    indices,
    seen,
):
    """k nearest rows of X for rows of Q, exact in float64, ties by row number.

    A filter in the width of `panels` looks at every pair; pairs that it cannot rule out, by the
    bound proved in the user guide, are measured again in float64 from Q and X.

    A : (n_queries, d), minus twice the centred, scaled queries; a_norm2 : their squared norms.
    panels : (P, d, T), centred, scaled rows of X, T at a time; b_norm2 : (P, T), squared norms;
    reach : (P,), an upper bound of the norms in each panel; scale : the factor; unit, gamma :
    relative errors of one number and of the filter's sum. ``own >= 0`` says that query i is row
    ``own + i`` of X and not its own neighbour. `seen` counts for each query the pairs measured
    again.
    """
    d = X.shape[1]
    k = squared.shape[1]
    width = panels.shape[2]
    acc = np.empty(width, panels.dtype)
    squared[start:stop] = np.inf
    indices[start:stop] = -1
    for p in range(len(panels)):
        panel = panels[p]
        b = reach[p]
        for q in range(start, stop):
            f = A[q]
            for c in range(width):
                acc[c] = b_norm2[p, c]
            t = 0
            while t + 8 <= d:
                f0, f1, f2, f3 = f[t], f[t + 1], f[t + 2], f[t + 3]
                f4, f5, f6, f7 = f[t + 4], f[t + 5], f[t + 6], f[t + 7]
                for c in range(width):
                    acc[c] += (
                        f0 * panel[t, c]
                        + f1 * panel[t + 1, c]
                        + f2 * panel[t + 2, c]
                        + f3 * panel[t + 3, c]
                        + f4 * panel[t + 4, c]
                        + f5 * panel[t + 5, c]
                        + f6 * panel[t + 6, c]
                        + f7 * panel[t + 7, c]
                    )
                t += 8
            while t < d:
                f0 = f[t]
                for c in range(width):
                    acc[c] += f0 * panel[t, c]
                t += 1
            # the proved bound: no row at or within the k-th distance has a larger filter value
            a2 = a_norm2[q]
            a = np.sqrt(a2) * (1 + 1e-12)
            root = np.sqrt(squared[q, k - 1]) * scale * (1 + 1e-15 * (d + 4)) + unit * (a + b)
            limit = root * root + gamma * (b * b + 2 * a * b) - a2
            limit += unit * abs(limit) + 1e-15 * (d + 4) * a2 + 1e-37
            top = panels.dtype.type(min(limit, 3e38))
            low = acc[0]
            for c in range(width):
                low = min(low, acc[c])
            if low > top:
                continue
            for c in range(min(width, len(X) - p * width)):
                j = p * width + c
                if acc[c] <= top and not (own >= 0 and j == own + q):
                    seen[q] += 1
                    _insert(_squared_distance(Q[q], X[j]), j, squared[q], indices[q])
