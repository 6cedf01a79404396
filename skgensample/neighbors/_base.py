"""Base class of the SMOTE family: samplers plan base rows, neighbours and steps only."""

import warnings
from functools import partial
from numbers import Integral

import numpy as np
from numba import types
from scipy import sparse
from sklearn.base import clone
from sklearn.neighbors import NearestNeighbors
from sklearn.utils._param_validation import HasMethods, Interval, StrOptions

from .._runtime.blas import safe_after_fork
from .._runtime.jit import PLAIN, compiled
from .._runtime.threads import run
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
from ..base import BaseOverSampler, plain_label
from ..exceptions import ResamplingWarning, SmallClassWarning
from ..search._duplicates import has_duplicate
from ..search._knn import nearest_euclidean
from ..search._nearest_neighbors import NumbaNearestNeighbors
from . import _kernels
from ._euclidean import points
from ._gap_patterns import with_class_gaps
from ._gaps import keep_gaps, search_with_gaps
from ._imblearn_draws import side_stream
from ._plan import Plan, Rows
from ._space import UNITS, Space
from ._vote import majority_vote, nearest_categories

#: Results with at most this many cells are written by NumPy: no compilation, no threads.
MAX_NUMPY_CELLS = 100_000

#: New rows per task.
BLOCK = 16_384

#: Early stop is used for classes with less than 1 / EARLY_STOP_RATIO of the rows.
EARLY_STOP_RATIO = 4

#: Pairs of rows above which early stop saves more than its preparation costs.
EARLY_STOP_PAIRS = 20_000_000

#: Parameter constraints: a number of neighbours, and a choice of categorical columns.
NEIGHBORS = [
    Interval(Integral, 1, None, closed="left"),
    HasMethods(["kneighbors", "kneighbors_graph"]),
]
CATEGORIES = [StrOptions({"auto"}), "array-like", None]
#: Parameter constraints of samplers that interpolate mixed tables.
MIXED = {
    "category_rule": [StrOptions({"vote", "nearest"})],
    "scale": [StrOptions({"standard", "quantile"}), None],
    "datetime_unit": [StrOptions(set(UNITS)), None],
}


