"""Rows packed into panels, and queries prepared, for the prefilter in one dtype.

Panel packing as in matrix multiplication (GotoBLAS): rows are copied into column-major blocks that
stay in cache while all queries pass over them.
"""

from functools import cache

import numpy as np
from numba import from_dtype, types

from .._runtime.jit import compiled
from .._runtime.threads import run
from . import _int16, _kernels
from ._bounds import PANEL
from ._int16 import INT16X2, MAX_NORM, quantise

#: Queries that one thread compares with all panels in turn; a multiple of 4.
QUERY_BLOCK = 256

#: Bytes of a group of panels, which is packed and searched before the next one.
GROUP_BYTES = 8_000_000

#: Rows per task when the largest norm is computed.
NORM_BLOCK = 8_192


class PackedRows:
    """Queries and rows, centred, scaled and packed for `_kernels.nearest` in one dtype.

    Rows are packed one group of panels at a time into the same buffer.

    Parameters
    ----------
    Q, X : ndarray of shape (n_queries, d) and (n, d)
        Queries and rows, numeric columns first.
    n_numeric : int
        Number of numeric columns; category codes follow them.
    weight : float
        What a differing category adds to a squared distance.
    dtype : dtype
        dtype of the prefilter: float32, float64, or int32 for pairs of int16 values.
    sum_squares : float
        Upper bound of the sum of squares of Q and of X.
    threads : int, default=None
        Maximum number of threads.
    group_panels : int, default=None
        Panels per group; None takes as many as fit into `GROUP_BYTES`.
    """

    def __init__(
        self, Q, X, n_numeric, weight, dtype, sum_squares, threads=None, group_panels=None
    ):
        self.Q, self.X, self.n_numeric, self.weight = Q, X, n_numeric, weight
        self.threads = threads
        self.dtype = np.dtype(dtype)
        n, d = X.shape
        self.center = X[:: max(1, n // 4096), :n_numeric].mean(axis=0)  # any center is correct
        self.slack = 1e-15 * (d + 4)
        if self.dtype == INT16X2:
            self._quantise_queries()
        else:
            self._scale_queries(sum_squares)
        panel = self.A.shape[1], PANEL
        self.n_panels = -(-n // PANEL)
        fitting = max(1, GROUP_BYTES // (panel[0] * panel[1] * self.dtype.itemsize))
        self.group_panels = group_panels or min(self.n_panels, fitting)
        self.panels = np.empty((self.group_panels, *panel), dtype)
        self.b_norm2, self.norm_bounds = (
            np.empty((self.group_panels, PANEL), dtype),
            np.empty(self.group_panels),
        )

    def _scale_queries(self, sum_squares):
        """Scaled queries for a float prefilter, and its rounding errors."""
        n_numeric, d = self.n_numeric, self.X.shape[1]
        # A power of two, which rounds nothing: scaled coordinates are below 1, since no centred
        # value exceeds twice the root of the sum of squares.
        self.scale = 2.0 ** -(int(np.frexp(np.sqrt(sum_squares))[1]) + 1)
        padded = 2 + max(0, -(-(n_numeric - 2) // 4)) * 4  # the prefilter's unrolling: 2, 4, 4, ...
        self.A = np.zeros((len(self.Q), padded + d - n_numeric), self.dtype)
        self.A[:, :n_numeric] = (self.Q[:, :n_numeric] - self.center) * self.scale
        self.a_norm2 = np.einsum("ij,ij->i", self.A, self.A, dtype=np.float64)
        self.a_norm_bounds = np.sqrt(self.a_norm2) * (1 + 1e-12)
        # The prefilter computes |x|**2 - 2 q.x: the factor is part of the query.
        self.A *= -2
        self.A[:, padded:] = self.Q[:, n_numeric:]
        # unit roundoff of the dtype plus 1 %, and that of float64 for the centring
        self.unit = 1.01 * float(np.finfo(self.dtype).eps) / 2 + np.finfo(float).eps
        # rounding error of a sum of d terms (Higham's gamma_n), and of the float64 norms
        self.gamma = (self.A.shape[1] + 3) * (self.unit + np.finfo(float).eps)
        self.slack += self.unit

    def _quantise_queries(self):
        """Quantised queries for the int16 prefilter; quantisation is its only error."""
        # Rounding d coordinates by 1/2 each lengthens a row by at most sqrt(d) / 2.
        radius = max(self._max_norm(self.X), self._max_norm(self.Q), 1e-100)
        self.scale = (MAX_NORM - np.sqrt(self.X.shape[1])) / radius
        self.A, self.a_norm2, self.a_norm_bounds = quantise(self.Q, self.center, self.scale)
        self.unit, self.gamma = 1.0, 0.0

    def _max_norm(self, Z):
        """Upper bound of the rows' distance from the center."""
        squares = np.zeros(-(-len(Z) // NORM_BLOCK))
        code = compiled(_int16.max_squared_norms, _MAX_NORM_TYPES, relaxed=True)
        run(code, len(Z), NORM_BLOCK, NORM_BLOCK, Z, self.center, squares, threads=self.threads)
        return np.sqrt(squares.max(initial=0.0)) * (1 + 1e-12)

    def pack(self, first):
        """Pack the group of panels that begins with panel `first`."""
        self.first = first
        self.n_packed = min(self.group_panels, self.n_panels - first)
        packed = self.panels, self.b_norm2, self.norm_bounds
        space, kernel = (self.center, self.scale, self.n_numeric), _kernels.pack
        if self.dtype == INT16X2:
            space, kernel = space[:2], _int16.pack_int16
        code = compiled(kernel, _pack_types(self.dtype), relaxed=True)
        run(
            code,
            self.n_packed,
            4,
            self.X,
            first,
            self.n_panels,
            *space,
            *packed,
            threads=self.threads,
        )

    def keep_queries(self, queries):
        """Drop all queries but the given ones."""
        self.Q, self.A = self.Q[queries], self.A[queries]
        self.a_norm2, self.a_norm_bounds = self.a_norm2[queries], self.a_norm_bounds[queries]

    def __call__(self, start, stop, exclude_self, squared, indices, n_exact):
        """Update the lists of queries ``start:stop`` with the rows of the packed group."""
        rows, n_packed = slice(start, stop), slice(self.n_packed)
        run(
            compiled(_kernels.nearest, _nearest_types(self.dtype), relaxed=True),
            stop - start,
            query_grain(stop - start),
            self.Q[rows],
            self.X,
            self.n_numeric,
            self.weight,
            self.A[rows],
            self.a_norm2[rows],
            self.a_norm_bounds[rows],
            self.panels[n_packed],
            self.b_norm2[n_packed],
            self.norm_bounds[n_packed],
            self.first,
            self.n_panels,
            self.scale,
            self.unit,
            self.gamma,
            self.slack,
            start if exclude_self else -1,
            squared[rows],
            indices[rows],
            n_exact[rows],
            threads=self.threads,
        )


def query_grain(n):
    """Queries per task: few enough to occupy all threads, a multiple of four."""
    return max(4, min(QUERY_BLOCK, -(-n // 32) * 4))


_REAL, _INT = types.float64, types.int64
_ROWS_TYPE = types.Array(types.float64, 2, "C", readonly=True)
_BLOCK_TYPES = (_INT, _INT)
_MAX_NORM_TYPES = types.void(
    *_BLOCK_TYPES, _INT, _ROWS_TYPE, types.float64[::1], types.float64[::1]
)


@cache
def _pack_types(dtype):
    """Signature of `_kernels.pack` or `_int16.pack_int16` for one dtype."""
    real = from_dtype(dtype)
    packed = (real[:, :, ::1], real[:, ::1], types.float64[::1])
    space = (types.float64[::1], _REAL, *([] if dtype == INT16X2 else [_INT]))
    return types.void(*_BLOCK_TYPES, _ROWS_TYPE, _INT, _INT, *space, *packed)


@cache
def _nearest_types(dtype):
    """Signature of `_kernels.nearest` for one dtype."""
    real = from_dtype(dtype)
    norms = types.float64[::1]
    packed = (real[:, ::1], norms, norms, real[:, :, ::1], real[:, ::1], norms)
    space, errors = (_INT, _REAL), (_INT, _INT, *[_REAL] * 4)
    results = (types.float64[:, ::1], types.int64[:, ::1], types.int64[::1])
    return types.void(
        *_BLOCK_TYPES, _ROWS_TYPE, _ROWS_TYPE, *space, *packed, *errors, _INT, *results
    )
