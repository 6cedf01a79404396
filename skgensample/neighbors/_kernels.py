"""Kernels: arrays in, arrays out; no randomness, no class. Each has a plain twin in the tests.

They are plain functions of a block of rows ``start:stop``; `_threads` compiles and runs them.
"""

import numba
import numpy as np

#: Arithmetic of filters: sums may be reordered, NaN and infinity keep their meaning.
RELAXED = frozenset({"contract", "reassoc", "nsz", "arcp"})

#: Rows in a panel of a search: long enough for vectors, short enough for an L1 cache.
PANEL = 256

#: Pairs that wait to be measured at a time.
QUEUE = 64

#: Rows of a panel of which one each is looked at to start lists, which are no longer than this.
LANES = 32


def part(relaxed=False):
    """Decorator of functions that kernels call; their arithmetic is said, not the caller's.

    Without the wrappers for calls from Python, which take as long to compile as the function.
    """
    arithmetic = set(RELAXED) if relaxed else False
    return numba.njit(fastmath=arithmetic, no_cpython_wrapper=True, no_cfunc_wrapper=True)


def interpolate(start, stop, Z, seeds, table, pick, gap, parents, out):
    """Write the pairs of rows a and b of a plan, and ``a + gap * (b - a)``.

    What is written stays between the two where the gap does. Where the difference leaves the range
    of floats the weighted mean of the two stands for it.
    """
    top = np.finfo(out.dtype).max
    for i in range(start, stop):
        slot = pick[i] // table.shape[1]
        base, neighbor = seeds[slot], table[slot, pick[i] - slot * table.shape[1]]
        parents[i, 0], parents[i, 1] = base, neighbor
        a = Z[base]
        b = Z[neighbor]
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


def pack(start, stop, X, first, spread, center, scale, n_numeric, panels, norm2, reach):
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
            j = first + p + c * spread
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
        reach[p] = np.sqrt(top) * (1 + 1e-12)
        for t in range(d):
            for c in range(PANEL):
                panels[p, t, c] = tile[c, t]


@part()
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


@part(relaxed=True)
def _filter(panels, p, norm2, A, q, last, numeric, step, acc):
    """Fill `acc` with the filter's values for a panel and four queries, which share its loads.

    The queries are those from `q` on; the one numbered `last` stands for any beyond it.
    """
    q1, q2, q3 = min(q + 1, last), min(q + 2, last), min(q + 3, last)
    a0, a1, b0, b1 = A[q, 0], A[q, 1], A[q1, 0], A[q1, 1]
    c0, c1, d0, d1 = A[q2, 0], A[q2, 1], A[q3, 0], A[q3, 1]
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
    for t in range(numeric, panels.shape[1]):
        a0, b0, c0, d0 = A[q, t], A[q1, t], A[q2, t], A[q3, t]
        for c in range(PANEL):
            x0 = panels[p, t, c]
            acc[c] += step * (a0 != x0)
            acc[c + PANEL] += step * (b0 != x0)
            acc[c + 2 * PANEL] += step * (c0 != x0)
            acc[c + 3 * PANEL] += step * (d0 != x0)


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
    first,
    spread,
    scale,
    unit,
    gamma,
    own,
    squared,
    indices,
    seen,
):
    """Take the rows of X in some panels into the lists of k nearest rows of queries.

    Exact in float64, ties by row number. A filter in the width of `panels` looks at every pair;
    pairs that it cannot rule out, by the bound proved in the user guide, are measured again in
    float64 from Q and X, whose first `n_numeric` columns are numbers and the others codes of
    categories.

    A : (n_queries, d), minus twice the centred, scaled queries, codes after them; a_norm2 :
    squared norms of the queries; panels, b_norm2, reach, first, spread : from and for `pack`;
    scale : the factor; unit, gamma : relative errors of one number and of the filter's sum.
    ``own >= 0`` says that query i is row ``own + i`` of X and not its own neighbour. squared,
    indices : the lists so far, with infinity and -1 where they are open. `seen` counts for each
    query the pairs measured again.
    """
    count, d, _ = panels.shape
    k = squared.shape[1]
    n_codes = Q.shape[1] - n_numeric
    numeric = d - n_codes
    coded = n_codes * weight * scale * scale
    step = panels.dtype.type(weight * scale * scale * (1 - unit))
    margin = (scale, unit, gamma, coded, unit + 1e-15 * (d + 4), 1 + 1e-15 * (d + 4))
    bounds = np.empty((4, stop - start))
    for q in range(start, stop):
        bounds[2, q - start] = a_norm2[q]
        bounds[3, q - start] = np.sqrt(a_norm2[q]) * (1 + 1e-12)
        _bound(squared[q, k - 1], bounds, q - start, margin)
    acc = np.empty(4 * PANEL, panels.dtype)
    limits = np.empty(4, panels.dtype)
    queue, waiting, sums = np.empty((QUEUE, 2), np.int64), 0, np.empty(QUEUE)
    lanes = np.empty(LANES, panels.dtype)
    few = k + (own >= 0)
    for p in range(count):
        for q in range(start, stop, 4):
            _filter(panels, p, b_norm2, A, q, stop - 1, numeric, step, acc)
            here = min(4, stop - q)
            for i in range(4):
                limits[i] = -3e38
            for i in range(here):
                if bounds[0, q + i - start] == 3e38 and few <= LANES:
                    _begin(acc, i, few, lanes, bounds, q + i - start, reach[p], margin)
                limits[i] = _limit(bounds, q + i - start, reach[p], margin)
            hits = _hits(acc, limits)
            if not hits:
                continue
            for i in range(here):
                if not hits >> i & 1:
                    continue
                row = acc[i * PANEL : (i + 1) * PANEL]
                low, high = _span(row, limits[i])
                for c in range(low, high + 1):
                    j = first + p + c * spread
                    if row[c] > limits[i] or j >= len(X) or (own >= 0 and j == own + q + i):
                        continue
                    queue[waiting, 0], queue[waiting, 1] = q + i, j
                    waiting += 1
                    if waiting == QUEUE:
                        _measure(queue, sums, Q, X, n_numeric, weight)
                        _take(queue, sums, squared, indices, seen, bounds, start, margin)
                        waiting = 0
                        limits[i] = _limit(bounds, q + i - start, reach[p], margin)
    _measure(queue[:waiting], sums, Q, X, n_numeric, weight)
    _take(queue[:waiting], sums, squared, indices, seen, bounds, start, margin)