class BaseNeighborSampler(BaseOverSampler):
    """Base class of the SMOTE family.

    Subclasses implement ``_plan(rows, label, n, rng) -> Plan``.

    Parameters
    ----------
    sampling_strategy : float, str, dict or callable, default="auto"
        As in imbalanced-learn.
    random_state : int, RandomState instance or None, default=None
        Seed.
    k_neighbors : int or object, default=5
        Number of neighbours, or an estimator that finds them.
    categorical_features : {"auto"}, None or array-like, default="auto"
        Which columns hold categories.
    category_rule : {"vote", "nearest"}, default="vote"
        Where the categories of new rows come from.
    scale : {"standard", "quantile"} or None, default=None
        Scale of numeric columns.
    datetime_unit : str or None, default=None
        Unit of dates and durations in distances.
    personal : {"refuse", "fake"} or FakeColumns, default="refuse"
        What to do with columns that identify people or rows: refuse the table, or replace their
        values in new rows by invented ones; see `FakeColumns`.
    schema : TableSchema or dict, default=None
        Kinds of columns that are not to be detected; see `table_schema`.
    constraints : list of constraint, default=None
        Rules that every new row satisfies; see `skgensample.constraints`.
    """

    _accepts_sparse_encoding = True
    _allow_missing = True
    _takes_times = True
    _trains = False
    _keeps_finite = True
    #: Parameters with a number of neighbours; the numbers used are recorded per class.
    _neighbor_parameters: tuple[str, ...] = ("k_neighbors",)
    #: Whether all rows of a class are base samples equally often.
    _takes_all_bases = False
    #: Minimum number of neighbours.
    _min_neighbors = 1
    _parameter_constraints: dict = {
        **BaseOverSampler._parameter_constraints,
        "k_neighbors": NEIGHBORS,
        "categorical_features": CATEGORIES,
        **MIXED,
    }

    def __init__(
        self,
        *,
        sampling_strategy: SamplingStrategy = "auto",
        random_state: Seed = None,
        k_neighbors: Neighbors = 5,
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
            personal=personal,
            schema=schema,
            constraints=constraints,
        )
        self.k_neighbors = k_neighbors
        self.categorical_features = categorical_features
        self.category_rule = category_rule
        self.scale = scale
        self.datetime_unit = datetime_unit

    @property
    def _categories(self):
        """Categorical columns, for the table codec."""
        return self.categorical_features

    @property
    def _keeps_patterns(self):
        """What is found is kept by vote, unless the user says that nothing is a category."""
        return self._categories is not None

    def _fit_generator(self, Z, y, columns, rng):
        for parameter in self._neighbor_parameters:
            setattr(self, f"{parameter}_", {})
        self.synthetic_parents_ = np.empty((0, 2), np.int32 if len(y) < 2**31 else np.int64)
        if sparse.issparse(Z) and np.isnan(Z.data).any():
            raise ValueError(
                "A sparse table with missing cells is not supported: make it dense with "
                ".toarray(), or impute first."
            )
        nominal = [c.index for c in columns or () if c.kind == "categorical"]
        nominal = np.array(nominal, dtype=np.intp)
        space = Space(Z, columns, nominal, self.scale, self.datetime_unit)
        has_gaps = any(column.missing for column in columns or ())
        parts = {c.index: c.part_gaps for c in columns or () if c.part_gaps is not None}
        return Rows(Z, y, nominal, space=space, has_gaps=has_gaps, part_gaps=parts)

    def _generate(self, rows, label, n, rng, out):
        plan, before = self._final_plan(rows, label, n, rng), self.synthetic_parents_
        self.synthetic_parents_ = np.empty((len(before) + n, 2), before.dtype)
        self.synthetic_parents_[: len(before)] = before
        parents = self.synthetic_parents_[len(before) :]
        if len(rows.nominal) < rows.Z.shape[1]:
            out = _interpolated(rows, plan, parents, out)
        else:
            plan.write_parents(parents)
        if len(rows.nominal) and self.category_rule == "nearest":
            patterns = rows.level_patterns()
            nearest_categories(rows.Z, rows.nominal, parents, plan.step, out, patterns=patterns)
        elif len(rows.nominal):
            gaps = {"bases": plan.bases, "patterns": rows.level_patterns()}
            ballot = rows.Z, rows.nominal, plan.table, plan.base_index
            majority_vote(*ballot, rng, out, **gaps if rows.have_patterns else {})
        return out

    def _final_plan(self, rows, label, n, rng):
        """The plan of the rows of a class, with its gap patterns where cells are missing."""
        plan = self._plan(rows, label, n, rng)
        if not rows.have_patterns or self._takes_all_bases:
            return plan
        parameter, draws = self._neighbor_parameters[0], side_stream(rng)
        nearest = partial(self._nearest, rows, label, parameter=parameter)
        return with_class_gaps(plan, rows, label, nearest, draws)

    def _keep_rows(self, n, kept):
        before, last = np.split(self.synthetic_parents_, [len(self.synthetic_parents_) - n])
        self.synthetic_parents_ = np.concatenate([before, last[kept]])

    def _nearest(self, rows, label, of, among=None, parameter="k_neighbors"):
        """Row numbers of the k nearest rows; k is reduced to the rows available, and recorded.

        Parameters
        ----------
        rows : Rows
            All rows.
        label : label
            Class being sampled; its standard deviations set the weight of categories.
        of, among : ndarray of row numbers
            Query rows, and the rows to search (None: all). Each row of `of` is also in `among`;
            the first neighbour found, the row itself, is dropped.
        parameter : str, default="k_neighbors"
            Name of the parameter with the number of neighbours.

        Returns
        -------
        table : ndarray of shape (len(of), k)
            Row numbers.
        """
        available = rows.Z.shape[0] if among is None else len(among)
        k = self._effective_k(label, available, parameter)
        found = self._search(rows, label, of, among, k + 1, parameter)[:, 1:]
        return found if among is None else among[found]

    def _count_other_classes(self, rows, label, of, parameter="k_neighbors"):
        """How many of the nearest rows of each row of a class belong to other classes.

        Parameters
        ----------
        rows : Rows
            All rows.
        label : label
            The class.
        of : ndarray of row numbers
            Rows of the class.
        parameter : str, default="k_neighbors"
            Name of the parameter with the number of neighbours.

        Returns
        -------
        foreign : ndarray of shape (len(of),)
            Their number.
        k : int
            Number of neighbours counted.
        """
        k = self._effective_k(label, len(rows.y), parameter)
        around = self._search(rows, label, of, None, k + 1, parameter, count_only=True)[:, 1:]
        return (rows.y[around] != label).sum(axis=1), k

    def _search(self, rows, label, of, among, k, parameter, *, count_only=False):
        """Positions in `among` of the k rows nearest to each row of `of`, itself included.

        With `count_only`, only the classes of the neighbours matter. Any k rows of other classes
        will do that are nearer than the nearest other row of the class (early stop), unless one of
        them is a duplicate of the row itself. Most searches for a minority class end early.
        """
        search = getattr(self, parameter)
        if rows.have_gaps(of, among):
            return search_with_gaps(search, parameter, rows, label, of, among, k)
        builtin = isinstance(search, Integral)
        if builtin:
            Z, weight = rows.metric_inputs(label) if len(rows.nominal) else (rows.coordinates, 0.0)
        else:
            search, Z = self._cloned_search(search, rows, label)
        Q = Z[of]
        X = Z if among is None else (Q if among is of else Z[among])
        if builtin and not sparse.issparse(X):
            space, stop_below = {"nominal": rows.nominal, "weight": weight}, None
            members = rows.members(label)
            if (
                count_only
                and EARLY_STOP_RATIO * len(members) < len(X)
                and len(Q) * len(X) > EARLY_STOP_PAIRS
            ):
                own = nearest_euclidean(Q, Z[members], min(2, len(members)), **space)[0]
                stop_below = own[:, 1] if len(members) > 1 else np.full(len(Q), np.inf)
                stop_below[has_duplicate(Z, of, rows.y == label)] = 0
            return nearest_euclidean(Q, X, k, **space, stop_below=stop_below)[1]
        search = NearestNeighbors(algorithm="brute") if builtin else search
        with safe_after_fork():
            search.set_params(n_neighbors=k).fit(X)
            return search.kneighbors(Q, return_distance=False)

    def _smote(self, rows, label, n, rng):
        """The plan of plain SMOTE: a random row of the class and one of its neighbours."""
        members = rows.members(label)
        table = self._nearest(rows, label, members, members, self._neighbor_parameters[0])
        return Plan.sample(members, table, n, rng)

    def _fall_back_to_smote(self, rows, label, n, rng, why):
        """Plain SMOTE, with a warning, where a variant has no base rows."""
        warnings.warn(
            f"Class {plain_label(label)!r}: {why}; plain SMOTE makes its {n} new rows instead.",
            ResamplingWarning,
            stacklevel=2,
        )
        return self._smote(rows, label, n, rng)

    def _effective_k(self, label, available, parameter):
        """Number of neighbours requested, reduced to the rows available, and recorded."""
        requested = self._requested_k(parameter)
        k = min(requested, available - 1)
        if k < requested:
            warnings.warn(
                f"Class {plain_label(label)!r}: only {available} rows to search among, so "
                f"{parameter} is {k} there, not {requested}.",
                SmallClassWarning,
                stacklevel=2,
            )
        getattr(self, f"{parameter}_")[label] = k
        return k

    def _requested_k(self, parameter):
        """Number of neighbours requested; an estimator's own counts the row itself."""
        search = getattr(self, parameter)
        if isinstance(search, Integral):
            return int(search)
        k = search.get_params().get("n_neighbors", 6) - 1
        if k < self._min_neighbors:
            raise ValueError(
                f"The estimator given as {parameter} has n_neighbors={k + 1}, which counts the row "
                f"itself: {type(self).__name__} needs at least {self._min_neighbors + 1}."
            )
        return k

    @staticmethod
    def _cloned_search(search, rows, label):
        """An estimator to be fitted, and rows among which it finds the sampler's neighbours.

        `NumbaNearestNeighbors` measures categories itself; other estimators get one-hot
        coordinates whose heights make euclidean distances those of the sampler (`points`).
        """
        search = clone(search)
        if not len(rows.nominal):
            return search, rows.coordinates
        if not isinstance(search, NumbaNearestNeighbors) or search.metric == "manhattan":
            return search, points(rows, label)
        Z, weight = rows.metric_inputs(label)
        if search.metric == "euclidean" or search.category_weight == "median_std":
            search.set_params(category_weight=weight)
        return search.set_params(metric="mixed", categorical_features=rows.nominal), Z


