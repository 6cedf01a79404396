"""Exact nearest neighbours as functions of arrays: NumPy where small, compiled where large."""

import numpy as np
from numba import types

from . import _kernels
from ._direct import small, smallest
from ._mutual import FEWEST, search_mutual
from ._threads import compiled, loaded, run

#: Up to this many pairs NumPy answers, unless the kernel is loaded already.
SMALL = 400_000

#: Pairs for which a kernel pays once it is loaded.
TINY = 2_000

#: Queries that one thread takes through all panels at a time; a multiple of 4.
BLOCK = 256

#: Queries that try the float32 filter first.
TRIAL = 64

#: The float32 bound holds up to this many columns.
PROVED = 100_000

#: Bytes of panels that are packed at a time.
GROUP = 8_000_000

#: Above this share of pairs measured again the float32 filter gives way to a float64 one.
USELESS = 0.02

#: Bytes of panels up to which all rows are packed at once, to be searched among themselves.
WHOLE = 128_000_000

#: A search that may end early begins with so many times smaller a group of panels.
EARLY = 8


def nearest_euclidean(
    Q, X, k, *, nominal=(), weight=0.0, exclude_self=False, enough=None, threads=None
):
    """k nearest rows by euclidean distance, with a constant for each differing category.

    Parameters
    ----------
    Q, X : ndarray of shape (n_queries, d) and (n, d)
        Finite queries and rows.
    k : int
        Number of neighbours.
    nominal : array-like of int, default=()
        Columns of category codes, where a difference adds `weight` to the squared distance.
    weight : float, default=0.0
        Weight of a differing category.
    exclude_self : bool, default=False
        Whether query i is row i of X, and not its own neighbour.
    enough : ndarray of shape (n_queries,), default=None
        A query may be left with any k rows that are nearer than this, once they are found; not
        with `exclude_self`.
    threads : int, default=None
        At most so many threads; None takes numba's number.

    Returns
    -------
    distances, indices : ndarray of shape (n_queries, k)
        Nearest first; at equal distance the smaller row number stands first.
    """
    Q, X, n_numeric, weight, shift, power = prepared(Q, X, nominal, weight)
    space = k, n_numeric, weight, exclude_self
    pairs = len(Q) * len(X)
    if pairs > SMALL or (pairs > TINY and loaded(_kernels.nearest)):
        if enough is not None:  # a little less, for the rounding of the root
            enough = np.ldexp(enough, shift) ** 2 * (1 - 1e-12)
        squared, indices, _ = _large(Q, X, *space, power=power, enough=enough, threads=threads)
    else:
        squared, indices = small(Q, X, *space)
    with np.errstate(over="ignore"):  # a distance beyond the largest float is infinite
        return np.ldexp(np.sqrt(squared), -shift), indices


def prepared(Q, X, nominal, weight):
    """Queries and rows, numeric columns first, of a size whose squares neither over- nor underflow.

    Parameters
    ----------
    Q, X : ndarray of shape (n_queries, d) and (n, d)
        Finite queries and rows.
    nominal : array-like of int
        Columns of category codes.
    weight : float
        Weight of a differing category.

    Returns
    -------
    Q, X : ndarray
        The same numbers times a power of two, which changes no digit.
    n_numeric : int
        Number of numeric columns.
    weight : float
        Weight in the new unit.
    shift : int
        Exponent of the power of two.
    power : float
        The larger sum of squares, or what differing categories add if that is more.
    """
    same = Q is X
    n_numeric = X.shape[1] - len(nominal)
    if len(nominal):
        order = np.r_[np.setdiff1d(np.arange(X.shape[1]), nominal), nominal]
        Q, X = Q[:, order], X[:, order]
    X = np.ascontiguousarray(X, dtype=np.float64)
    Q = X if same else np.ascontiguousarray(Q, dtype=np.float64)
    power = max(_power(Q, X), weight * len(nominal))
    shift = 0 if 1e-180 < power < 1e180 else _exponent(Q, X)
    if shift:
        X, weight = np.ldexp(X, shift), float(np.ldexp(weight, 2 * shift))
        Q = X if same else np.ldexp(Q, shift)
        power = max(_power(Q, X), weight * len(nominal))
    return Q, X, n_numeric, weight, shift, power


