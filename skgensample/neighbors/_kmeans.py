"""K-means SMOTE: new rows inside clusters with enough minority rows."""

import math
import warnings
from numbers import Integral, Real
from typing import Literal

import numpy as np
from scipy import sparse
from sklearn.base import clone
from sklearn.cluster import MiniBatchKMeans
from sklearn.metrics import pairwise_distances_chunked
from sklearn.utils._param_validation import HasMethods, Interval, StrOptions

from .._runtime.blas import safe_after_fork
from .._typing import (
    CategoricalFeatures,
    Constraints,
    Estimator,
    Neighbors,
    Personal,
    SamplingStrategy,
    Schema,
    Seed,
)
from ..exceptions import ResamplingWarning
from ._base import BaseNeighborSampler
from ._euclidean import points, with_random_state
from ._imblearn_draws import exact_counts, imblearn_streams
from ._plan import Plan

#: Bytes that the centres of clusters, which are dense, may take in a sparse table.
CENTRES_LIMIT = 2**31


class NumbaKMeansSMOTE(BaseNeighborSampler):
    """Synthetic rows inside clusters with enough minority rows, more in sparse clusters.

    The table is clustered first. Clusters with few rows of the class are left out, so that no new
    row lies among other classes; sparse clusters get more rows than dense ones. Use it where the
    class forms several clusters of different density; not where it is scattered, since then no
    cluster passes the threshold. With float data and the same `random_state` it gives the rows of
    `imblearn.over_sampling.KMeansSMOTE`, less those that it makes beyond the count asked for.

    Parameters
    ----------
    sampling_strategy : float, str, dict or callable, default="auto"
        As in imbalanced-learn; see `NumbaSMOTE`.
    random_state : int, RandomState instance or None, default=None
        Seed; see `NumbaSMOTE`.
    k_neighbors : int or object, default=2
        Number of neighbours, or an unfitted estimator with `kneighbors` and `kneighbors_graph`
        (its `n_neighbors` counts the row itself). A class with fewer than k + 1 rows uses all
        its other rows, with a `SmallClassWarning`.
    n_jobs : int, default=None
        Threads for the distances within clusters; None is one.
    kmeans_estimator : int or estimator, default=None
        Number of clusters, or a clustering with `fit` and `predict`; None takes
        `MiniBatchKMeans` with its default of 8 clusters. There are never more clusters than rows.
    cluster_balance_threshold : "auto" or float, default="auto"
        Share of the class in a cluster from which on the cluster is used; ``"auto"`` takes half
        of the class's share of all new rows. With one cluster there is no threshold.
    density_exponent : "auto" or float, default="auto"
        Exponent of a cluster's mean distance in its sparsity; ``"auto"`` grows with the
        logarithm of its rows.
    categorical_features : {"auto"}, None or array-like, default="auto"
        Columns of categories; see `NumbaSMOTE`. Clusters are found by the same distances as
        neighbours.
    personal : {"refuse", "fake"} or FakeColumns, default="refuse"
        What to do with columns that identify people or rows: refuse the table, or replace their
        values in new rows by invented ones; see `FakeColumns`.
    schema : TableSchema or dict, default=None
        Kinds of columns that are not to be detected; see `table_schema`.
    constraints : list of constraint, default=None
        Rules that every new row satisfies; see `skgensample.constraints`.

    Attributes
    ----------
    class_counts_ : dict
        Number of given rows of each class.
    sampling_strategy_ : dict
        Number of new rows for each class sampled.
    kmeans_estimator_ : estimator
        The clustering as it is used; not fitted, since a centre may be a training row.
    cluster_balance_threshold_ : float or "auto"
        The threshold used.
    k_neighbors_ : dict
        Number of neighbours used for each class sampled.
    synthetic_parents_ : ndarray of shape (n_new, 2)
        Row numbers, in the given table, of base and neighbour of each new row.
    is_synthetic_ : ndarray of shape (n_samples_new,)
        Which rows of the result are new.
    n_features_in_ : int
        Number of columns.
    feature_names_in_ : ndarray of shape (n_features,)
        Column names, where a frame with text names was given.

    See Also
    --------
    NumbaSMOTE : Without clusters.
    imblearn.over_sampling.KMeansSMOTE : The same rows, slower.

    Notes
    -----
    A cluster with m rows of the class at a mean distance d has the sparsity :math:`d^e / m` with
    :math:`e = 0.16\\,(\\log_{1.6} m)^{1.8}`, and gets new rows in proportion to it.
    imbalanced-learn rounds each cluster's number up; here the surplus is removed from the
    clusters that were rounded up most. Where no cluster is usable, imbalanced-learn raises an
    error; here plain SMOTE makes the rows, with a `ResamplingWarning`.

    The clustering starts from random rows, so the order of the rows matters; and the exponent
    changes with m, so that scaling a table shifts rows between clusters.

    References
    ----------
    .. [1] F. Last, G. Douzas, F. Bacao, "Oversampling for imbalanced learning based on k-means
       and SMOTE", arXiv:1711.00837, 2017.

    Examples
    --------
    >>> from sklearn.datasets import make_blobs
    >>> from skgensample import NumbaKMeansSMOTE
    >>> X, y = make_blobs([100, 20], centers=[(0, 0), (5, 5)], random_state=0)
    >>> X_res, y_res = NumbaKMeansSMOTE(random_state=0).fit_resample(X, y)
    >>> int((y_res == 1).sum())
    100
    """

    _trains = True
    _parameter_constraints: dict = {
        **BaseNeighborSampler._parameter_constraints,
        "n_jobs": [Integral, None],
        "kmeans_estimator": [
            HasMethods(["fit", "predict"]),
            Interval(Integral, 1, None, closed="left"),
            None,
        ],
        "cluster_balance_threshold": [StrOptions({"auto"}), Real],
        "density_exponent": [StrOptions({"auto"}), Real],
    }

    def __init__(
        self,
        *,
        sampling_strategy: SamplingStrategy = "auto",
        random_state: Seed = None,
        k_neighbors: Neighbors = 2,
        n_jobs: int | None = None,
        kmeans_estimator: Estimator | int | None = None,
        cluster_balance_threshold: float | Literal["auto"] = "auto",
        density_exponent: float | Literal["auto"] = "auto",
        categorical_features: CategoricalFeatures = "auto",
        personal: Personal = "refuse",
        schema: Schema = None,
        constraints: Constraints = None,
    ) -> None:
        super().__init__(
            sampling_strategy=sampling_strategy,
            random_state=random_state,
            k_neighbors=k_neighbors,
            categorical_features=categorical_features,
            personal=personal,
            schema=schema,
            constraints=constraints,
        )
        self.n_jobs = n_jobs
        self.kmeans_estimator = kmeans_estimator
        self.cluster_balance_threshold = cluster_balance_threshold
        self.density_exponent = density_exponent

    def _fit_generator(self, Z, y, columns, rng):
        self.kmeans_estimator_ = self._clustering(rng)
        n_clusters = getattr(self.kmeans_estimator_, "n_clusters", None)
        self.cluster_balance_threshold_ = (
            self.cluster_balance_threshold if n_clusters != 1 else -np.inf
        )
        rows = super()._fit_generator(Z, y, columns, rng)
        rows.clusters = None
        return rows

    def _clustering(self, rng):
        """An unfitted clustering estimator."""
        requested = self.kmeans_estimator
        # a RandomState is shared, not copied: imbalanced-learn's clustering draws from it
        if requested is None:
            clustering = MiniBatchKMeans(random_state=self.random_state)
        elif isinstance(requested, Integral):
            clustering = MiniBatchKMeans(n_clusters=requested, random_state=self.random_state)
        else:
            clustering = clone(requested)
        return with_random_state(clustering, self.random_state, rng)

    def _plan(self, rows, label, n, rng):
        """Usable clusters, the number of new rows of each, and SMOTE inside them."""
        coordinates = points(rows, label)
        groups = self._usable_clusters(rows, label, n, self._clusters(rows, coordinates, rng))
        if not groups:
            return self._fall_back_to_smote(rows, label, n, rng, "no cluster is usable")
        quota = n * self._cluster_weights([coordinates[group] for group in groups])
        rounded = np.ceil(quota).astype(int)
        kept = exact_counts(quota, rounded, n)
        next_stream = imblearn_streams(self.random_state, rng)
        parts = []
        for group, count, keep in zip(groups, rounded, kept):
            table = self._nearest(rows, label, group, group)
            plan = Plan.sample(group, table, count, next_stream())
            parts.append(Plan(group, table, plan.pick[:keep], plan.step[:keep]))
        return Plan.concatenate(parts)

    def _clusters(self, rows, coordinates, rng):
        """Cluster of each row."""
        if rows.clusters is not None:
            return rows.clusters
        clustering, n_rows = self._clustering(rng), len(rows.y)
        if getattr(clustering, "n_clusters", 0) > n_rows:
            warnings.warn(
                f"Only {n_rows} rows, so n_clusters is {n_rows}, not {clustering.n_clusters}.",
                ResamplingWarning,
                stacklevel=2,
            )
            clustering.set_params(n_clusters=n_rows)
        _check_centres(coordinates, getattr(clustering, "n_clusters", 0))
        with safe_after_fork():
            if hasattr(clustering, "fit_predict"):
                clusters = clustering.fit_predict(coordinates)
            else:
                clusters = clustering.fit(coordinates).predict(coordinates)
        fixed = not isinstance(self.random_state, np.random.RandomState)
        if fixed and not len(rows.nominal):
            rows.clusters = clusters  # the same for every class
        return clusters

    def _usable_clusters(self, rows, label, n, clusters):
        """Row numbers of the class in each cluster above the threshold with k + 1 such rows."""
        threshold = self.cluster_balance_threshold_
        if threshold == "auto":
            threshold = n / sum(self.sampling_strategy_.values()) / 2
        members = rows.members(label)
        least = min(self._requested_k("k_neighbors") + 1, len(members))
        groups = []
        for cluster in np.unique(clusters[members]):
            own = members[clusters[members] == cluster]
            size = np.count_nonzero(clusters == cluster)
            share = len(own) / size
            # rounds like imbalanced-learn's expression, so that the same clusters pass
            if share >= threshold and share * size >= least:
                groups.append(own)
        return groups

    def _cluster_weights(self, groups):
        """Fraction of the new rows for each cluster: its sparsity over the sum of all."""
        size = np.array([group.shape[0] for group in groups])
        mean = np.array([self._total_distance(group) for group in groups]) / (size**2 - size)
        if not mean.any():
            return size / size.sum()
        exponent = np.full(len(size), self.density_exponent)
        if self.density_exponent == "auto":
            exponent = np.array([math.log(m, 1.6) ** 1.8 * 0.16 for m in size.tolist()])
        with np.errstate(all="ignore"):
            sparsity = mean**exponent / size
            if 0 < sparsity.sum() < np.inf:
                return sparsity / sparsity.sum()
        logs = exponent * np.log(np.maximum(mean, np.finfo(float).tiny)) - np.log(size)
        sparsity = np.exp(logs - logs.max())
        return sparsity / sparsity.sum()

    def _total_distance(self, group):
        """Sum of all pairwise distances, one block at a time."""
        blocks = pairwise_distances_chunked(group, metric="euclidean", n_jobs=self.n_jobs)
        return sum(float(block.sum()) for block in blocks)


def _check_centres(coordinates, n_clusters):
    """Refuse dense centres of a sparse table that exceed the memory limit."""
    needed = 8 * n_clusters * coordinates.shape[1]
    if sparse.issparse(coordinates) and needed > CENTRES_LIMIT:
        raise ValueError(
            f"The centres of {n_clusters} clusters in {coordinates.shape[1]} sparse columns would "
            f"need {needed} bytes (limit {CENTRES_LIMIT}): ask for fewer clusters with "
            "kmeans_estimator=, or reduce the columns first."
        )
