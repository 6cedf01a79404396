"""Kernels: arrays in, arrays out; no randomness, no class. Each has a plain twin in the tests.

They are plain functions of a block of rows ``start:stop``; `_threads` compiles and runs them.
"""

import numba
import numpy as np

#: Rows in a panel of a search: long enough for vectors, short enough for an L1 cache.
PANEL = 256


def interpolate(start, stop, Z, base, neighbor, gap, out):
    """Write ``Z[base] + gap * (Z[neighbor] - Z[base])``, kept between them where the gap is.

    Where the difference leaves the range of floats the weighted mean of the two stands for it.
    """
    top = np.finfo(out.dtype).max
    for i in range(start, stop):
        a = Z[base[i]]
        b = Z[neighbor[i]]
        g = gap[i]
        inside = 0 <= g <= 1
        for t in range(Z.shape[1]):
            step = b[t] - a[t]
            v = a[t] + g * step if abs(step) < np.inf else a[t] * (1 - g) + b[t] * g
            low = min(a[t], b[t]) if inside else -top
            high = max(a[t], b[t]) if inside else top
            v = min(max(v, low), high)
            out[i, t] = v


def vote(start, stop, grain, ranked, tied, slot, draws, before, columns, out):
    """Write the winner of each seed's vote; draws decide between equals.

    ranked : (m, c, k), codes by votes; tied : (m, c), how many of them won; draws : one number
    for each tied vote, of which each block of `grain` rows uses those from `before` on, (b, c).
    """
    place = before[start // grain].copy()
    for i in range(start, stop):
        s = slot[i]
        for j in range(len(columns)):
            ties = tied[s, j]
            pick = 0
            if ties > 1:
                pick = int(draws[place[j]] * ties)
                place[j] += 1
            out[i, columns[j]] = ranked[s, j, pick]


def pack(start, stop, X, center, scale, n_numeric, panels, norm2, reach):
    """Fill panels of rows of X: centred, scaled, column by column, with squared norms.

    panels : (P, d, PANEL), whose first columns are the numeric ones, padded with zeros; codes of
    categories stand unchanged in the last ones. norm2 : (P, PANEL), 3e38 where X has no row;
    reach : (P,), an upper bound of the norms in each panel.
    """
    width = panels.shape[2]
    first = panels.shape[1] - (X.shape[1] - n_numeric)
    for p in range(start, stop):
        panel = panels[p]
        top = 0.0
        for c in range(width):
            j = p * width + c
            if j >= len(X):
                norm2[p, c] = 3e38
                panel[:, c] = 0
                continue
            s = 0.0
            for t in range(n_numeric):
                v = panels.dtype.type((X[j, t] - center[t]) * scale)
                panel[t, c] = v
                s += float(v) * float(v)
            for t in range(n_numeric, first):
                panel[t, c] = 0
            for t in range(n_numeric, X.shape[1]):
                panel[first + t - n_numeric, c] = X[j, t]
            norm2[p, c] = s
            top = max(top, s)
        reach[p] = np.sqrt(top) * (1 + 1e-12)


@numba.njit(fastmath=False)  # said aloud: silence would inherit the caller's
def _squared_distance(q, x, n_numeric, weight):
    """Sum of squared differences, column by column, and `weight` for each differing code."""
    s = 0.0
    for t in range(n_numeric):
        v = q[t] - x[t]
        s += v * v
    differing = 0
    for t in range(n_numeric, len(q)):
        differing += q[t] != x[t]
    return s + weight * differing


@numba.njit(fastmath=False)  # said aloud: silence would inherit the caller's
def _insert(s, j, distances, indices):
    """Put row j at distance s into a sorted list; at equal distance earlier rows stay first."""
    w = len(distances) - 1
    if s >= distances[w] and indices[w] >= 0:
        return
    while w > 0 and (indices[w - 1] < 0 or distances[w - 1] > s):
        distances[w] = distances[w - 1]
        indices[w] = indices[w - 1]
        w -= 1
    distances[w] = s
    indices[w] = j


@numba.njit(fastmath={"contract", "reassoc", "nsz", "arcp"})
def _filter(panel, norm2, A, q, last, numeric, step, acc):
    """Fill `acc` with the filter's values for a panel and four queries, which share its loads.

    The queries are those from `q` on; the one numbered `last` stands for any beyond it.
    """
    A0, A1, A2, A3 = A[q], A[min(q + 1, last)], A[min(q + 2, last)], A[min(q + 3, last)]
    r0, r1, r2, r3 = acc[0], acc[1], acc[2], acc[3]
    for c in range(PANEL):
        v = norm2[c]
        r0[c] = v
        r1[c] = v
        r2[c] = v
        r3[c] = v
    for t in range(0, numeric, 4):
        a0, a1, a2, a3 = A0[t], A0[t + 1], A0[t + 2], A0[t + 3]
        b0, b1, b2, b3 = A1[t], A1[t + 1], A1[t + 2], A1[t + 3]
        c0, c1, c2, c3 = A2[t], A2[t + 1], A2[t + 2], A2[t + 3]
        d0, d1, d2, d3 = A3[t], A3[t + 1], A3[t + 2], A3[t + 3]
        for c in range(PANEL):
            x0, x1 = panel[t, c], panel[t + 1, c]
            x2, x3 = panel[t + 2, c], panel[t + 3, c]
            r0[c] += a0 * x0 + a1 * x1 + a2 * x2 + a3 * x3
            r1[c] += b0 * x0 + b1 * x1 + b2 * x2 + b3 * x3
            r2[c] += c0 * x0 + c1 * x1 + c2 * x2 + c3 * x3
            r3[c] += d0 * x0 + d1 * x1 + d2 * x2 + d3 * x3
    for t in range(numeric, panel.shape[0]):
        a0, b0, c0, d0 = A0[t], A1[t], A2[t], A3[t]
        for c in range(PANEL):
            x0 = panel[t, c]
            r0[c] += step * (a0 != x0)
            r1[c] += step * (b0 != x0)
            r2[c] += step * (c0 != x0)
            r3[c] += step * (d0 != x0)


def nearest(
    start,
    stop,
    Q,
    X,
    n_numeric,
    weight,
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
    bound proved in the user guide, are measured again in float64 from Q and X, whose first
    `n_numeric` columns are numbers and the others codes of categories.

    A : (n_queries, d), minus twice the centred, scaled queries, codes after them; a_norm2 :
    squared norms of the queries; panels, b_norm2, reach : from `pack`; scale : the factor; unit,
    gamma : relative errors of one number and of the filter's sum. ``own >= 0`` says that query i
    is row ``own + i`` of X and not its own neighbour. `seen` counts for each query the pairs
    measured again.
    """
    k = squared.shape[1]
    count, d, _ = panels.shape
    n_codes = Q.shape[1] - n_numeric
    numeric = d - n_codes
    step = panels.dtype.type(weight * scale * scale * (1 - unit))
    coded = n_codes * weight * scale * scale
    fixed, slope = np.full(stop - start, 3e38), np.zeros(stop - start)
    curve = unit * unit + gamma
    slack = unit + 1e-15 * (d + 4)
    acc = np.empty((4, PANEL), panels.dtype)
    squared[start:stop] = np.inf
    indices[start:stop] = -1
    for p in range(count):
        panel = panels[p]
        norm2 = b_norm2[p]
        b = reach[p]
        for q in range(start, stop, 4):
            _filter(panel, norm2, A, q, stop - 1, numeric, step, acc)
            for i in range(min(4, stop - q)):
                o = q + i - start
                limit = _limit(fixed[o], slope[o], curve, b, slack, coded, a_norm2[q + i])
                low = panels.dtype.type(limit)
                row = acc[i]
                if not _passing(row, low):
                    continue
                for part in range(0, PANEL, 32):
                    if not _passing(row[part : part + 32], low):
                        continue
                    for c in range(part, min(part + 32, len(X) - p * PANEL)):
                        j = p * PANEL + c
                        if row[c] > low or (own >= 0 and j == own + q + i):
                            continue
                        seen[q + i] += 1
                        s = _squared_distance(Q[q + i], X[j], n_numeric, weight)
                        if s < squared[q + i, k - 1]:
                            _insert(s, j, squared[q + i], indices[q + i])
                            kth = squared[q + i, k - 1]
                            fixed[o], slope[o] = _bound(
                                kth, a_norm2[q + i], coded, scale, unit, gamma, d
                            )
                            limit = _limit(
                                fixed[o], slope[o], curve, b, slack, coded, a_norm2[q + i]
                            )
                            low = panels.dtype.type(limit)


@numba.njit(fastmath={"reassoc"})
def _passing(row, low):
    """How many values are not above `low`."""
    count = np.float32(0)
    for c in range(len(row)):
        count += np.float32(row[c] <= low)
    return count


@numba.njit(fastmath=False)  # said aloud: silence would inherit the caller's
def _bound(kth, a2, coded, scale, unit, gamma, d):
    """The proved bound as c0 + c1 b + c2 b**2, b the norm of a row: its first coefficients."""
    if kth == np.inf:
        return 3e38, 0.0
    a = np.sqrt(a2) * (1 + 1e-12)
    r = np.sqrt(kth) * scale * (1 + 1e-15 * (d + 4))
    c0 = (r + unit * a) ** 2 + gamma * coded - a2
    return c0, 2 * (unit * (r + unit * a) + gamma * a)


@numba.njit(fastmath=False)  # said aloud: silence would inherit the caller's
def _limit(c0, c1, c2, b, slack, coded, a2):
    """Largest filter value that a row of norm b at or within the k-th distance can have."""
    limit = c0 + b * (c1 + b * c2)
    return min(limit + slack * (abs(limit) + a2 + coded) + 1e-37, 3e38)


def nearest_grouped(start, stop, Q, panels, n, group, square, own, distances, indices):
    """k nearest rows by a sum over groups of columns, exact in float64, ties by row number.

    The distance is the sum over groups of ``group`` columns of the sum of absolute differences
    in the group, squared if `square`: with groups of one column the Manhattan distance, with one
    group of class shares for each category the squared Value Difference Metric.

    panels : (P, d, PANEL), rows column by column; n : number of rows; own : as in `nearest`.
    """
    count, d, width = panels.shape
    k = distances.shape[1]
    acc = np.empty(width)
    inner = np.empty(width)
    distances[start:stop] = np.inf
    indices[start:stop] = -1
    for p in range(count):
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
                unfilled = indices[q, k - 1] < 0
                if (acc[c] < distances[q, k - 1] or unfilled) and not (own >= 0 and j == own + q):
                    _insert(acc[c], j, distances[q], indices[q])
