"""Safe-level SMOTE: new rows stay near the safer of their two parents."""

import numpy as np

from ._base import BaseNeighborSampler
from ._plan import Plan


class SafeLevelSMOTE(BaseNeighborSampler):
    """Synthetic rows near the parent that has more neighbours of its own class.

    Use it for overlapping classes; not for a scattered class, which has no safe rows.

    Parameters
    ----------
    sampling_strategy : float, str, dict or callable, default="auto"
        As in imbalanced-learn; all parameters are those of `NumbaSMOTE`.
    random_state : int, RandomState instance or None, default=None
        Seed.
    k_neighbors : int or object, default=5
        Number of neighbours, in the class for new rows and among all rows for their safety.
    categorical_features : {"auto"}, None or array-like, default="auto"
        Columns of categories.
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
    class_counts_, sampling_strategy_ : dict
        As in `NumbaSMOTE`.
    k_neighbors_, synthetic_parents_, is_synthetic_, n_features_in_ : object
        As in `NumbaSMOTE`.

    See Also
    --------
    NumbaBorderlineSMOTE : The opposite: new rows start at the border.

    Notes
    -----
    With a and b the same-class neighbours of base and neighbour, the step is uniform on
    [0, b/a] where a > b, [1 - a/b, 1] where a < b, else [0, 1]. Where all are 0, plain SMOTE is
    used, with a warning.

    References
    ----------
    .. [1] C. Bunkhumpornpat, K. Sinapiromsaran, C. Lursinsap, "Safe-Level-SMOTE", PAKDD, 2009.

    Examples
    --------
    >>> from skgensample import SafeLevelSMOTE
    >>> SafeLevelSMOTE().fit_resample([[1], [2], [3], [4], [5]], [0, 0, 0, 1, 1])[1]
    [0, 0, 0, 1, 1, 1]
    """

    def _plan(self, rows, label, n, rng):
        members = rows.members(label)
        own = np.subtract(*self._count_other_classes(rows, label, members)[::-1])
        table = self._nearest(rows, label, members, members)
        a, b = np.repeat(own, table.shape[1]), own[np.searchsorted(members, table.ravel())]
        safe = np.flatnonzero(a + b)
        if not len(safe):
            return self._fall_back_to_smote(
                rows, label, n, rng, "no row has a neighbour of its class"
            )
        pick = safe[rng.randint(len(safe), size=n)]
        share = np.minimum(a, b)[pick] / np.maximum(a, b)[pick]
        low, high = np.where((a < b)[pick], 1 - share, 0), np.where((b < a)[pick], share, 1)
        return Plan(members, table, pick, rng.uniform(low, high), low, high)
