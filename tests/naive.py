"""Plain twins of the kernels: slow, obvious, and what the fast ones are compared with."""

from collections import Counter

import numpy as np
from scipy import stats


def interpolate(Z, base, neighbor, gap):
    """One segment point at a time, in the order of operations that imbalanced-learn uses."""
    rows = []
    for i, j, u in zip(base, neighbor, gap):
        moved = (Z[i] + np.float64(u) * (Z[j] - Z[i])).astype(Z.dtype)
        rows.append(np.clip(moved, np.minimum(Z[i], Z[j]), np.maximum(Z[i], Z[j])))
    return np.array(rows)


def parents(seeds, table, pick):
    """Base and neighbour of one flat position in the table after another."""
    k = len(table[0])
    return [seeds[p // k] for p in pick], [table[p // k][p % k] for p in pick]


def nearest(Q, X, k, exclude_self=False):
    """Sort all rows by (distance, row number)."""
    found = []
    for i, q in enumerate(Q):
        ranked = sorted(
            (sum((a - b) ** 2 for a, b in zip(q.tolist(), x.tolist())), j)
            for j, x in enumerate(X)
            if not (exclude_self and i == j)
        )
        found.append(ranked[:k])
    squared = np.array([[d for d, _ in row] for row in found])
    return squared, np.array([[j for _, j in row] for row in found])


def value_differences(X, y, members):
    """Squared Value Difference Metric between rows of a class, cell by cell."""
    classes = sorted(set(y.tolist()))
    share = {}
    for j, column in enumerate(X.T.tolist()):
        for level in set(column):
            own = [label for cell, label in zip(column, y.tolist()) if cell == level]
            share[j, level] = [own.count(c) / len(own) for c in classes]
    rows = [[share[j, cell] for j, cell in enumerate(row)] for row in X[members].tolist()]
    return np.array([[sum(_apart(p, q) ** 2 for p, q in zip(a, b)) for b in rows] for a in rows])


def _apart(p, q):
    return sum(abs(a - b) for a, b in zip(p, q))


def mixed_squares(numbers, words, weight):
    """Squared distances of all pairs: numbers by their differences, `weight` for each word."""
    return np.array(
        [
            [
                sum((p - q) ** 2 for p, q in zip(a, b)) + weight * sum(u != v for u, v in zip(s, t))
                for b, t in zip(numbers.tolist(), words.tolist())
            ]
            for a, s in zip(numbers.tolist(), words.tolist())
        ]
    )


def nearest_of(squares, i, among, k):
    """The k rows of `among` nearest to row i, itself left out, ties by row number."""
    return sorted((j for j in among if j != i), key=lambda j: (squares[i][j], j))[:k]


def others_around(squares, y, i, m):
    """How many of the m nearest rows are of another class."""
    return sum(y[j] != y[i] for j in nearest_of(squares, i, range(len(y)), m))


def pair_error(real, made, numeric, n_bins=10):
    """Half the difference of rank correlations, or the total variation of two-way tables."""
    d, errors = len(numeric), []
    for i in range(d):
        for j in range(i):
            if numeric[i] and numeric[j]:
                rho = [stats.spearmanr(t[:, i], t[:, j])[0] for t in (real, made)]
                errors.append(abs(rho[0] - rho[1]) / 2)
                continue
            tables = [
                Counter(zip(*(_bin(t, real, k, numeric, n_bins) for k in (i, j))))
                for t in (real, made)
            ]
            cells = set(tables[0]) | set(tables[1])
            errors.append(
                sum(abs(tables[0][c] / len(real) - tables[1][c] / len(made)) for c in cells) / 2
            )
    return sum(errors) / len(errors)


def _bin(table, real, k, numeric, n_bins):
    """A level, or the number of real quantiles below a value."""
    if not numeric[k]:
        return table[:, k].tolist()
    ordered = sorted(real[:, k].tolist())
    at = [-int(-(len(ordered) - 1) * b // n_bins) for b in range(1, n_bins)]
    edges = {ordered[i] for i in at}
    return [sum(x > edge for edge in edges) for x in table[:, k].tolist()]


def alpha_precision(real, made):
    """The share of made rows in each ball around the real centre, level by level."""
    center = real.mean(axis=0)
    return _agreement(
        _levels([_length(row - center) for row in real], [_length(row - center) for row in made])
    )


def beta_recall(real, made, k):
    """The share of real rows covered by their nearest made row, where that is typical enough."""
    radii = [_length(row - made.mean(axis=0)) for row in made]
    levels, needed = _levels(radii, radii), []
    for row in real:
        own = sorted(_length(row - other) for other in real)[k]
        distances = [_length(row - other) for other in made]
        j = distances.index(min(distances))
        needed.append(levels[j] if distances[j] <= own else (np.inf, np.inf))
    return _agreement(needed)


def _length(row):
    return sum(x * x for x in row.tolist()) ** 0.5


def _levels(radii, found):
    """Shares of the radii below each one found, and up to it."""
    n = len(radii)
    return [(sum(r < x for r in radii) / n, sum(r <= x for r in radii) / n) for x in found]


def _agreement(levels):
    """One minus twice the mean gap between a level and the share of rows up to it."""
    gap = 0
    for step in range(1000):
        at, share = (step + 0.5) / 1000, 0
        for low, high in levels:
            share += min(max((at - low) / (high - low), 0), 1) if high > low else low <= at
        gap += abs(share / len(levels) - at)
    return 1 - 2 * gap / 1000


def safe_gap(a, b, u):
    """Where between base and neighbour a new row lies, from their safe levels and a draw."""
    if b == 0:
        return 0.0
    if a == b:
        return u
    return u * b / a if a > b else 1 - a / b + u * a / b
