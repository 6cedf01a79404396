"""ADASYN: more synthetic rows where more neighbours belong to other classes."""

import numpy as np

from .._typing import CategoricalFeatures, Constraints, Personal, SamplingStrategy, Schema, Seed
from ..base import BaseOverSampler
from ._base import CATEGORIES, NEIGHBORS, BaseNeighborSampler
from ._imblearn_draws import exact_counts, side_stream
from ._plan import Plan


class NumbaADASYN(BaseNeighborSampler):
    """Synthetic rows, more of them from rows with more neighbours of other classes.

    Like plain SMOTE, but the number of new rows that start from a row is in proportion to the share
    of other classes among its neighbours. Use it where the class is hard to separate along its
    whole border; not where labels are noisy, since mislabelled rows get the most. With float data
    and the same `random_state` it gives the rows of `imblearn.over_sampling.ADASYN`, adjusted to
    the exact count.

    Parameters
    ----------
    sampling_strategy : float, str, dict or callable, default="auto"
        As in imbalanced-learn; see `NumbaSMOTE`.
    random_state : int, RandomState instance or None, default=None
        Seed; see `NumbaSMOTE`.
    n_neighbors : int or object, default=5
        Number of neighbours, among all rows for the share and in the class for the new rows, or
        an unfitted estimator with `kneighbors` and `kneighbors_graph` (its `n_neighbors` counts
        the row itself). A class with fewer than n + 1 rows uses all its other rows, with a
        `SmallClassWarning`.
    categorical_features : {"auto"}, None or array-like, default="auto"
        Columns of categories; see `NumbaSMOTE`.
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
    n_neighbors_ : dict
        Number of neighbours used inside each class sampled.
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
    NumbaBorderlineSMOTE : Starts from rows in danger only, all equally often.
    imblearn.over_sampling.ADASYN : The same rows, slower; counts may differ from those requested.

    Notes
    -----
    With :math:`r_i` the share of other classes among the neighbours of row i, it gets
    :math:`g_i = n\\, r_i / \\sum_j r_j` of n new rows. imbalanced-learn rounds each :math:`g_i`
    to the nearest integer and returns what that sums to. Here rows rounded up most give up one
    new row, or rows rounded down most get one more (after all others), until the sum is n.

    Where no row has a neighbour of another class, imbalanced-learn raises an error. Here plain
    SMOTE makes the new rows, with a `ResamplingWarning`.

    References
    ----------
    .. [1] H. He, Y. Bai, E. A. Garcia, S. Li, "ADASYN: adaptive synthetic sampling approach for
       imbalanced learning", IEEE International Joint Conference on Neural Networks, 1322-1328,
       2008.

    Examples
    --------
    >>> from sklearn.datasets import make_classification
    >>> from skgensample import NumbaADASYN
    >>> X, y = make_classification(n_samples=1000, weights=[0.95], random_state=0)
    >>> X_res, y_res = NumbaADASYN(random_state=0).fit_resample(X, y)
    >>> int((y == 1).sum()), int((y_res == 1).sum())
    (54, 946)
    """

    _neighbor_parameters = ("n_neighbors",)
    _parameter_constraints: dict = {
        **BaseOverSampler._parameter_constraints,
        "n_neighbors": NEIGHBORS,
        "categorical_features": CATEGORIES,
    }

    def __init__(
        self,
        *,
        sampling_strategy: SamplingStrategy = "auto",
        random_state: Seed = None,
        n_neighbors: int = 5,
        categorical_features: CategoricalFeatures = "auto",
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
        self.n_neighbors = n_neighbors
        self.categorical_features = categorical_features

    def _plan(self, rows, label, n, rng):
        """Counts per base row, neighbours and steps, in imbalanced-learn's order of draws."""
        members = rows.members(label)
        foreign, k = self._count_other_classes(rows, label, members, "n_neighbors")
        table = self._nearest(rows, label, members, members, parameter="n_neighbors")
        share = foreign / k
        if not share.any():
            why = "no row has a neighbour of another class"
            return self._fall_back_to_smote(rows, label, n, rng, why)
        quota = share / np.sum(share) * n
        rounded = np.rint(quota).astype(int)
        counts = exact_counts(quota, rounded, n)
        pick, step = _sample_pairs(rounded, table, rng)
        # drop the last new row of bases with one too many, add one to bases with one too few
        kept = np.ones(len(pick), dtype=bool)
        kept[np.cumsum(rounded)[counts < rounded] - 1] = False
        more = _sample_pairs(np.maximum(counts - rounded, 0), table, side_stream(rng))
        pairs = zip((pick, step), more)
        return Plan(members, table, *(np.concatenate([a[kept], b]) for a, b in pairs))


def _sample_pairs(counts, table, rng):
    """Positions in the neighbour table, and steps, for given numbers of rows per base."""
    base_index = np.repeat(np.arange(len(counts)), counts)
    nth = rng.choice(table.shape[1], size=len(base_index))
    return base_index * table.shape[1] + nth, rng.uniform(size=len(base_index))