def _interpolated(rows, plan, parents, out):
    """New rows in the rows' own scale; cells that one of the parents lacks are the base's."""
    quantiles = rows.space.quantiles is not None
    made = np.empty(out.shape) if quantiles else out
    made = interpolate_plan(rows.coordinates if quantiles else rows.Z, plan, parents, made)
    numeric = np.setdiff1d(np.arange(rows.Z.shape[1]), rows.nominal) if rows.has_gaps else ()
    if quantiles:
        rows.space.write_values(made, rows.Z, parents, plan.step, out)
        made = out
    if rows.has_gaps:
        keep_gaps(rows.Z, parents, numeric, made)
    return made


def interpolate_plan(Z, plan, parents, out=None):
    """Rows on the lines through pairs of rows.

    Parameters
    ----------
    Z : ndarray or csr matrix of shape (n, d)
        Rows.
    plan : Plan
        Pairs of rows and steps between them. With a step in [0, 1] rounding never moves a row off
        the segment.
    parents : ndarray of int of shape (n_new, 2)
        Output: the row numbers of each pair.
    out : ndarray of shape (n_new, d), default=None
        Output: the rows; not for sparse ones.

    Returns
    -------
    ndarray or csr matrix of shape (n_new, d)
        ``out``, or a new matrix.
    """
    if not (PLAIN or sparse.issparse(Z)) and out.size > MAX_NUMPY_CELLS:
        code = compiled(_kernels.interpolate, _signature(Z.dtype, parents.dtype))
        pairs = (plan.bases, np.ascontiguousarray(plan.table), plan.pick, plan.step)
        run(code, len(out), BLOCK, Z, *pairs, parents, out)
        return out
    plan.write_parents(parents)
    base, neighbor = parents.T
    if sparse.issparse(Z):
        start = Z[base]
        return start + sparse.diags(plan.step) @ (Z[neighbor] - start)
    out[:] = _kernels.interpolate_numpy(Z[base], Z[neighbor], plan.step[:, None])
    return out


def _signature(dtype, whole=np.int32):
    """Signature of `_kernels.interpolate` for one float dtype and one of row numbers."""
    real = types.float32 if dtype == np.float32 else types.float64
    number = types.int32 if whole == np.int32 else types.int64
    rows, place = types.Array(real, 2, "C", readonly=True), types.int64[::1]
    plan = (place, types.int64[:, ::1], place, types.float64[::1])
    return types.void(types.int64, types.int64, rows, *plan, number[:, ::1], real[:, ::1])
