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
