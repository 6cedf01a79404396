"""Exact k-nearest-neighbour search with scikit-learn's interface."""

from numbers import Integral

import numpy as np
from numba import types
from scipy import sparse
from sklearn.base import BaseEstimator
from sklearn.neighbors import NearestNeighbors
from sklearn.utils._param_validation import Interval
from sklearn.utils.validation import check_is_fitted, validate_data

from . import _kernels
from ._threads import compiled, run

#: At most this many distances are held at once by the NumPy path for small inputs.
SMALL = 400_000

#: Queries that one thread takes through all panels at a time.
BLOCK = 64

#: The float32 bound holds up to this many columns.
PROVED = 100_000

#: Above this share of pairs measured again the float32 filter gives way to a float64 one.
USELESS = 0.02


class NumbaNearestNeighbors(BaseEstimator):
    """Exact k nearest neighbours by brute force in float64, in parallel, ties by index.

    Distances are summed from differences, column by column, so that duplicates are at distance
    zero and large offsets cost no accuracy. Use it alone or as ``k_neighbors=`` of samplers
    here and in imbalanced-learn. Results are the same on any number of threads.

    Parameters
    ----------
    n_neighbors : int, default=5
        Number of neighbours that `kneighbors` returns by default.

    Attributes
    ----------
    n_samples_fit_ : int
        Number of rows given to `fit`.
    n_features_in_ : int
        Number of columns.
    feature_names_in_ : ndarray of shape (n_features,)
        Column names, where a frame was given.
    effective_metric_ : str
        Always ``"euclidean"``.

    See Also
    --------
    sklearn.neighbors.NearestNeighbors : More metrics, trees.

    Notes
    -----
    Sparse input is handed to scikit-learn's brute-force search.

    Examples
    --------
    >>> from skgensample import NumbaNearestNeighbors
    >>> nn = NumbaNearestNeighbors(n_neighbors=2).fit([[0.0], [1.0], [3.0]])
    >>> distances, indices = nn.kneighbors([[0.9]])
    >>> indices
    array([[1, 0]])
    """

    _parameter_constraints: dict = {"n_neighbors": [Interval(Integral, 1, None, closed="left")]}

    def __init__(self, n_neighbors=5):
        self.n_neighbors = n_neighbors

    def __sklearn_tags__(self):
        tags = super().__sklearn_tags__()
        tags.input_tags.sparse = True
        return tags

    def fit(self, X, y=None):
        """Keep the rows among which neighbours are searched.

        Parameters
        ----------
        X : {array-like, sparse matrix} of shape (n_samples, n_features)
            Rows.
        y : None
            Ignored.

        Returns
        -------
        self : NumbaNearestNeighbors
            Fitted search.
        """
        self._validate_params()
        X = validate_data(self, X, accept_sparse="csr", dtype=np.float64, order="C")
        self._sparse = NearestNeighbors(algorithm="brute").fit(X) if sparse.issparse(X) else None
        # a power of two keeps squares away from overflow and underflow and changes no digit
        self._shift = 0 if self._sparse is not None else _exponent(X)
        self._rows = X if self._shift == 0 else np.ldexp(X, self._shift)
        self.n_samples_fit_ = X.shape[0]
        self.effective_metric_ = "euclidean"
        return self

    def kneighbors(self, X=None, n_neighbors=None, return_distance=True):
        """Nearest fitted rows of each row of X.

        Parameters
        ----------
        X : {array-like, sparse matrix} of shape (n_queries, n_features), default=None
            Rows to search for; None searches for the fitted rows, not counting a row as its
            own neighbour.
        n_neighbors : int, default=None
            Number of neighbours; None takes the one of the constructor.
        return_distance : bool, default=True
            Whether to return distances too.

        Returns
        -------
        distances : ndarray of shape (n_queries, n_neighbors)
            Euclidean distances in ascending order; only if `return_distance`.
        indices : ndarray of shape (n_queries, n_neighbors)
            Row numbers; at equal distance the smaller number stands first.

        Raises
        ------
        ValueError
            If more neighbours are asked for than there are rows.
        """
        check_is_fitted(self, "n_samples_fit_")
        k = self.n_neighbors if n_neighbors is None else n_neighbors
        if not isinstance(k, Integral) or isinstance(k, bool) or k < 1:
            raise ValueError(f"n_neighbors must be a positive integer, got {k!r}.")
        limit = self.n_samples_fit_ - (X is None)
        if k > limit:
            raise ValueError(
                f"Expected n_neighbors <= {'n_samples_fit - 1' if X is None else 'n_samples_fit'}"
                f" = {limit}, but n_neighbors = {k}, n_samples_fit = {self.n_samples_fit_}."
            )
        if X is not None:
            X = validate_data(
                self, X, accept_sparse="csr", dtype=np.float64, order="C", reset=False
            )
        if self._sparse is not None:
            return self._sparse.kneighbors(X, k, return_distance)
        if sparse.issparse(X):
            X = X.toarray()
        squared, indices = self._nearest(X, int(k))
        if not return_distance:
            return indices
        return np.ldexp(np.sqrt(squared), -self._shift), indices

    def _nearest(self, X, k):
        """Squared (scaled) distances and indices."""
        rows = self._rows
        query = rows if X is None else (X if self._shift == 0 else np.ldexp(X, self._shift))
        if len(query) * len(rows) <= SMALL:
            return _nearest_small(query, rows, k, X is None)
        return _nearest_large(query, rows, k, X is None)

    def kneighbors_graph(self, X=None, n_neighbors=None, mode="connectivity"):
        """Neighbours as a sparse graph.

        Parameters
        ----------
        X : {array-like, sparse matrix} of shape (n_queries, n_features), default=None
            As in `kneighbors`.
        n_neighbors : int, default=None
            As in `kneighbors`.
        mode : {"connectivity", "distance"}, default="connectivity"
            Ones, or distances.

        Returns
        -------
        graph : csr matrix of shape (n_queries, n_samples_fit)
            Entry (i, j) says that fitted row j is a neighbour of row i.
        """
        if mode not in ("connectivity", "distance"):
            raise ValueError(f"mode must be 'connectivity' or 'distance', got {mode!r}.")
        distances, indices = self.kneighbors(X, n_neighbors)
        n, k = indices.shape
        data = np.ones(n * k) if mode == "connectivity" else distances.ravel()
        starts = np.arange(0, n * k + 1, k)
        return sparse.csr_matrix((data, indices.ravel(), starts), (n, self.n_samples_fit_))