@part()
def _hits(acc, limits):
    """Which of four queries has a value not above its limit, as bits."""
    l0, l1, l2, l3 = limits[0], limits[1], limits[2], limits[3]
    hit0 = hit1 = hit2 = hit3 = False
    for c in range(PANEL):
        hit0 |= acc[c] <= l0
        hit1 |= acc[c + PANEL] <= l1
        hit2 |= acc[c + 2 * PANEL] <= l2
        hit3 |= acc[c + 3 * PANEL] <= l3
    return hit0 + 2 * hit1 + 4 * hit2 + 8 * hit3


@part()
def _begin(acc, i, k, lanes, bounds, o, b, margin):
    """Bound the k-th distance of a query from a panel's values: k of its rows are not beyond.

    The rows are the nearest ones of k among 32 groups of rows; b bounds the panel's norms.
    """
    for c in range(LANES):
        lanes[c] = acc[i * PANEL + c]
    for other in range(i * PANEL + LANES, (i + 1) * PANEL, LANES):
        for c in range(LANES):
            value = acc[other + c]
            lanes[c] = value if value < lanes[c] else lanes[c]
    for w in range(k):
        for c in range(w + 1, LANES):
            if lanes[c] < lanes[w]:
                lanes[w], lanes[c] = lanes[c], lanes[w]
    scale, unit, gamma, coded, _, above = margin
    if lanes[k - 1] > 1e38:  # fewer rows than that
        return
    a = bounds[3, o]
    error = gamma * b * (b + 2 * a) + (gamma + 2 * unit) * coded
    r = np.sqrt(max(lanes[k - 1] + bounds[2, o] + error, 0.0)) + unit * (a + b)
    _bound((r / scale * above) ** 2, bounds, o, margin)


@part()
def _span(row, low):
    """First and last place with a value not above `low`."""
    first, last = np.int32(PANEL), np.int32(-1)
    for c in range(PANEL):
        inside = row[c] <= low
        first = min(first, np.int32(c) if inside else np.int32(PANEL))
        last = max(last, np.int32(c) if inside else np.int32(-1))
    return first, last


@part()
def _measure(queue, sums, Q, X, n_numeric, weight):
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
        sums[e] = s + weight * differing
        largest = max(largest, sums[e])
    return largest


@part()
def _take(queue, sums, squared, indices, seen, bounds, start, margin):
    """Put measured pairs into the lists, and lower the bounds of those that have changed."""
    for e in range(len(queue)):
        i = queue[e, 0]
        seen[i] += 1
        if _insert(sums[e], queue[e, 1], squared, indices, i):
            _bound(squared[i, squared.shape[1] - 1], bounds, i - start, margin)


@part()
def _bound(kth, bounds, o, margin):
    """The proved bound as c0 + c1 b + c2 b**2, b the norm of a row: its first coefficients."""
    scale, unit, gamma, coded, _, above = margin
    a2, a = bounds[2, o], bounds[3, o]
    if kth == np.inf:
        bounds[0, o], bounds[1, o] = 3e38, 0.0
        return
    r = np.sqrt(kth) * scale * above
    bounds[0, o] = (r + unit * a) ** 2 + gamma * coded - a2
    bounds[1, o] = 2 * (unit * (r + unit * a) + gamma * a)


@part()
def _limit(bounds, o, b, margin):
    """Largest filter value that a row of norm b at or within the k-th distance can have."""
    _, unit, gamma, coded, slack, _ = margin
    limit = bounds[0, o] + b * (bounds[1, o] + b * (unit * unit + gamma))
    return min(limit + slack * (abs(limit) + bounds[2, o] + coded) + 1e-37, 3e38)


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
                if acc[c] <= distances[q, k - 1] and not (own >= 0 and j == own + q):
                    _insert(acc[c], j, distances, indices, q)