def nearest_grouped(Q, X, k, *, group=1, square=False, exclude_self=False, threads=None):
    """k nearest rows by a sum over groups of columns of absolute differences.

    Parameters
    ----------
    Q, X : ndarray of shape (n_queries, d) and (n, d)
        Finite queries and rows.
    k : int
        Number of neighbours.
    group : int, default=1
        Columns in a group.
    square : bool, default=False
        Whether each group's sum is squared: with class shares of categories, the squared Value
        Difference Metric.
    exclude_self : bool, default=False
        Whether query i is row i of X, and not its own neighbour.
    threads : int, default=None
        At most so many threads; None takes numba's number.

    Returns
    -------
    distances, indices : ndarray of shape (n_queries, k)
        Nearest first; at equal distance the smaller row number stands first.
    """
    X = np.ascontiguousarray(X, dtype=np.float64)
    Q = np.ascontiguousarray(Q, dtype=np.float64)
    if len(Q) * len(X) <= SMALL:
        distances = np.zeros((len(Q), len(X)))
        for start in range(0, X.shape[1], group):
            inner = 0.0
            for t in range(start, start + group):
                inner = inner + np.abs(Q[:, t, None] - X[:, t])
            distances += inner * inner if square else inner
        return smallest(distances, k, exclude_self)
    distances, indices = np.empty((len(Q), k)), np.empty((len(Q), k), np.int64)
    panels = _transposed(X)
    code = compiled(_kernels.nearest_grouped, _GROUPED)
    own = 0 if exclude_self else -1
    arrays = (Q, panels, len(X), group, square, own, distances, indices)
    run(code, len(Q), _grain(len(Q)), *arrays, threads=threads)
    return distances, indices


def _power(Q, X):
    """The larger sum of squares, which may have overflowed or underflowed."""
    flat, ask = X.ravel(), Q.ravel()
    with np.errstate(over="ignore", under="ignore"):
        # einsum, not BLAS, whose threads would spin on for a while and hinder ours
        power = float(np.einsum("i,i", flat, flat))
        return power if Q is X else max(power, float(np.einsum("i,i", ask, ask)))


def _exponent(Q, X):
    """Power of two that brings the largest value near 1."""
    top = max(max(Z.max(initial=0.0), -Z.min(initial=0.0)) for Z in (Q, X))
    return -int(np.frexp(top)[1]) if top else 0


