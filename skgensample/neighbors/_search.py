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
from ._threads import run

#: At most this many distances are held at once by the NumPy path for small inputs.
SMALL = 400_000

_read = types.Array(types.float64, 2, "C", readonly=True)
_nearest = types.void(
    _read, _read, types.int64, types.int64, types.float64[:, ::1], types.int64[:, ::1]
)


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
    feature_names_in_ : ndarray of shape (n_features_in_,)
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
        self._sparse = (
            NearestNeighbors(algorithm="brute").fit(X) if sparse.issparse(X) else None
        )
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
        squared = np.empty((len(query), k))
        indices = np.empty((len(query), k), np.int64)
        run(_kernels.nearest, _nearest, query, rows, 0 if X is None else -1, k, squared, indices)
        return squared, indices

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


def _exponent(X):
    """Power of two that brings the largest value near 1, or 0 where squares are safe anyway."""
    top = float(np.max(np.abs(X), initial=0.0))
    if top == 0.0 or 1e-100 < top < 1e100:
        return 0
    return -int(np.frexp(top)[1])


def _nearest_small(Q, X, k, exclude_self):
    """As the kernel `nearest`, digit for digit, without waiting for a compiler."""
    squared = np.zeros((len(Q), len(X)))
    for t in range(X.shape[1]):
        step = Q[:, t, None] - X[:, t]
        squared += step * step
    if exclude_self:
        squared[np.arange(len(Q)), np.arange(len(Q))] = np.inf
    order = np.argsort(squared, axis=1, kind="stable")[:, :k]
    return np.take_along_axis(squared, order, axis=1), order
