"""Kernels: arrays in, arrays out; no randomness, no class. Each has a plain twin in the tests.

They are plain functions here; `_threads.compiled` turns them into machine code on first use.
"""

from numba import prange

import numpy as np


def interpolate(Z, base, neighbor, gap, out):
    """Write ``Z[base] + gap * (Z[neighbor] - Z[base])``, kept between the two parents."""
    for i in prange(len(base)):
        a = Z[base[i]]
        b = Z[neighbor[i]]
        g = gap[i]
        for t in range(Z.shape[1]):
            v = a[t] + g * (b[t] - a[t])
            out[i, t] = min(max(v, min(a[t], b[t])), max(a[t], b[t]))


def nearest(Q, X, first, k, squared, indices):
    """k nearest rows of X for each row of Q; distances summed column by column, ties by index.

    ``first >= 0`` says that row i of Q is row ``first + i`` of X and not its own neighbour.
    """
    for i in prange(len(Q)):
        d2 = squared[i]
        ids = indices[i]
        d2[:] = np.inf
        ids[:] = -1
        for j in range(len(X)):
            if first >= 0 and j == first + i:
                continue
            s = 0.0
            for t in range(X.shape[1]):
                v = Q[i, t] - X[j, t]
                s += v * v
            if s < d2[k - 1] or ids[k - 1] < 0:
                w = k - 1
                while w > 0 and (ids[w - 1] < 0 or d2[w - 1] > s):
                    d2[w] = d2[w - 1]
                    ids[w] = ids[w - 1]
                    w -= 1
                d2[w] = s
                ids[w] = j
