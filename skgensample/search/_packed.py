"""Rows and queries, packed for a first look at all pairs in one width."""

from functools import cache

import numpy as np
from numba import from_dtype, types

from .._runtime.jit import compiled
from .._runtime.threads import run
from . import _int16, _kernels
from ._bounds import PANEL
from ._int16 import LARGEST, WHOLE, rounded

#: Queries that one thread takes through all panels at a time; a multiple of 4.
BLOCK = 256

#: Bytes of panels that are packed at a time.
GROUP = 8_000_000

#: Rows whose distances from the center one thread looks at, at a time.
FARTHEST = 8_192


class Filter:
    """Queries and rows, centred, scaled and packed for `_kernels.nearest` in one float width.

    Rows are packed a group of panels at a time, into one and the same place.

    Parameters
    ----------
    Q, X : ndarray of shape (n_queries, d) and (n, d)
        Queries and rows, numeric columns first.
    n_numeric : int
        Number of numeric columns; codes of categories follow them.
    weight : float
        What a differing code adds to a squared distance.
    dtype : dtype
        Width of the filter: float32, float64, or int32 for pairs of 16-bit whole numbers.
    power : float
        At least the sum of squares of either.
    threads : int, default=None
        At most so many threads.
    count : int, default=None
        Number of panels in a group; None takes what `GROUP` bytes hold.
    """

    def __init__(self, Q, X, n_numeric, weight, dtype, power, threads=None, count=None):
        self.Q, self.X, self.n_numeric, self.weight = Q, X, n_numeric, weight
        self.threads = threads
        self.dtype = np.dtype(dtype)
        n, d = X.shape
        self.center = X[:: max(1, n // 4096), :n_numeric].mean(axis=0)  # any centre is as right
        self.slack = 1e-15 * (d + 4)
        if self.dtype == WHOLE:
            self._in_whole_numbers()
        else:
            self._in_floats(power)
        panel = self.A.shape[1], PANEL
        self.spread = -(-n // PANEL)
        fitting = max(1, GROUP // (panel[0] * panel[1] * self.dtype.itemsize))
        self.count = count or min(self.spread, fitting)
        self.panels = np.empty((self.count, *panel), dtype)
        self.b_norm2, self.reach = np.empty((self.count, PANEL), dtype), np.empty(self.count)

    def _in_floats(self, power):
        """Queries for a filter in floats, and its errors."""
        n_numeric, d = self.n_numeric, self.X.shape[1]
        # no centred value is larger than twice the root of the larger sum of squares
        self.scale = 2.0 ** -(int(np.frexp(np.sqrt(power))[1]) + 1)
        padded = 2 + max(0, -(-(n_numeric - 2) // 4)) * 4  # as the filter takes them: 2, 4, 4, ...
        self.A = np.zeros((len(self.Q), padded + d - n_numeric), self.dtype)
        self.A[:, :n_numeric] = (self.Q[:, :n_numeric] - self.center) * self.scale
        self.a_norm2 = np.einsum("ij,ij->i", self.A, self.A, dtype=np.float64)
        self.a_reach = np.sqrt(self.a_norm2) * (1 + 1e-12)
        self.A *= -2
        self.A[:, padded:] = self.Q[:, n_numeric:]
        # a hundredth above the rounding error of the width, and of float64 for the centring
        self.unit = 1.01 * float(np.finfo(self.dtype).eps) / 2 + np.finfo(float).eps
        # roundings of the filter's sum: its own, and those of float64 squared norms
        self.gamma = (self.A.shape[1] + 3) * (self.unit + np.finfo(float).eps)
        self.slack += self.unit

    def _in_whole_numbers(self):
        """Queries for a filter in whole numbers, and its errors: those of the rows alone."""
        radius = max(self._farthest(self.X), self._farthest(self.Q), 1e-100)
        self.scale = (LARGEST - np.sqrt(self.X.shape[1])) / radius
        self.A, self.a_norm2, self.a_reach = rounded(self.Q, self.center, self.scale)
        self.unit, self.gamma = 1.0, 0.0

    def _farthest(self, Z):
        """Largest distance of a row from the center."""
        top = np.zeros(-(-len(Z) // FARTHEST))
        code = compiled(_int16.farthest, _FARTHEST, relaxed=True)
        run(code, len(Z), FARTHEST, FARTHEST, Z, self.center, top, threads=self.threads)
        return np.sqrt(top.max(initial=0.0)) * (1 + 1e-12)

    def pack(self, first):
        """Fill the panels from number `first` on."""
        self.first = first
        self.there = min(self.count, self.spread - first)
        packed = self.panels, self.b_norm2, self.reach
        space, kernel = (self.center, self.scale, self.n_numeric), _kernels.pack
        if self.dtype == WHOLE:
            space, kernel = space[:2], _int16.pack_whole
        code = compiled(kernel, _pack_types(self.dtype), relaxed=True)
        run(code, self.there, 4, self.X, first, self.spread, *space, *packed, threads=self.threads)

    def keep(self, queries):
        """Go on with some of the queries only."""
        self.Q, self.A = self.Q[queries], self.A[queries]
        self.a_norm2, self.a_reach = self.a_norm2[queries], self.a_reach[queries]

    def __call__(self, start, stop, exclude_self, squared, indices, seen):
        """Take the rows that are packed into the lists of queries ``start:stop``."""
        part, there = slice(start, stop), slice(self.there)
        run(
            compiled(_kernels.nearest, _nearest_types(self.dtype), relaxed=True),
            stop - start,
            grain_of(stop - start),
            self.Q[part],
            self.X,
            self.n_numeric,
            self.weight,
            self.A[part],
            self.a_norm2[part],
            self.a_reach[part],
            self.panels[there],
            self.b_norm2[there],
            self.reach[there],
            self.first,
            self.spread,
            self.scale,
            self.unit,
            self.gamma,
            self.slack,
            start if exclude_self else -1,
            squared[part],
            indices[part],
            seen[part],
            threads=self.threads,
        )


def grain_of(n):
    """Queries to a block: few enough for all threads to have work, a multiple of four."""
    return max(4, min(BLOCK, -(-n // 32) * 4))


_REAL, _INT = types.float64, types.int64
_ROWS = types.Array(types.float64, 2, "C", readonly=True)
_BLOCK_OF = (_INT, _INT)
_FARTHEST = types.void(*_BLOCK_OF, _INT, _ROWS, types.float64[::1], types.float64[::1])


@cache
def _pack_types(dtype):
    """Types of `_kernels.pack`, or of `pack_whole`, for one width of the filter."""
    real = from_dtype(dtype)
    packed = (real[:, :, ::1], real[:, ::1], types.float64[::1])
    space = (types.float64[::1], _REAL, *([] if dtype == WHOLE else [_INT]))
    return types.void(*_BLOCK_OF, _ROWS, _INT, _INT, *space, *packed)


@cache
def _nearest_types(dtype):
    """Types of `_kernels.nearest` for one width of the filter."""
    real = from_dtype(dtype)
    norms = types.float64[::1]
    packed = (real[:, ::1], norms, norms, real[:, :, ::1], real[:, ::1], norms)
    space, errors = (_INT, _REAL), (_INT, _INT, *[_REAL] * 4)
    results = (types.float64[:, ::1], types.int64[:, ::1], types.int64[::1])
    return types.void(*_BLOCK_OF, _ROWS, _ROWS, *space, *packed, *errors, _INT, *results)