def nearest_rows(Q, X, k, nominal=(), weight=0.0):
    """Row numbers of the k nearest rows of X for each row of Q.

    Parameters
    ----------
    Q, X : ndarray or csr matrix of shape (n_queries, d) and (n, d)
        Queries and rows.
    k : int
        Number of neighbours, at most n.
    nominal : array-like of int, default=()
        Columns of category codes, where a difference adds `weight` to the squared distance.
    weight : float, default=0.0
        Weight of a differing category.

    Returns
    -------
    ndarray of shape (n_queries, k)
        Row numbers, nearest first; at equal distance the smaller number stands first.
    """
    if sparse.issparse(X):
        return NearestNeighbors(n_neighbors=k, algorithm="brute").fit(X).kneighbors(Q)[1]
    return NumbaNearestNeighbors(n_neighbors=k).fit(X).kneighbors(Q, return_distance=False)


def _exponent(X):
    """Power of two that brings the largest value near 1, or 0 where squares are safe anyway."""
    top = float(np.max(np.abs(X), initial=0.0))
    if top == 0.0 or 1e-100 < top < 1e100:
        return 0
    return -int(np.frexp(top)[1])


def _nearest_small(Q, X, k, exclude_self):
    """As `_nearest_large`, digit for digit, without waiting for a compiler."""
    squared = np.zeros((len(Q), len(X)))
    for t in range(X.shape[1]):
        step = Q[:, t, None] - X[:, t]
        squared += step * step
    if exclude_self:
        squared[np.arange(len(Q)), np.arange(len(Q))] = np.inf
    found = np.sort(np.argpartition(squared, k - 1, axis=1)[:, :k], axis=1)
    distances = np.take_along_axis(squared, found, axis=1)
    # a partition picks any of several rows at the k-th distance: those queries are sorted whole
    tied = (squared <= distances.max(axis=1, keepdims=True)).sum(axis=1) > k
    found[tied] = np.argsort(squared[tied], axis=1, kind="stable")[:, :k]
    distances[tied] = np.take_along_axis(squared[tied], found[tied], axis=1)
    order = np.argsort(distances, axis=1, kind="stable")
    return np.take_along_axis(distances, order, axis=1), np.take_along_axis(found, order, axis=1)


