"""SVM-SMOTE: new rows start from the support vectors of a class."""

from dataclasses import replace
from numbers import Integral, Real

import numpy as np
from scipy import sparse
from sklearn.base import clone
from sklearn.metrics.pairwise import rbf_kernel
from sklearn.svm import SVC
from sklearn.utils._param_validation import HasMethods, Interval

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
from ._base import NEIGHBORS, BaseNeighborSampler
from ._euclidean import points, with_random_state
from ._imblearn_draws import imblearn_streams, side_stream
from ._plan import Plan

#: Bytes of a kernel matrix up to which it is computed before the training.
KERNEL_LIMIT = 2**30


class NumbaSVMSMOTE(BaseNeighborSampler):
    """Synthetic rows on both sides of the border that a support vector machine draws.

    Support vectors of the class that lie among other classes get new rows between them and their
    neighbours; those among their own class get new rows beyond them, away from their neighbours
    (extrapolation), which widens the class. Use it on a few ten thousand rows, or with
    `svm_neighbors`, where a border is what matters. With float data and the same `random_state`
    it gives the rows of `imblearn.over_sampling.SVMSMOTE`.

    Parameters
    ----------
    sampling_strategy : float, str, dict or callable, default="auto"
        As in imbalanced-learn; see `NumbaSMOTE`.
    random_state : int, RandomState instance or None, default=None
        Seed; see `NumbaSMOTE`.
    k_neighbors : int or object, default=5
        Number of neighbours of the class, or an unfitted estimator with `kneighbors` and
        `kneighbors_graph` (its `n_neighbors` counts the row itself). A class with fewer than
        k + 1 rows uses all its other rows, with a `SmallClassWarning`.
    m_neighbors : int or object, default=10
        Number of neighbours, of any class, that tell whether a support vector is noise or in
        danger.
    svm_estimator : estimator, default=None
        A classifier that has `support_` after `fit`; None takes ``SVC(gamma="scale")``.
    svm_neighbors : int, default=None
        Train the machine on the class and, for each of its rows, on that many nearest rows of
        other classes, instead of on all rows. Far rows are not support vectors: with 50, a table
        of 300,000 rows takes seconds instead of minutes. None trains on all rows, as
        imbalanced-learn does.
    out_step : float, default=0.5
        How far beyond a safe support vector new rows may lie, as a fraction of the way to the
        neighbour.
    categorical_features : {"auto"}, None or array-like, default="auto"
        Columns of categories; see `NumbaSMOTE`. The machine's kernel sees the same distances as
        the search.
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
    svm_estimator_ : estimator
        The machine as it is trained; not fitted, since a fitted one holds training rows.
    support_indices_ : dict
        Row numbers of the support vectors of each class sampled, noise left out.
    k_neighbors_, m_neighbors_ : dict
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
    NumbaBorderlineSMOTE : Finds the border by neighbours alone.
    imblearn.over_sampling.SVMSMOTE : The same rows, slower.

    Notes
    -----
    With :math:`m'` of m neighbours of other classes, a support vector is noise for
    :math:`m' = m`, in danger for :math:`m / 2 \\le m' < m`, and safe otherwise. A share of the new
    rows, drawn from Beta(10, 10), starts in danger with :math:`s = x_i + u (x_j - x_i)`; the rest
    is :math:`s = x_i - u\\,h (x_j - x_i)` from safe ones, h being `out_step`, and may leave the
    range of the class.

    The machine sees the mean or mode of the class in place of missing cells.

    Where support vectors are all safe or all in danger, they get all the new rows: first those that
    imbalanced-learn makes, then those that it leaves out. Where all are noise, the counts asked
    for are met by plain SMOTE, with a `ResamplingWarning`.

    References
    ----------
    .. [1] H. M. Nguyen, E. W. Cooper, K. Kamei, "Borderline over-sampling for imbalanced data
       classification", International Journal of Knowledge Engineering and Soft Data Paradigms
       3 (1), 4-21, 2009.

    Examples
    --------
    >>> from sklearn.datasets import make_classification
    >>> from skgensample import NumbaSVMSMOTE
    >>> X, y = make_classification(n_samples=1000, weights=[0.95], random_state=0)
    >>> X_res, y_res = NumbaSVMSMOTE(random_state=0).fit_resample(X, y)
    >>> int((y == 1).sum()), int((y_res == 1).sum())
    (54, 946)
    """

    _trains = True
    _neighbor_parameters = ("k_neighbors", "m_neighbors")
    _parameter_constraints: dict = {
        **BaseNeighborSampler._parameter_constraints,
        "m_neighbors": NEIGHBORS,
        "svm_estimator": [HasMethods(["fit", "predict"]), None],
        "svm_neighbors": [Interval(Integral, 1, None, closed="left"), None],
        "out_step": [Interval(Real, 0, 1, closed="both")],
    }

    def __init__(
        self,
        *,
        sampling_strategy: SamplingStrategy = "auto",
        random_state: Seed = None,
        k_neighbors: Neighbors = 5,
        m_neighbors: Neighbors = 10,
        svm_estimator: Estimator | None = None,
        svm_neighbors: Neighbors | None = None,
        out_step: float = 0.5,
        categorical_features: CategoricalFeatures = "auto",
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
        self.m_neighbors = m_neighbors
        self.svm_estimator = svm_estimator
        self.svm_neighbors = svm_neighbors
        self.out_step = out_step

    def _fit_generator(self, Z, y, columns, rng):
        self.support_indices_ = {}
        self.svm_estimator_ = self._new_svm(rng)
        rows = super()._fit_generator(Z, y, columns, rng)
        rows.support = None
        return rows

    def _new_svm(self, rng):
        """An unfitted support vector machine."""
        if self.svm_estimator is None:
            # a RandomState is shared, not copied: imbalanced-learn's machine draws from it
            svm = SVC(gamma="scale", random_state=self.random_state)
        else:
            svm = clone(self.svm_estimator)
        return with_random_state(svm, self.random_state, rng)

    def _plan(self, rows, label, n, rng):
        """Support vectors, neighbours and steps, in imbalanced-learn's order of draws."""
        members = rows.members(label)
        support = self._support(rows, label, members, rng)
        n_others, m = np.zeros(0), 1
        if len(support):
            n_others, m = self._count_other_classes(rows, label, support, "m_neighbors")
        support, n_others = support[n_others < m], n_others[n_others < m]
        if not len(support):
            return self._fall_back_to_smote(
                rows, label, n, rng, "no support vector that is not noise"
            )
        self.support_indices_[label] = support
        next_stream = imblearn_streams(self.random_state, rng)
        n_danger = int(next_stream().beta(10, 10) * (n + 1))
        danger, safe = support[n_others >= m / 2], support[n_others < m / 2]
        parts = []
        for bases, count, factor in ((danger, n_danger, 1.0), (safe, n - n_danger, -self.out_step)):
            if len(bases):
                table = self._nearest(rows, label, bases, members)
                parts.append(_scaled_plan(bases, table, count, factor, next_stream()))
                if len(bases) == len(support):  # all safe or all in danger: they get all new rows
                    parts.append(_scaled_plan(bases, table, n - count, factor, side_stream(rng)))
        return Plan.concatenate(parts)

    def _support(self, rows, label, members, rng):
        """Row numbers of a class's support vectors."""
        if rows.support is not None:
            return rows.support[rows.y[rows.support] == label]
        X, y, used = points(rows, label), rows.y, None
        if self.svm_neighbors is not None:
            n_others = np.flatnonzero(rows.y != label)
            k = min(self.svm_neighbors, len(n_others))
            near = self._search(rows, label, members, n_others, k, "m_neighbors")
            used = np.union1d(members, n_others[near])
            X, y = X[used], y[used]
        if sparse.issparse(X) and X.nnz == np.prod(X.shape):
            X = X.toarray()  # scikit-learn's variance of a constant sparse table may be below 0
        svm = self._new_svm(rng)
        if self.svm_estimator is None and sparse.issparse(X) and 8 * len(y) ** 2 <= KERNEL_LIMIT:
            X = _rbf_kernel(X)
            svm.set_params(kernel="precomputed")
        svm.fit(X, y)
        if not hasattr(svm, "support_"):
            raise TypeError(
                f"svm_estimator must have `support_` after fit, and {type(svm).__name__} has "
                "not: take a support vector machine such as SVC."
            )
        support = svm.support_.astype(np.intp) if used is None else used[svm.support_]
        fixed = not isinstance(self.random_state, np.random.RandomState)
        if fixed and self.svm_neighbors is None and not len(rows.nominal):
            rows.support = support  # the same machine for every class
        return support[rows.y[support] == label]


def _rbf_kernel(X):
    """Kernel matrix of ``SVC(gamma="scale")`` on sparse rows, from one sparse product.

    libsvm multiplies sparse rows pair by pair, which takes 30 times as long.
    """
    X = X.astype(np.float64)
    variance = X.multiply(X).mean() - X.mean() ** 2
    return rbf_kernel(X, gamma=1 / (X.shape[1] * variance) if variance > 0 else 1.0)


def _scaled_plan(bases, table, n, factor, rng):
    """A plan with scaled steps; a negative factor extrapolates away from the neighbour."""
    plan = Plan.sample(bases, table, n, rng)
    plan.step[:] *= factor
    return replace(plan, low=np.zeros(n), high=np.full(n, factor))
