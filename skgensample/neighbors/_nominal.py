"""SMOTE for mixed tables (SMOTE-NC) and for tables with categories only (SMOTE-N)."""

from numbers import Integral

import numpy as np
from scipy import sparse
from sklearn.base import clone
from sklearn.preprocessing import StandardScaler
from sklearn.utils._param_validation import HasMethods

from .._runtime.blas import safe_after_fork
from .._typing import (
    CategoricalFeatures,
    CategoryRule,
    Constraints,
    Estimator,
    Neighbors,
    Personal,
    SamplingStrategy,
    Scale,
    Schema,
    Seed,
)
from ..base import BaseOverSampler
from ..search._gaps import nearest_categories_with_gaps
from ..search._knn import nearest_by_groups
from ..search._nearest_neighbors import NumbaNearestNeighbors
from ._base import NEIGHBORS, BaseNeighborSampler
from ._euclidean import column_std
from ._gaps import check_common, repaired
from ._plan import Plan
from ._smote import NumbaSMOTE
from ._value_difference import category_class_frequencies, value_differences

#: Constraint of an encoder, as in imbalanced-learn.
ENCODER = [HasMethods(["fit_transform", "inverse_transform"]), None]


class NumbaSMOTENC(NumbaSMOTE):
    """SMOTE for tables of numeric and categorical columns.

    Numeric columns are interpolated; a new row's categories are those that most of the base's
    neighbours have. It is `NumbaSMOTE` under imbalanced-learn's name, and rejects tables with
    categorical columns only, or with none: columns of category codes are named with
    `categorical_features`. Nothing is one-hot encoded: a column of 100,000 levels costs no more
    than one of two.

    Parameters
    ----------
    categorical_features : {"auto"}, None or array-like, default="auto"
        Columns of categories: ``"auto"`` takes category, object, string and bool columns of
        frames; an array-like gives positions, names or a mask.
    sampling_strategy : float, str, dict or callable, default="auto"
        As in imbalanced-learn; see `NumbaSMOTE`.
    random_state : int, RandomState instance or None, default=None
        Seed; see `NumbaSMOTE`.
    k_neighbors : int or object, default=5
        Number of neighbours, or an unfitted estimator; see `NumbaSMOTE`. A class with fewer than
        k + 1 rows uses all its other rows, with a `SmallClassWarning`.
    categorical_encoder : estimator, default=None
        Ignored, since categories are encoded as integers; accepted for compatibility with
        imbalanced-learn.
    category_rule : {"vote", "nearest"}, default="vote"
        Categories of a new row: a vote of the neighbours, or all those of the nearer parent; see
        `NumbaSMOTE`.
    scale : {"standard", "quantile"} or None, default=None
        Scale of numeric columns in distances and, as quantiles, in interpolation; see
        `NumbaSMOTE`.
    datetime_unit : {"D", "h", "min", "s", "ms", "us", "ns"} or None, default=None
        Unit of dates and durations in distances; see `NumbaSMOTE`.
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
    k_neighbors_ : dict
        Number of neighbours used for each class sampled.
    categorical_features_, continuous_features_ : ndarray of int
        Positions of the columns of categories, and of all others. Where constraints or one-hot
        groups make one column of several, or compute a column, those that are left are counted.
    median_std_ : dict
        For each class sampled, the median of its numeric columns' standard deviations, in
        `scale`.
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
    NumbaSMOTEN : For tables of categories only.
    CTGANResampler : Learns the table instead.

    Notes
    -----
    The squared distance of two rows is that of their numeric columns plus, for each category
    that differs, the squared median of the standard deviations of the class's numeric columns.
    Tied votes are broken at random.

    References
    ----------
    .. [1] N. V. Chawla, K. W. Bowyer, L. O. Hall, W. P. Kegelmeyer, "SMOTE: synthetic minority
       over-sampling technique", Journal of Artificial Intelligence Research 16, 321-357, 2002,
       section 6.1.

    Examples
    --------
    >>> import numpy as np
    >>> from skgensample import NumbaSMOTENC
    >>> rng = np.random.default_rng(0)
    >>> X = np.c_[rng.normal(size=(100, 2)), rng.integers(0, 3, size=100)]
    >>> y = np.r_[np.zeros(80, int), np.ones(20, int)]
    >>> X_res, y_res = NumbaSMOTENC(categorical_features=[2], random_state=0).fit_resample(X, y)
    >>> np.unique(X_res[100:, 2])
    array([0., 1., 2.])
    """

    _parameter_constraints: dict = {
        **NumbaSMOTE._parameter_constraints,
        "categorical_encoder": ENCODER,
    }

    def __init__(
        self,
        categorical_features: CategoricalFeatures = "auto",
        *,
        sampling_strategy: SamplingStrategy = "auto",
        random_state: Seed = None,
        k_neighbors: Neighbors = 5,
        categorical_encoder: Estimator | None = None,
        category_rule: CategoryRule = "vote",
        scale: Scale = None,
        datetime_unit: str | None = None,
        personal: Personal = "refuse",
        schema: Schema = None,
        constraints: Constraints = None,
    ) -> None:
        super().__init__(
            sampling_strategy=sampling_strategy,
            random_state=random_state,
            k_neighbors=k_neighbors,
            categorical_features=categorical_features,
            category_rule=category_rule,
            scale=scale,
            datetime_unit=datetime_unit,
            personal=personal,
            schema=schema,
            constraints=constraints,
        )
        self.categorical_encoder = categorical_encoder

    def _fit_generator(self, Z, y, columns, rng):
        rows = super()._fit_generator(Z, y, columns, rng)
        if not len(rows.nominal):
            raise ValueError(
                "NumbaSMOTENC is not designed to work only with numerical columns, and no column "
                f"is categorical with categorical_features={self.categorical_features!r}: list the "
                "columns of category codes there, or use NumbaSMOTE for numbers only."
            )
        if len(rows.nominal) == Z.shape[1]:
            raise ValueError(
                "NumbaSMOTENC is not designed to work only with categorical columns, and every "
                f"column is categorical (n_features = {Z.shape[1]}): use NumbaSMOTEN."
            )
        self.median_std_ = {}
        places = np.array([c.index if c.place is None else c.place for c in columns])
        self.categorical_features_ = places[rows.nominal]
        self.continuous_features_ = np.setdiff1d(places, self.categorical_features_)
        return rows

    def _plan(self, rows, label, n, rng):
        """Plain SMOTE's plan; also records the median standard deviation of the class."""
        continuous = np.setdiff1d(np.arange(rows.Z.shape[1]), rows.nominal)
        numbers = rows.coordinates[rows.members(label)][:, continuous]
        if sparse.issparse(numbers):
            widths = StandardScaler(with_mean=False).fit(numbers).var_ ** 0.5
        else:
            widths = column_std(numbers)
        self.median_std_[label] = float(np.median(widths))
        return super()._plan(rows, label, n, rng)