def _nearest_large(Q, X, k, exclude_self):
    """Squared distances and indices by the kernel `nearest`, block after block of queries."""
    n = len(Q)
    squared, indices, seen = np.empty((n, k)), np.empty((n, k), np.int64), np.zeros(n, np.int64)
    search = _Filter(Q, X, np.float32 if X.shape[1] <= PROVED else np.float64)
    start = 0
    if n > 2 * BLOCK:
        start = BLOCK
        search(0, start, k, exclude_self, squared, indices, seen)
        if seen[:start].mean() > USELESS * len(X):
            search = _Filter(Q, X, np.float64)
    search(start, n, k, exclude_self, squared, indices, seen)
    return squared, indices


class _Filter:
    """Queries and rows, centred, scaled and packed for `_kernels.nearest` in one float width."""

    def __init__(self, Q, X, dtype):
        self.Q, self.X, self.dtype = Q, X, np.dtype(dtype)
        center = X.mean(axis=0)
        n, d = X.shape
        count = -(-n // _kernels.PANEL)
        shifted = X - center
        top = max(_largest(shifted), _largest(Q - center))
        self.scale = 2.0 ** -int(np.frexp(top)[1])
        B = np.zeros((count * _kernels.PANEL, d), dtype)
        B[:n] = shifted * self.scale
        self.A = ((Q - center) * self.scale).astype(dtype)
        self.a_norm2 = _squared_norms(self.A)
        squares = _squared_norms(B)
        self.reach = np.sqrt(squares.reshape(count, -1).max(axis=1)) * (1 + 1e-12)
        squares[n:] = 3e38
        self.b_norm2 = squares.astype(dtype).reshape(count, -1)
        self.panels = np.ascontiguousarray(B.reshape(count, -1, d).transpose(0, 2, 1))
        self.A *= -2

    def __call__(self, start, stop, k, exclude_self, squared, indices, seen):
        """Search for queries ``start:stop``."""
        # a hundredth above the rounding error of the width, and of float64 for the centring
        unit = 1.01 * float(np.finfo(self.dtype).eps) / 2 + np.finfo(float).eps
        # roundings of the filter's sum: its own, and those of float64 squared norms
        d = self.X.shape[1]
        gamma = (d + 3) * unit + (d + 3) * np.finfo(float).eps
        part = slice(start, stop)
        grain = max(1, min(BLOCK, (stop - start) // 8))
        run(
            compiled(_kernels.nearest, _signature(self.dtype), relaxed=True),
            stop - start,
            grain,
            self.Q[part],
            self.X,
            self.A[part],
            self.a_norm2[part],
            self.panels,
            self.b_norm2,
            self.reach,
            self.scale,
            unit,
            gamma,
            start if exclude_self else -1,
            squared[part],
            indices[part],
            seen[part],
        )


def _largest(values):
    """Largest magnitude, at least the smallest normal number."""
    return max(values.max(initial=0.0), -values.min(initial=0.0), np.finfo(float).tiny)


def _squared_norms(rows):
    """Squared euclidean norms, summed in float64."""
    return np.einsum("ij,ij->i", rows, rows, dtype=np.float64)


def _signature(dtype):
    """Types of `_kernels.nearest` for one float width of the filter."""
    real = types.float32 if dtype == np.float32 else types.float64
    rows = types.Array(types.float64, 2, "C", readonly=True)
    norms, number = types.float64[::1], types.int64
    panels = (real[:, ::1], norms, real[:, :, ::1], real[:, ::1], norms)
    results = (types.float64[:, ::1], types.int64[:, ::1], types.int64[::1])
    errors = (types.float64,) * 3
    return types.void(number, number, rows, rows, *panels, *errors, number, *results)
