"""Columns and rows of normal numbers, for tests of the Gaussian copula."""

import numpy as np

from skgensample.table import Column


def floats(d):
    return [Column(name=j, index=j, kind="float") for j in range(d)]


def normal_rows(rng, correlation, n):
    return rng.multivariate_normal(np.zeros(len(correlation)), correlation, n)


CORRELATION = np.array(
    [[1, 0.7, 0.5, -0.3], [0.7, 1, 0.2, 0.1], [0.5, 0.2, 1, 0.4], [-0.3, 0.1, 0.4, 1]]
)
