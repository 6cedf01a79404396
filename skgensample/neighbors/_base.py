"""Base of interpolating samplers: a sampler plans base row, neighbour and gap; the rest is here."""

import warnings
from numbers import Integral

import numpy as np
from numba import types
from scipy import sparse
from sklearn.base import clone
from sklearn.utils._param_validation import HasMethods, Interval

from ..base import BaseOverSampler, plain_label
from ..exceptions import SmallClassWarning
from . import _kernels
from ._search import NumbaNearestNeighbors
from ._threads import compiled, run

#: Results with fewer cells than this are written by NumPy: no compiler, no threads.
SMALL = 100_000

#: New rows that one thread writes at a time.
BLOCK = 16_384


class BaseNeighborSampler(BaseOverSampler):
    """Base of the neighbours wing.

    Subclasses implement ``_plan(Z, y, label, n, rng) -> base, neighbor, gap``: row numbers of
    the two parents of each new row and its place between them as a fraction.
    """

    _accepts_sparse_encoding = True
    _parameter_constraints: dict = {
        **BaseOverSampler._parameter_constraints,
        "k_neighbors": [
            Interval(Integral, 1, None, closed="left"),
            HasMethods(["kneighbors", "kneighbors_graph"]),
        ],
    }

    def __init__(self, *, sampling_strategy="auto", random_state=None, k_neighbors=5):
        super().__init__(sampling_strategy=sampling_strategy, random_state=random_state)
        self.k_neighbors = k_neighbors

    def _fit_generator(self, Z, y, columns, rng):
        self.k_neighbors_ = {}
        self.synthetic_parents_ = np.empty((0, 2), np.intp)
        return Z, y

    def _generate(self, model, label, n, rng, out):
        Z, y = model
        base, neighbor, gap = self._plan(Z, y, label, n, rng)
        parents = np.column_stack([base, neighbor])
        self.synthetic_parents_ = np.concatenate([self.synthetic_parents_, parents])
        return interpolate(Z, base, neighbor, gap, out)

    def _neighbors_of(self, Z, label):
        """k nearest other rows of each row of a class, k shrunk to what the class allows."""
        search = self.k_neighbors
        counted = isinstance(search, Integral)
        wanted = int(search) if counted else search.get_params().get("n_neighbors", 6) - 1
        k = min(wanted, Z.shape[0] - 1)
        if k < wanted:
            warnings.warn(
                f"Class {plain_label(label)!r} has {Z.shape[0]} rows: k_neighbors is {k} there, "
                f"not {wanted}.",
                SmallClassWarning,
                stacklevel=2,
            )
        self.k_neighbors_[label] = k
        search = NumbaNearestNeighbors() if counted else clone(search)
        return (
            search.set_params(n_neighbors=k + 1).fit(Z).kneighbors(Z, return_distance=False)[:, 1:]
        )


def interpolate(Z, base, neighbor, gap, out=None):
    """Rows on the segments between pairs of rows.

    Parameters
    ----------
    Z : ndarray or csr matrix of shape (n, d)
        Rows.
    base, neighbor : ndarray of shape (n_new,)
        Row numbers of the two parents.
    gap : ndarray of shape (n_new,)
        Place between them: 0 at the base, 1 at the neighbour.
    out : ndarray of shape (n_new, d), default=None
        Where to write; not for sparse rows.

    Returns
    -------
    ndarray or csr matrix of shape (n_new, d)
        ``out``, or a new matrix.
    """
    if sparse.issparse(Z):
        start = Z[base]
        return start + sparse.diags(gap) @ (Z[neighbor] - start)
    if _may_overflow(Z, base):
        out[:] = Z[base] * (1 - gap[:, None]) + Z[neighbor] * gap[:, None]
    elif out.size <= SMALL:
        a, b = Z[base], Z[neighbor]
        moved = (a + gap[:, None] * (b - a)).astype(Z.dtype, copy=False)
        np.clip(moved, np.minimum(a, b), np.maximum(a, b), out=out)
    else:
        code = compiled(_kernels.interpolate, _signature(Z.dtype))
        run(code, len(out), BLOCK, Z, base, neighbor, gap, out)
    return out


def _may_overflow(Z, base):
    """Whether the difference of two parents could leave the range of floats."""
    parents = np.zeros(len(Z), dtype=bool)
    parents[base] = True
    rows = Z[parents]
    return bool(np.max(np.abs(rows), initial=0.0) > np.finfo(Z.dtype).max / 4)


def _signature(dtype):
    """Types of `_kernels.interpolate` for one float width."""
    real = types.float32 if dtype == np.float32 else types.float64
    rows = types.Array(real, 2, "C", readonly=True)
    row, fraction = types.int64[::1], types.float64[::1]
    return types.void(types.int64, types.int64, rows, row, row, fraction, real[:, ::1])
