"""SequentialTreesResampler: column by column, a value from the leaf of a tree; no torch."""

from functools import partial
from numbers import Integral
from typing import Literal

import numpy as np
from sklearn.utils._param_validation import Interval, StrOptions

from .._runtime.memory import refuse_beyond
from .._runtime.threads import thread_count
from .._suggestions import did_you_mean
from .._typing import (
    Constraints,
    Output,
    Personal,
    SamplingStrategy,
    Schema,
    Seed,
    TrainOn,
    VectorLike,
)
from ..base import (
    BaseConditionalResampler,
    CallbackSupport,
    ConditionedModel,
    begin_fit,
    plain_label,
    with_callbacks,
)
from ._encoding.class_statistics import labels_by_appearance
from ._sequential.conditioning import SequentialMonteCarlo
from ._trees.forest import MAX_LEVELS, GrowingOptions
from ._trees.model import FILLING_ROWS, SequentialTrees

#: Bytes for each cell that fills leaves, and for each tree: measured, and rounded down.
CELL, TREE_CELL = 80, 15


class SequentialTreesResampler(BaseConditionalResampler, CallbackSupport):
    """Synthetic rows of any class, drawn column by column from the leaves of trees.

    The label is given; every column is then predicted from the label and the columns before it by a
    few bagged decision trees, and the new value is drawn among the training values in a leaf. A
    model of a mixed table that fits in seconds on a CPU, without torch; its rows are hard to tell
    from real ones for boosted trees.

    Parameters
    ----------
    sampling_strategy : float, str, dict or callable, default="auto"
        As in imbalanced-learn: a float is the ratio of minority to majority rows wanted (two
        classes only); ``"minority"``, ``"not minority"``, ``"not majority"``, ``"all"``,
        ``"auto"`` (not majority) level the classes named with the largest one; a dict
        ``{label: count}`` or a callable ``y -> dict`` gives the counts wanted.
    random_state : int, RandomState instance or None, default=None
        Seed of fitting and sampling. An int gives the same rows on every call.
    output : {"augment", "synthetic"}, default="augment"
        Whether `fit_resample` returns the given rows followed by the new ones, or an entirely
        synthetic table with the class counts that the augmented one would have.
    min_samples_leaf : int, default=12
        Training rows among which a value is drawn, at least. The more, the less can be learnt from
        new rows about single training rows, and the less of the dependence between columns is kept.
    n_trees : int, default=5
        Trees of each column; each new value is drawn from one of them.
    order : "auto" or array-like of shape (n_features,), default="auto"
        Columns in the order in which they are generated, by name or position in the given table;
        personal ones, which are set aside, count and are passed over. ``"auto"`` is the table's
        own order, with categories of more than 32 levels last.
    smoothing : bool, default=True
        Whether values of columns with more than 300 different ones (in tables of fewer than 3,000
        rows: more than a tenth of the rows, and than 30) are moved towards the next value in the
        leaf, by 30 values of the column at most. Values that more than 10 rows share stay.
    train_on : {"all", "sampled"}, default="all"
        Whether to learn from all rows or from those of the classes to be sampled.
    n_jobs : int, default=None
        Maximum number of threads; None and -1 use numba's setting (``NUMBA_NUM_THREADS``), -2 one
        fewer. The rows do not depend on it.
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
    classes_ : ndarray of shape (n_classes,) or None
        Labels, sorted; None if `fit` got none.
    class_prior_ : ndarray of shape (n_classes,) or None
        Class frequencies in the training rows.
    model_ : object
        Trees, and for each leaf the values of one column, sorted; no training rows.
    codec_ : TableCodec
        Names, dtypes, levels and ranges of the columns.
    effective_share_ : float
        After sampling under conditions: effective number of rows over their number, 1 at best.
    is_synthetic_ : ndarray of shape (n_samples_new,)
        Which rows of the result of `fit_resample` are new.
    n_features_in_ : int
        Number of columns.
    feature_names_in_ : ndarray of shape (n_features,)
        Column names, where a frame with text names was given.

    See Also
    --------
    GaussianCopulaResampler : Ranks and correlations; keeps no values of single rows.
    NumbaSMOTE : Interpolates between neighbours.

    Notes
    -----
    Sequential synthesis by classification and regression trees is due to Reiter [1]_, and known
    from the R package synthpop [2]_. Numbers are predicted by their ranks, categories by Gini
    impurity; beyond 32 levels by random projections of their indicators. Categories enter as
    predictors in the order of their mean targets, in which the best split is found [3]_. A missing
    cell is a value of its own. Trees are grown on bootstrap samples (of at most 50,000 rows) and
    not pruned; all rows (at most 250,000) then fill the leaves.

    A class of 100 to 4,000 rows has trees of its own and borrows nothing from other classes. Larger
    ones and smaller ones share trees that are grown on all rows, with the label as a predictor. In
    their leaves values of the row's own class are drawn; if the leaf has only m <
    `min_samples_leaf` of them, with probability ``m / min_samples_leaf``, and else values of other
    classes within the range of the class. Trees on fewer than 4,000 rows have too few leaves for
    the sum of many small effects: they are given a ridge regression's prediction as a further
    predictor.

    The probabilities of values in the leaves are weighted so that classes of 100 rows or more keep
    their marginals (iterative proportional fitting in 32 bins; the weights are found during `fit`).
    Extremes of single rows are drawn in. The value of a single row is not kept; it is drawn between
    the midpoints to its neighbours. There is no privacy guarantee.

    Under conditions the values of a conditioned column are drawn among those in the leaf that
    satisfy them, and rows are weighted by the probability of that (sequential Monte Carlo [4]_).
    Rows always satisfy the conditions, and `effective_share_` says how many are independent: all
    are if the conditioned columns come first in the order. A given number that is one of many is
    met by values within 1 % of the ranks on either side, and then set.

    Columns are generated from what was generated before, so that relations which no split of a tree
    expresses, such as a sum of columns, hold approximately.

    References
    ----------
    .. [1] J. P. Reiter, "Using CART to generate partially synthetic public use microdata", Journal
       of Official Statistics 21(3), 2005.
    .. [2] B. Nowok, G. M. Raab, C. Dibben, "synthpop: bespoke creation of synthetic data in R",
       Journal of Statistical Software 74(11), 2016.
    .. [3] D. Coppersmith, S. J. Hong, J. R. M. Hosking, "Partitioning nominal attributes in
       decision trees", Data Mining and Knowledge Discovery 3, 1999.
    .. [4] N. J. Gordon, D. J. Salmond, A. F. M. Smith, "Novel approach to nonlinear/non-Gaussian
       Bayesian state estimation", IEE Proceedings F 140, 1993.

    Examples
    --------
    >>> from sklearn.datasets import make_classification
    >>> from skgensample import SequentialTreesResampler
    >>> X, y = make_classification(n_samples=1000, weights=[0.95], random_state=0)
    >>> model = SequentialTreesResampler(random_state=0).fit(X, y)
    >>> X_new, y_new = model.sample(4, y=1)
    >>> X_new.shape, y_new
    ((4, 20), array([1, 1, 1, 1]))
    """

    _conditioning = SequentialMonteCarlo()
    _parameter_constraints: dict = {
        **BaseConditionalResampler._parameter_constraints,
        "min_samples_leaf": [Interval(Integral, 1, None, closed="left")],
        "n_trees": [Interval(Integral, 1, None, closed="left")],
        "order": [StrOptions({"auto"}), "array-like"],
        "smoothing": ["boolean"],
        "train_on": [StrOptions({"all", "sampled"})],
        "n_jobs": [
            Interval(Integral, 1, None, closed="left"),
            Interval(Integral, None, -1, closed="right"),
            None,
        ],
    }

    def __init__(
        self,
        *,
        sampling_strategy: SamplingStrategy = "auto",
        random_state: Seed = None,
        output: Output = "augment",
        min_samples_leaf: int = 12,
        n_trees: int = 5,
        order: Literal["auto"] | VectorLike = "auto",
        smoothing: bool = True,
        train_on: TrainOn = "all",
        n_jobs: int | None = None,
        personal: Personal = "refuse",
        schema: Schema = None,
        constraints: Constraints = None,
    ) -> None:
        super().__init__(
            sampling_strategy=sampling_strategy,
            random_state=random_state,
            output=output,
            personal=personal,
            schema=schema,
            constraints=constraints,
        )
        self.min_samples_leaf = min_samples_leaf
        self.n_trees = n_trees
        self.order = order
        self.smoothing = smoothing
        self.train_on = train_on
        self.n_jobs = n_jobs

    def _fit_kept(self, Z, y, columns, rng):
        return self._fit_generator(Z, y, columns, rng, named=True)

    @with_callbacks
    def _fit_generator(self, Z, y, columns, rng, named=False):
        """Grow trees on all rows, or on those of the classes to be sampled.

        These are the classes with new rows, or with `named` all that `sampling_strategy` names.
        """
        order = self._order(columns)
        if self.train_on == "sampled":
            sampled = [label for label, n in self.sampling_strategy_.items() if n or named]
            rows = np.isin(y, sampled)
            Z, y = Z[rows], y[rows]
        if not len(y):
            return None
        cells, trees = min(len(Z), FILLING_ROWS) * len(columns), int(self.n_trees)
        refuse_beyond(
            cells * (CELL + TREE_CELL * trees),
            f"{trees} trees for each of {len(columns):,} columns",
            "take fewer columns or rows, or a smaller n_trees.",
        )
        labels, group, _ = labels_by_appearance(y)
        options = GrowingOptions(
            int(self.n_trees), int(self.min_samples_leaf), bool(self.smoothing)
        )
        given = (Z, labels, group, columns, order, options, rng)
        begin = partial(begin_fit, self, in_order=False)
        return SequentialTrees(*given, self._threads(), begin)

    def _threads(self):
        """Number of threads that `n_jobs` asks for."""
        if self.n_jobs is None or self.n_jobs > 0:
            return self.n_jobs
        return max(1, thread_count() + 1 + self.n_jobs)

    def _order(self, columns):
        """Column indices in the order of generation."""
        if isinstance(self.order, str):
            late = [c.kind == "categorical" and c.n_levels > MAX_LEVELS for c in columns]
            return sorted(range(len(columns)), key=late.__getitem__)
        named = {name: c.index for c in columns for name in (*c.stands_for, c.name)}
        order = [self._place(name, named) for name in self.order]
        order = [index for index in order if index is not None]
        if any(column.stands_for for column in columns):
            order = list(dict.fromkeys(order))  # constraints represent several columns by one
        if sorted(order) != list(range(len(columns))):
            raise ValueError(
                f"order must name each of the {len(columns)} columns once, and names "
                f"{len(order)}, of which {len(set(order))} are different. Name all columns, or "
                "leave order='auto'."
            )
        return order

    def _place(self, name, named):
        """Index of a column, by name or by position in the table; None for one set aside."""
        if isinstance(name, np.generic):
            name = name.item()
        names = list(getattr(self, "feature_names_in_", range(self.n_features_in_)))
        if name not in named and isinstance(name, Integral) and 0 <= name < len(names):
            name = names[name]
        if name in named:
            return named[name]
        if name in names:
            return None
        end = did_you_mean(name, names, otherwise=": give names of columns, or positions.")
        raise ValueError(f"order names a column {name!r} that the table does not have{end}")

    def _generate(self, model, label, n, rng, out):
        """Draw rows of one class."""
        if model is None or label not in set(model.labels):
            raise self._not_learnt(label)
        return model.draw(label, rng, out)

    def _label_probabilities(self, model, rng):
        """Class frequencies of the training rows; an error if a class was not learnt."""
        fitted = model.model if isinstance(model, ConditionedModel) else model
        for label in self._labels:
            if fitted is None or label not in set(fitted.labels):
                raise self._not_learnt(label)
        return super()._label_probabilities(model, rng)

    def _not_learnt(self, label):
        """Error for a requested class that was not trained on."""
        return ValueError(
            f"Class {plain_label(label)!r} was not to be sampled: nothing was learnt of it. Sample "
            "another class with y=, or fit with train_on='all'."
        )
