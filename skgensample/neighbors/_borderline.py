"""Borderline-SMOTE: new rows start where the class borders on others."""

from dataclasses import replace
from typing import Any, Literal

import numpy as np
from sklearn.utils._param_validation import StrOptions

from .._typing import (
    CategoricalFeatures,
    CategoryRule,
    Constraints,
    Neighbors,
    Personal,
    SamplingStrategy,
    Scale,
    Schema,
    Seed,
)
from ._base import NEIGHBORS, BaseNeighborSampler
from ._imblearn_draws import imblearn_streams
from ._plan import Plan


class NumbaBorderlineSMOTE(BaseNeighborSampler):
    """Synthetic rows that start from the rows of a class in danger of misclassification.

    A row is in danger when at least half of its neighbours, but not all of them, are of other
    classes. Use it where the classes overlap along a border; where the minority class forms small
    clusters, every row is borderline and plain SMOTE does the same. With float data and the same
    `random_state` it gives the rows of `imblearn.over_sampling.BorderlineSMOTE`.

    Parameters
    ----------
    sampling_strategy : float, str, dict or callable, default="auto"
        As in imbalanced-learn; see `NumbaSMOTE`.
    random_state : int, RandomState instance or None, default=None
        Seed; see `NumbaSMOTE`.
    k_neighbors : int or object, default=5
        Number of neighbours between which new rows lie, or an unfitted estimator with
        `kneighbors` and `kneighbors_graph` (its `n_neighbors` counts the row itself). A class
        with fewer than k + 1 rows uses all its other rows, with a `SmallClassWarning`.
    m_neighbors : int or object, default=10
        Number of neighbours, of any class, that tell whether a row is in danger.
    kind : {"borderline-1", "borderline-2"}, default="borderline-1"
        Neighbours of the class only, or of any class: towards a row of another class, a new row
        then stays in the half of the segment nearer to its base.
    categorical_features : {"auto"}, None or array-like, default="auto"
        Columns of categories; see `NumbaSMOTE`.
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
    in_danger_indices_ : dict
        Row numbers in danger for each class sampled; also called `in_danger_indices`. A class
        without any is left out.
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
    NumbaADASYN : More new rows the more neighbours are of other classes.
    NumbaSVMSMOTE : Finds the border with a support vector machine.
    imblearn.over_sampling.BorderlineSMOTE : The same rows, slower.

    Notes
    -----
    With :math:`m'` of m neighbours of other classes, a row is in danger for
    :math:`m / 2 \\le m' < m`; rows with :math:`m' = m` count as noise. New rows are
    :math:`s = x_i + u (x_j - x_i)` from rows :math:`x_i` in danger, :math:`u` uniform on [0, 1),
    and halved on average by a second uniform draw on [0, 0.5) for neighbours of other classes.

    Where no row of a class is in danger, imbalanced-learn returns the class as it is. Here the
    counts asked for are met all the same, by plain SMOTE, with a `ResamplingWarning`.

    References
    ----------
    .. [1] H. Han, W.-Y. Wang, B.-H. Mao, "Borderline-SMOTE: a new over-sampling method in
       imbalanced data sets learning", International Conference on Intelligent Computing,
       878-887, 2005.

    Examples
    --------
    >>> from sklearn.datasets import make_classification
    >>> from skgensample import NumbaBorderlineSMOTE
    >>> X, y = make_classification(n_samples=1000, weights=[0.95], random_state=0)
    >>> sampler = NumbaBorderlineSMOTE(random_state=0)
    >>> X_res, y_res = sampler.fit_resample(X, y)
    >>> len(sampler.in_danger_indices_[1]), int((y_res == 1).sum())
    (36, 946)
    """

    _neighbor_parameters = ("k_neighbors", "m_neighbors")
    _parameter_constraints: dict = {
        **BaseNeighborSampler._parameter_constraints,
        "m_neighbors": NEIGHBORS,
        "kind": [StrOptions({"borderline-1", "borderline-2"})],
    }

    def __init__(
        self,
        *,
        sampling_strategy: SamplingStrategy = "auto",
        random_state: Seed = None,
        k_neighbors: Neighbors = 5,
        m_neighbors: Neighbors = 10,
        kind: Literal["borderline-1", "borderline-2"] = "borderline-1",
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
        self.kind = kind

    @property
    def in_danger_indices(self) -> Any:
        """imbalanced-learn's name of `in_danger_indices_`."""
        return self.in_danger_indices_

    def _fit_generator(self, Z, y, columns, rng):
        self.in_danger_indices_ = {}
        return super()._fit_generator(Z, y, columns, rng)

    def _plan(self, rows, label, n, rng):
        """Rows in danger, their neighbours and steps, in imbalanced-learn's order of draws."""
        members = rows.members(label)
        n_others, m = self._count_other_classes(rows, label, members, "m_neighbors")
        danger = members[(n_others >= m / 2) & (n_others < m)]
        if not len(danger):
            return self._fall_back_to_smote(rows, label, n, rng, "no row is in danger")
        self.in_danger_indices_[label] = danger
        next_stream = imblearn_streams(self.random_state, rng)
        among = members if self.kind == "borderline-1" else None
        table = self._nearest(rows, label, danger, among)
        plan = Plan.sample(danger, table, n, next_stream())
        if self.kind == "borderline-2":
            foreign = np.flatnonzero(rows.y[plan.neighbor] != label)
            plan.step[foreign] *= next_stream().uniform(low=0.0, high=0.5, size=len(foreign))
            low, high = plan.limits()
            high[foreign] = 0.5
            plan = replace(plan, low=low, high=high)
        return plan
