"""Random over-sampling: rows repeated, or with added noise (smoothed bootstrap)."""

from collections.abc import Mapping
from numbers import Real
from typing import Any

import numpy as np
from sklearn.utils._param_validation import Interval

from .._runtime.threads import in_blocks
from .._typing import CategoricalFeatures, Constraints, Personal, SamplingStrategy, Schema, Seed
from ..base import BaseOverSampler, plain_label
from ._base import CATEGORIES
from ._euclidean import column_std
from ._plan import Rows


class NumbaRandomOverSampler(BaseOverSampler):
    """Minority-class rows repeated at random; with `shrinkage`, noise is added to each.

    The simplest method, and the baseline. Without `shrinkage` rows are repeated unchanged,
    whatever the table holds: text, dates, missing values, sparse cells. With it (a smoothed
    bootstrap, ROSE) numeric values get normal noise and categories are kept. A classifier with
    class weights gains nothing from repeated rows. With the same `random_state` the rows
    are those of `imblearn.over_sampling.RandomOverSampler`.

    Parameters
    ----------
    sampling_strategy : float, str, dict or callable, default="auto"
        As in imbalanced-learn; see `NumbaSMOTE`.
    random_state : int, RandomState instance or None, default=None
        Seed; see `NumbaSMOTE`.
    shrinkage : float or dict, default=None
        Width of the noise, for all classes or for each class sampled: 1 is the optimal bandwidth
        for normally distributed data, 0 gives repeated rows. None repeats rows and reads no
        cell.
    categorical_features : {"auto"}, None or array-like, default="auto"
        With `shrinkage`, columns of categories; see `NumbaSMOTE`.
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
    sample_indices_ : ndarray of shape (n_samples_new,)
        For each row of the result, the number of the input row that it repeats or starts from.
    shrinkage_ : dict or None
        Width of the noise for each class sampled.
    is_synthetic_ : ndarray of shape (n_samples_new,)
        Which rows of the result are new.
    n_features_in_ : int
        Number of columns.
    feature_names_in_ : ndarray of shape (n_features,)
        Column names, where a frame with text names was given.

    See Also
    --------
    NumbaSMOTE : Interpolates instead of repeating.
    imblearn.over_sampling.RandomOverSampler : The same rows, slower, for fewer kinds of tables.

    Notes
    -----
    Noise in numeric column j is normal with the standard deviation
    :math:`s\\,\\bigl(\\tfrac{4}{(d + 2)\\,n}\\bigr)^{1 / (d + 4)} \\sigma_j`, with s the
    shrinkage, n the rows and d the numeric columns of the table, and :math:`\\sigma_j` the
    standard deviation in the class. New values may leave the range of the class, but integers
    are rounded and stay inside the column's range. A class of one row has a standard deviation
    of 0 and is repeated unchanged.

    References
    ----------
    .. [1] G. Menardi, N. Torelli, "Training and assessing classification rules with imbalanced
       data", Data Mining and Knowledge Discovery 28 (1), 92-122, 2014.

    Examples
    --------
    >>> import numpy as np
    >>> from skgensample import NumbaRandomOverSampler
    >>> X = np.array([["Lyon", None], ["Oslo", 2.5], ["Bari", 7.0]], dtype=object)
    >>> X_res, y_res = NumbaRandomOverSampler(random_state=0).fit_resample(X, [0, 1, 1])
    >>> X_res[-1].tolist(), y_res[-1]
    (['Lyon', None], 0)
    """

    _min_class_rows = 1
    _allow_missing = True
    _takes_times = True
    _keeps_finite = True
    _parameter_constraints: dict = {
        **BaseOverSampler._parameter_constraints,
        "shrinkage": [Interval(Real, 0, None, closed="left"), dict, None],
        "categorical_features": CATEGORIES,
    }

    def __init__(
        self,
        *,
        sampling_strategy: SamplingStrategy = "auto",
        random_state: Seed = None,
        shrinkage: float | Mapping[Any, float] | None = None,
        categorical_features: CategoricalFeatures = "auto",
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
        self.shrinkage = shrinkage
        self.categorical_features = categorical_features

    @property
    def _categories(self):
        """Categorical columns, for the table codec."""
        return self.categorical_features

    @property
    def _repeats_rows(self):
        """Without noise no cell is read."""
        return self.shrinkage is None

    _accepts_sparse_encoding = _repeats_rows
    #: Rows of the table, where only some of them are given; see `skgensample.distributed`.
    _n_rows = None

    @property
    def _keeps_patterns(self):
        """With noise, unless the user says that nothing is a category."""
        return not self._repeats_rows and self.categorical_features is not None

    def __sklearn_tags__(self):
        tags = super().__sklearn_tags__()
        tags.input_tags.string = self._repeats_rows
        tags.sampler_tags.sample_indices = True
        return tags

    def _fit_generator(self, Z, y, columns, rng):
        self.shrinkage_ = self._shrinkage_by_class()
        self.sample_indices_ = np.arange(Z.shape[0])
        nominal = [c.index for c in columns or () if c.kind == "categorical"]
        return Rows(Z, y, np.array(nominal, dtype=np.intp))

    def _shrinkage_by_class(self):
        """Shrinkage of each class to be sampled."""
        if self.shrinkage is None:
            return None
        if not isinstance(self.shrinkage, Mapping):
            return dict.fromkeys(self.sampling_strategy_, self.shrinkage)
        absent = [c for c in self.sampling_strategy_ if c not in self.shrinkage]
        if absent:
            raise ValueError(
                "`shrinkage` should contain a shrinkage factor for each class that is sampled; "
                f"{[plain_label(label) for label in absent]} are missing."
            )
        for label, width in self.shrinkage.items():
            if not isinstance(width, Real) or not width >= 0:
                raise ValueError(
                    f"The shrinkage factor needs to be >= 0, got {width!r} for class "
                    f"{plain_label(label)!r}."
                )
        return self.shrinkage

    def _keep_rows(self, n, kept):
        before, last = np.split(self.sample_indices_, [len(self.sample_indices_) - n])
        self.sample_indices_ = np.concatenate([before, last[kept]])

    def _generate(self, rows, label, n, rng, out):
        members = rows.members(label)
        chosen = rng.choice(members, size=n, replace=True)
        self.sample_indices_ = np.concatenate([self.sample_indices_, chosen])
        if out is None:
            return rows.Z[chosen]

        def copy(start, stop):
            part = slice(start, stop)
            np.take(rows.Z, chosen[part], axis=0, out=out[part], mode="clip")

        in_blocks(copy, n, out.shape[1])
        if self.shrinkage_ is not None:
            numeric = np.setdiff1d(np.arange(out.shape[1]), rows.nominal)
            d = len(numeric)
            n_rows = self._n_rows or len(rows.Z)
            width = (4 / ((d + 2) * n_rows)) ** (1 / (d + 4)) * self.shrinkage_[label]
            noise = rng.standard_normal((n, d))
            # all columns as a slice: adding in place, without a copy
            numeric = numeric if len(rows.nominal) else slice(None)
            with np.errstate(over="ignore", invalid="ignore"):
                noise *= width * column_std(rows.Z[members][:, numeric])
                out[:, numeric] += noise
                if not np.isfinite(out.sum()):
                    limit = np.finfo(out.dtype).max
                    np.clip(out, -limit, limit, out=out)
        return out