class NumbaSMOTEN(BaseNeighborSampler):
    """SMOTE for tables of categories only.

    Each column of a new row is voted by a random row of the class and its nearest neighbours.
    Rows are near if their categories have similar class frequencies (Value Difference Metric).
    Every column is treated as categorical, numeric ones too.

    Parameters
    ----------
    categorical_encoder : estimator, default=None
        Ignored, since categories are encoded as integers; accepted for compatibility with
        imbalanced-learn.
    sampling_strategy : float, str, dict or callable, default="auto"
        As in imbalanced-learn; see `NumbaSMOTE`.
    random_state : int, RandomState instance or None, default=None
        Seed; see `NumbaSMOTE`.
    k_neighbors : int or object, default=5
        Number of neighbours, or an unfitted estimator (its `n_neighbors` counts the row itself):
        `NumbaNearestNeighbors`, of which number and threads are used, or one that takes
        ``metric="precomputed"`` and gets the matrix of all distances in the class. A class with
        fewer than k + 1 rows uses all its other rows, with a `SmallClassWarning`.
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
    k_neighbors_ : dict
        Number of neighbours used for each class sampled.
    synthetic_parents_ : ndarray of shape (n_new, 2)
        Row numbers, in the given table, of the first two of the rows that voted.
    is_synthetic_ : ndarray of shape (n_samples_new,)
        Which rows of the result are new.
    n_features_in_ : int
        Number of columns.
    feature_names_in_ : ndarray of shape (n_features,)
        Column names, where a frame with text names was given.

    See Also
    --------
    NumbaSMOTENC : For tables of numeric and categorical columns.

    Notes
    -----
    With :math:`p_f(c \\mid v)` the frequency of class c among the rows whose column f is v, the
    Value Difference of two rows is
    :math:`\\sum_f \\bigl(\\sum_c |p_f(c \\mid a_f) - p_f(c \\mid b_f)|\\bigr)^2`. Tied votes
    are broken at random, where imbalanced-learn takes the first in order. Missing cells count in
    no distance and cast no vote; new rows have those of the row that they start from.

    References
    ----------
    .. [1] N. V. Chawla, K. W. Bowyer, L. O. Hall, W. P. Kegelmeyer, "SMOTE: synthetic minority
       over-sampling technique", Journal of Artificial Intelligence Research 16, 321-357, 2002,
       section 6.2.
    .. [2] C. Stanfill, D. Waltz, "Toward memory-based reasoning", Communications of the ACM
       29 (12), 1213-1228, 1986.

    Examples
    --------
    >>> import numpy as np
    >>> from skgensample import NumbaSMOTEN
    >>> rng = np.random.default_rng(0)
    >>> X = rng.choice(["chip", "swipe", "online"], size=(100, 3)).astype(object)
    >>> y = np.r_[np.zeros(80, int), np.ones(20, int)]
    >>> X_res, y_res = NumbaSMOTEN(random_state=0).fit_resample(X, y)
    >>> X_res.shape
    (160, 3)
    """

    _categories = "all"
    # options of mixed tables, which this sampler has none of
    category_rule, scale, datetime_unit = "vote", None, None
    _accepts_sparse_encoding = False
    _min_neighbors = 0
    #: Counts of a larger table, of which only some rows are given; see `skgensample.distributed`.
    _category_counts = None
    _takes_all_bases = True
    _parameter_constraints: dict = {
        **BaseOverSampler._parameter_constraints,
        "k_neighbors": NEIGHBORS,
        "categorical_encoder": ENCODER,
    }

    def __init__(
        self,
        categorical_encoder: Estimator | None = None,
        *,
        sampling_strategy: SamplingStrategy = "auto",
        random_state: Seed = None,
        k_neighbors: Neighbors = 5,
        personal: Personal = "refuse",
        schema: Schema = None,
        constraints: Constraints = None,
    ) -> None:
        BaseOverSampler.__init__(
            self,
            sampling_strategy=sampling_strategy,
            random_state=random_state,
            personal=personal,
            schema=schema,
            constraints=constraints,
        )
        self.k_neighbors = k_neighbors
        self.categorical_encoder = categorical_encoder

    def _plan(self, rows, label, n, rng):
        """Draw the base rows whose neighbours vote, in imbalanced-learn's order."""
        members = rows.members(label)
        k = self._effective_k(label, len(members), "k_neighbors")
        found = self._nearest_by_vdm(rows, label, members, k + 1)
        pick = rng.choice(len(members), size=n) * (k + 1) + min(1, k)
        return Plan(members[found[:, 0]], members[found], pick, np.zeros(n))

    def _nearest_by_vdm(self, rows, label, members, k):
        """Positions in `members` of the k rows of smallest Value Difference, itself included.

        A third-party estimator is fitted on the distance matrix, as in imbalanced-learn, so that
        ties are broken as they are there.
        """
        search = self.k_neighbors
        if isinstance(search, Integral | NumbaNearestNeighbors):
            threads = None
            if isinstance(search, NumbaNearestNeighbors):
                search._validate_params()
                threads = search._threads
            counted = self._category_counts
            frequencies, width = category_class_frequencies(rows.Z, rows.y, members, counted)
            if rows.has_gaps:
                found = nearest_categories_with_gaps(frequencies, max(k - 1, 1))[1][:, : k - 1]
                own = np.arange(len(members))
                check_common(found, label)
                return np.column_stack([own, repaired(found, own)])
            flat = np.concatenate(frequencies, axis=1)
            return nearest_by_groups(flat, flat, k, group=width, square=True, threads=threads)[1]
        if rows.has_gaps:
            raise ValueError(
                "The table has missing cells, and an estimator given as k_neighbors does not take "
                "them: give the number of neighbours, or impute first."
            )
        if "metric" not in search.get_params():
            raise ValueError(
                "NumbaSMOTEN fits the estimator given as k_neighbors on distances, and "
                f"{type(search).__name__} has no parameter metric to be set to 'precomputed': "
                "give the number of neighbours."
            )
        distances = value_differences(rows, label, members)
        search = clone(search).set_params(metric="precomputed", n_neighbors=k)
        with safe_after_fork():
            return search.fit(distances).kneighbors(distances, return_distance=False)