def _large(
    Q, X, k, n_numeric, weight, exclude_self, dtype=None, power=None, enough=None, threads=None
):
    """Squared distances and indices by the kernel `nearest`, group after group of panels."""
    n, d = Q.shape
    kind = np.dtype(dtype or (np.float32 if d <= PROVED else np.float64))
    if power is None:
        power = max(_power(Q, X), weight * (d - n_numeric))
    power = max(power, np.finfo(float).tiny)
    fits = n >= FEWEST * _kernels.PANEL and X.size * kind.itemsize <= WHOLE
    if Q is X and enough is None and k < _kernels.LANES and fits:
        widths = [kind] if dtype or kind == np.float64 else [kind, np.float64]
        return _among(X, k, n_numeric, weight, exclude_self, widths, power, threads)
    squared, indices = np.full((n, k), np.inf), np.full((n, k), -1, np.int64)
    seen = np.zeros(n, np.int64)
    space = Q, X, n_numeric, weight
    search = Filter(*space, kind, power, threads)
    most = search.count
    search.count = small = most if enough is None else -(-most // EARLY)
    trial = TRIAL if dtype is None and n > 8 * TRIAL and kind == np.float32 else 0
    found, todo = (squared, indices, seen), None
    first = 0
    while first < search.spread:
        search.pack(first)
        if trial and not first:
            search(0, trial, exclude_self, *found)
            if seen[:trial].mean() > _needed(k, search.count * _kernels.PANEL):
                search = Filter(*space, np.float64, power, threads, most)
                search.count = small
                search.pack(first)
        search(0 if first else trial, len(found[2]), exclude_self, *found)
        first += search.there
        if enough is None:
            continue
        search.count = min(2 * search.count, most)
        # the others go on, as a shorter list of queries
        todo = np.arange(n) if todo is None else todo
        squared[todo], indices[todo], seen[todo] = found
        open_ = ~(found[0][:, -1] < enough[todo])
        todo = todo[open_]
        if not len(todo):
            break
        found = squared[todo], indices[todo], seen[todo]
        search.keep(open_)
    return squared, indices, seen


def _among(X, k, n_numeric, weight, exclude_self, widths, power, threads):
    """As `_large`, of all rows among themselves, in the first width that tells near rows apart."""
    count = -(-len(X) // _kernels.PANEL)
    for width in widths:
        search = Filter(X[:0], X, n_numeric, weight, width, power, threads, count)
        search.pack(0)
        most = _needed(k, _kernels.PANEL) if width != widths[-1] else np.inf
        found = search_mutual(search, k, exclude_self, most)
        if found is not None:
            return found


def _needed(k, rows):
    """Pairs of a query that a filter may leave open, with those that enter a list for a while."""
    return USELESS * rows + 2 * k * (1 + np.log(max(1, rows / k)))


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
        float32 or float64, the filter's width.
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
        # no centred value is larger than twice the root of the larger sum of squares
        self.scale = 2.0 ** -(int(np.frexp(np.sqrt(power))[1]) + 1)
        padded = 2 + max(0, -(-(n_numeric - 2) // 4)) * 4  # as the filter takes them: 2, 4, 4, ...
        panel = padded + d - n_numeric, _kernels.PANEL
        self.spread = -(-n // _kernels.PANEL)
        fitting = max(1, GROUP // (panel[0] * panel[1] * self.dtype.itemsize))
        self.count = count or min(self.spread, fitting)
        self.panels = np.empty((self.count, *panel), dtype)
        self.b_norm2, self.reach = np.empty((self.count, panel[1]), dtype), np.empty(self.count)
        self.A = np.zeros((len(Q), panel[0]), dtype)
        self.A[:, :n_numeric] = (Q[:, :n_numeric] - self.center) * self.scale
        self.a_norm2 = np.einsum("ij,ij->i", self.A, self.A, dtype=np.float64)
        self.A *= -2
        self.A[:, padded:] = Q[:, n_numeric:]
        # a hundredth above the rounding error of the width, and of float64 for the centring
        self.unit = 1.01 * float(np.finfo(self.dtype).eps) / 2 + np.finfo(float).eps
        # roundings of the filter's sum: its own, and those of float64 squared norms
        self.gamma = (panel[0] + 3) * (self.unit + np.finfo(float).eps)

    def pack(self, first):
        """Fill the panels from number `first` on."""
        self.first = first
        self.there = min(self.count, self.spread - first)
        space = self.center, self.scale, self.n_numeric
        packed = self.panels, self.b_norm2, self.reach
        code = compiled(_kernels.pack, _pack_types(self.dtype), relaxed=True)
        arrays = self.X, first, self.spread, *space, *packed
        run(code, self.there, 4, *arrays, threads=self.threads)

    def keep(self, queries):
        """Go on with some of the queries only."""
        self.Q, self.A = self.Q[queries], self.A[queries]
        self.a_norm2 = self.a_norm2[queries]

    def __call__(self, start, stop, exclude_self, squared, indices, seen):
        """Take the rows that are packed into the lists of queries ``start:stop``."""
        part, there = slice(start, stop), slice(self.there)
        run(
            compiled(_kernels.nearest, _nearest_types(self.dtype), relaxed=True),
            stop - start,
            _grain(stop - start),
            self.Q[part],
            self.X,
            self.n_numeric,
            self.weight,
            self.A[part],
            self.a_norm2[part],
            self.panels[there],
            self.b_norm2[there],
            self.reach[there],
            self.first,
            self.spread,
            self.scale,
            self.unit,
            self.gamma,
            start if exclude_self else -1,
            squared[part],
            indices[part],
            seen[part],
            threads=self.threads,
        )


def _grain(n):
    """Queries to a block: few enough for all threads to have work, a multiple of four."""
    return max(4, min(BLOCK, -(-n // 16) * 4))


def _transposed(X):
    """Rows in panels, column by column, padded with zeros."""
    n, d = X.shape
    count = -(-n // _kernels.PANEL)
    padded = np.zeros((count * _kernels.PANEL, d))
    padded[:n] = X
    return np.ascontiguousarray(padded.reshape(count, -1, d).transpose(0, 2, 1))


_REAL, _INT = types.float64, types.int64
_ROWS = types.Array(types.float64, 2, "C", readonly=True)
_FOUND = (types.float64[:, ::1], types.int64[:, ::1])
_BLOCK_OF = (_INT, _INT)
_GROUPED = types.void(
    *_BLOCK_OF, _ROWS, types.float64[:, :, ::1], _INT, _INT, types.boolean, _INT, *_FOUND
)


def _pack_types(dtype):
    """Types of `_kernels.pack` for one float width of the filter."""
    real = types.float32 if dtype == np.float32 else types.float64
    packed = (real[:, :, ::1], real[:, ::1], types.float64[::1])
    return types.void(*_BLOCK_OF, _ROWS, _INT, _INT, types.float64[::1], _REAL, _INT, *packed)


def _nearest_types(dtype):
    """Types of `_kernels.nearest` for one float width of the filter."""
    real = types.float32 if dtype == np.float32 else types.float64
    norms = types.float64[::1]
    packed = (real[:, ::1], norms, real[:, :, ::1], real[:, ::1], norms)
    space, errors = (_INT, _REAL), (_INT, _INT, _REAL, _REAL, _REAL)
    results = (*_FOUND, types.int64[::1])
    return types.void(*_BLOCK_OF, _ROWS, _ROWS, *space, *packed, *errors, _INT, *results)
