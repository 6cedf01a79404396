"""Plain twins of the kernels: slow, obvious, and what the fast ones are compared with."""

import numpy as np


def interpolate(Z, base, neighbor, gap):
    """One segment point at a time, in the order of operations that imbalanced-learn uses."""
    rows = []
    for i, j, u in zip(base, neighbor, gap):
        moved = (Z[i] + np.float64(u) * (Z[j] - Z[i])).astype(Z.dtype)
        rows.append(np.clip(moved, np.minimum(Z[i], Z[j]), np.maximum(Z[i], Z[j])))
    return np.array(rows)


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


def safe_gap(a, b, u):
    """Where between base and neighbour a new row lies, from their safe levels and a draw."""
    if b == 0:
        return 0.0
    if a == b:
        return u
    return u * b / a if a > b else 1 - a / b + u * a / b
