"""Exact k-nearest-neighbour search with scikit-learn's interface."""

from numbers import Integral, Real
from typing import Any, Literal, Self

import numba
import numpy as np
from scipy import sparse
from sklearn import config_context
from sklearn.base import BaseEstimator
from sklearn.neighbors import NearestNeighbors
from sklearn.utils._param_validation import Interval, StrOptions
from sklearn.utils.validation import check_is_fitted, validate_data

from .._runtime.blas import safe_after_fork
from .._suggestions import SuggestingParameters, check_parameters, suggesting
from .._typing import MatrixLike, VectorLike
from ._knn import column_numbers, nearest_by_groups, nearest_euclidean
from ._radius import radius_search

#: Bytes that sparse queries of dense rows may take as dense ones.
DENSE_LIMIT = 2**30


class NumbaNearestNeighbors(SuggestingParameters, BaseEstimator):
    """Exact k nearest neighbours, identical to float64 brute force, in parallel.

    Distances are summed from differences, column by column: duplicates are at distance zero and
    large offsets cost no accuracy. Ties are sorted by row number. Use it alone or as
    ``k_neighbors=`` of samplers here and in imbalanced-learn. Results do not depend on the number
    of threads.

    Parameters
    ----------
    n_neighbors : int, default=5
        Number of neighbours that `kneighbors` returns by default.
    metric : {"euclidean", "manhattan", "mixed"}, default="euclidean"
        Distance. ``"mixed"`` is SMOTE-NC's: euclidean on numeric columns, and for each column
        of categories that differs `category_weight` is added to the squared distance.
    categorical_features : array-like, default=None
        Column numbers, or a mask, of category codes; for ``metric="mixed"``.
    category_weight : "median_std" or float, default="median_std"
        Weight of a differing category; ``"median_std"`` takes the square of the median
        standard deviation of the numeric columns given to `fit`.
    radius : float, default=1.0
        Distance up to which `radius_neighbors` searches by default.
    n_jobs : int, default=None
        Maximum number of threads; None and -1 use numba's setting (``NUMBA_NUM_THREADS``), -2 one
        fewer. Results do not depend on it.

    Attributes
    ----------
    n_samples_fit_ : int
        Number of rows given to `fit`.
    n_features_in_ : int
        Number of columns.
    feature_names_in_ : ndarray of shape (n_features,)
        Column names, where a frame was given.
    effective_metric_ : str
        The metric.
    category_weight_ : float
        Weight of a differing category; 0 where there are none.

    See Also
    --------
    sklearn.neighbors.NearestNeighbors : More metrics, trees.

    Notes
    -----
    Sparse input is passed to scikit-learn's brute-force search; ``metric="mixed"`` accepts dense
    rows only. Radius searches use scikit-learn's brute force, too.

    Examples
    --------
    >>> from skgensample import NumbaNearestNeighbors
    >>> nn = NumbaNearestNeighbors(n_neighbors=2).fit([[0.0], [1.0], [3.0]])
    >>> distances, indices = nn.kneighbors([[0.9]])
    >>> indices
    array([[1, 0]])
    """

    _parameter_constraints: dict = {
        "n_neighbors": [Interval(Integral, 1, None, closed="left")],
        "metric": [StrOptions({"euclidean", "manhattan", "mixed"})],
        "categorical_features": ["array-like", None],
        "category_weight": [StrOptions({"median_std"}), Interval(Real, 0, None, closed="left")],
        "radius": [Interval(Real, 0, None, closed="left")],
        "n_jobs": [
            Interval(Integral, 1, None, closed="left"),
            Interval(Integral, None, -1, closed="right"),
            None,
        ],
    }

    @suggesting
    def __init__(
        self,
        n_neighbors: int = 5,
        *,
        metric: Literal["euclidean", "manhattan", "mixed"] = "euclidean",
        categorical_features: VectorLike | None = None,
        category_weight: float | Literal["median_std"] = "median_std",
        radius: float = 1.0,
        n_jobs: int | None = None,
    ) -> None:
        self.n_neighbors = n_neighbors
        self.metric = metric
        self.categorical_features = categorical_features
        self.category_weight = category_weight
        self.radius = radius
        self.n_jobs = n_jobs

    def __sklearn_tags__(self):
        tags = super().__sklearn_tags__()
        tags.input_tags.sparse = self.metric != "mixed"
        return tags

    def fit(self, X: MatrixLike, y: object = None) -> Self:
        """Store the rows to search.

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
        check_parameters(self._parameter_constraints, vars(self), type(self).__name__)
        rows: Any = self._checked(X, reset=True)
        self._sparse = None
        if sparse.issparse(rows):
            self._sparse = NearestNeighbors(algorithm="brute", metric=self.metric).fit(rows)
        self._rows, self._nominal, self.category_weight_ = rows, (), 0.0
        if self.metric == "mixed":
            self._nominal = column_numbers(self.categorical_features, rows.shape[1])
            self.category_weight_ = self._weight(rows)
        self.n_samples_fit_ = rows.shape[0]
        self.effective_metric_ = self.metric
        return self

    def _checked(self, X, reset):
        """Finite float64 NumPy rows, also with scikit-learn's array API dispatch enabled.

        scikit-learn's finiteness check warns about very large finite values; that is silenced.
        """
        if sparse.issparse(X) and self.metric == "mixed":
            raise TypeError(
                "metric='mixed' does not take sparse rows: call .toarray() first, or use "
                "metric='euclidean' with one-hot encoded categories."
            )
        with np.errstate(invalid="ignore"), config_context(array_api_dispatch=False):
            return validate_data(
                self, X, accept_sparse="csr", dtype=np.float64, order="C", reset=reset
            )

    def _queries(self, X):
        """Rows to search for, dense where the fitted rows are."""
        if X is None:
            return None
        X = self._checked(X, reset=False)
        if self._sparse is not None or not sparse.issparse(X):
            return X
        needed = X.dtype.itemsize * X.shape[0] * X.shape[1]
        if needed > DENSE_LIMIT:
            raise ValueError(
                f"Sparse queries of dense rows would need {needed} bytes (limit {DENSE_LIMIT}): "
                "fit sparse rows, or search for fewer rows at a time."
            )
        return X.toarray()

    def _weight(self, X):
        """What a differing category adds to a squared distance."""
        if self.category_weight != "median_std":
            return float(self.category_weight)
        return median_std_weight(np.delete(X, self._nominal, axis=1))

    def kneighbors(
        self,
        X: MatrixLike | None = None,
        n_neighbors: int | None = None,
        return_distance: bool = True,
    ) -> Any:
        """Nearest fitted rows of each row of X.

        Parameters
        ----------
        X : {array-like, sparse matrix} of shape (n_queries, n_features), default=None
            Query rows; None uses the fitted rows, and a row is not its own neighbour.
        n_neighbors : int, default=None
            Number of neighbours; None uses the constructor's value.
        return_distance : bool, default=True
            Whether to return distances too.

        Returns
        -------
        distances : ndarray of shape (n_queries, n_neighbors)
            Distances in ascending order; only if `return_distance`.
        indices : ndarray of shape (n_queries, n_neighbors)
            Row numbers; ties are sorted by row number.

        Raises
        ------
        ValueError
            If `n_neighbors` exceeds the number of rows.
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
        X = self._queries(X)
        if self._sparse is not None:
            with self._openmp():
                return self._sparse.kneighbors(X, k, return_distance)
        distances, indices = self._nearest(X, int(k))
        return (distances, indices) if return_distance else indices

    def _nearest(self, X, k):
        """Distances and indices, by the metric."""
        Q, exclude_self = (self._rows, True) if X is None else (X, False)
        own = {"exclude_self": exclude_self, "threads": self._threads}
        if self.metric == "manhattan":
            return nearest_by_groups(Q, self._rows, k, **own)
        kind = {"nominal": self._nominal, "weight": self.category_weight_}
        return nearest_euclidean(Q, self._rows, k, **own, **kind)

    @property
    def _threads(self):
        """Number of threads."""
        available = numba.config.NUMBA_NUM_THREADS
        requested = -1 if self.n_jobs is None else self.n_jobs
        return min(requested, available) if requested > 0 else max(1, available + 1 + requested)

    def _openmp(self):
        """Thread limit for scikit-learn's searches; without `n_jobs` scikit-learn decides."""
        return safe_after_fork(None if self.n_jobs is None else self._threads)

    def kneighbors_graph(
        self,
        X: MatrixLike | None = None,
        n_neighbors: int | None = None,
        mode: Literal["connectivity", "distance"] = "connectivity",
    ) -> Any:
        """Sparse graph of the k nearest neighbours.

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
        _check_mode(mode)
        distances, indices = self.kneighbors(X, n_neighbors)
        n, k = indices.shape
        data = np.ones(n * k) if mode == "connectivity" else distances.ravel()
        starts = np.arange(0, n * k + 1, k)
        return sparse.csr_matrix((data, indices.ravel(), starts), (n, self.n_samples_fit_))

    def radius_neighbors(
        self,
        X: MatrixLike | None = None,
        radius: float | None = None,
        return_distance: bool = True,
        sort_results: bool = False,
    ) -> Any:
        """All fitted rows within a distance of each row of X.

        Uses scikit-learn's brute force; distances of dense rows are summed from differences, as in
        `kneighbors`.

        Parameters
        ----------
        X : {array-like, sparse matrix} of shape (n_queries, n_features), default=None
            As in `kneighbors`.
        radius : float, default=None
            Largest distance; None uses the constructor's value.
        return_distance : bool, default=True
            Whether to return distances too.
        sort_results : bool, default=False
            Whether to sort neighbours by distance; otherwise they are in row order.

        Returns
        -------
        distances : ndarray of shape (n_queries,) of arrays
            Distances; only if `return_distance`.
        indices : ndarray of shape (n_queries,) of arrays
            Row numbers; ties are sorted by row number.
        """
        check_is_fitted(self, "n_samples_fit_")
        radius = self.radius if radius is None else radius
        if not isinstance(radius, Real) or isinstance(radius, bool) or not radius >= 0:
            raise ValueError(f"radius must be a number not below 0, got {radius!r}.")
        distances, indices = self._within(self._queries(X), radius)
        for i, (near, rows) in enumerate(zip(distances, indices)):
            order = np.argsort(rows)
            order = order[near[order] <= radius]
            if sort_results:
                order = order[np.argsort(near[order], kind="stable")]
            distances[i], indices[i] = near[order], rows[order]
        return (distances, indices) if return_distance else indices

    def _within(self, X, radius):
        """Distances and indices within a little more than a radius, in any order."""
        wide = radius * (1 + 1e-15)  # rounding of squares must not lose rows at the radius
        with self._openmp():
            if self._sparse is not None:
                return self._sparse.radius_neighbors(X, wide)
            if self.metric == "manhattan":
                return radius_search(X, self._rows, wide, metric=self.metric)
            kind = {"nominal": self._nominal, "weight": self.category_weight_}
            return radius_search(X, self._rows, wide, **kind)

    def radius_neighbors_graph(
        self,
        X: MatrixLike | None = None,
        radius: float | None = None,
        mode: Literal["connectivity", "distance"] = "connectivity",
        sort_results: bool = False,
    ) -> Any:
        """Sparse graph of all neighbours within a radius.

        Parameters
        ----------
        X : {array-like, sparse matrix} of shape (n_queries, n_features), default=None
            As in `kneighbors`.
        radius : float, default=None
            As in `radius_neighbors`.
        mode : {"connectivity", "distance"}, default="connectivity"
            Ones, or distances.
        sort_results : bool, default=False
            As in `radius_neighbors`: the order of the entries of each row.

        Returns
        -------
        graph : csr matrix of shape (n_queries, n_samples_fit)
            Entry (i, j) says that fitted row j is within the distance of row i.
        """
        _check_mode(mode)
        distances, indices = self.radius_neighbors(X, radius, sort_results=sort_results)
        starts = np.cumsum([0, *map(len, indices)])
        data = np.ones(starts[-1]) if mode == "connectivity" else np.concatenate(distances)
        return sparse.csr_matrix(
            (data, np.concatenate(indices), starts), (len(indices), self.n_samples_fit_)
        )


# `NeighbourhoodCleaningRule` of imbalanced-learn takes instances of `NearestNeighbors` for
# searches, and all else for classifiers.
NearestNeighbors.register(NumbaNearestNeighbors)


def _check_mode(mode):
    """Reject unknown graph modes."""
    if mode not in ("connectivity", "distance"):
        raise ValueError(f"mode must be 'connectivity' or 'distance', got {mode!r}.")


def median_std_weight(numeric):
    """SMOTE-NC's weight of a differing category: the squared median standard deviation.

    Parameters
    ----------
    numeric : ndarray of shape (n, d)
        Numeric columns.

    Returns
    -------
    float
        The weight; 1 where the standard deviation is 0 or there is no numeric column.
    """
    median_std = float(np.median(numeric.std(axis=0, dtype=np.float64))) if numeric.size else 0.0
    return median_std**2 or 1.0
