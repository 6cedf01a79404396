"""SMOTE: plain interpolation between a base row and one of its neighbours."""

from imblearn.over_sampling import SMOTE

from ._base import BaseNeighborSampler


class NumbaSMOTE(BaseNeighborSampler):
    """Synthetic rows on the segments between minority-class rows and their neighbours.

    For numeric and categorical columns. Each new row lies between a random row of the class and one
    of its k nearest neighbours of the same class. With float data and the same `random_state` it
    gives the rows of `imblearn.over_sampling.SMOTE`. New rows are not private: they lie on lines
    between real ones.

    Parameters
    ----------
    sampling_strategy : float, str, dict or callable, default="auto"
        As in imbalanced-learn: a float is the ratio of minority to majority rows wanted (two
        classes only); ``"minority"``, ``"not minority"``, ``"not majority"``, ``"all"``,
        ``"auto"`` (not majority) level the classes named with the largest one; a dict
        ``{label: count}`` or a callable ``y -> dict`` gives the counts wanted.
    random_state : int, RandomState instance or None, default=None
        Seed. With an int, the first class to be sampled gets imbalanced-learn's draws and each
        further class a stream of its own; a RandomState instance serves all classes in turn.
    k_neighbors : int or object, default=5
        Number of neighbours, or an unfitted estimator with `kneighbors` and `kneighbors_graph`
        (its `n_neighbors` counts the row itself). A class with fewer than k + 1 rows uses all
        its other rows, with a `SmallClassWarning`.
    categorical_features : {"auto"}, None or array-like, default="auto"
        Columns of categories: ``"auto"`` takes category, object, string and bool columns of
        frames; an array-like gives positions, names or a mask; None means that there are none.
        A differing category adds the squared median standard deviation of the class's numeric
        columns to a squared distance, and new rows get the category that most of the
        base's neighbours have (SMOTE-NC).
    category_rule : {"vote", "nearest"}, default="vote"
        Categories of a new row: those that most of the base's neighbours have, column by column
        (SMOTE-NC), or all those of the nearer parent, so that combinations are real ones.
    scale : {"standard", "quantile"} or None, default=None
        Scale of numeric columns. ``"standard"`` divides each by its standard deviation before
        distances are measured. ``"quantile"`` measures and interpolates normal scores of ranks,
        so that new values follow the column's distribution. None leaves them as they are.
    datetime_unit : {"D", "h", "min", "s", "ms", "us", "ns"} or None, default=None
        Unit in which dates and durations enter distances; None takes the column's own step, the
        longest unit that fits all its cells. New ones keep that step.
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
        Row numbers, in the given table, of base and neighbour of each new row.
    is_synthetic_ : ndarray of shape (n_samples_new,)
        Which rows of the result are new.
    n_features_in_ : int
        Number of columns.
    feature_names_in_ : ndarray of shape (n_features,)
        Column names, where a frame with text names was given.

    See Also
    --------
    imblearn.over_sampling.SMOTE : The same rows, slower.
    GANOversampler : Learns the class instead of interpolating in it.
    CTGANResampler : For tables with categories.

    Notes
    -----
    A new row is :math:`s = x_i + u (x_j - x_i)` with :math:`u` uniform on [0, 1) and
    :math:`x_j` a neighbour of :math:`x_i`. Integer columns are rounded to the nearest integer,
    bool columns stay bool. Sparse input stays sparse. Dates and durations are interpolated in
    whole steps of the column.

    Distances of rows with missing cells are taken over the columns that both have, scaled up by
    the number of columns over the number of these. A new row is missing where its base is, and
    has the base's value where the neighbour is.

    References
    ----------
    .. [1] N. V. Chawla, K. W. Bowyer, L. O. Hall, W. P. Kegelmeyer, "SMOTE: synthetic minority
       over-sampling technique", Journal of Artificial Intelligence Research 16, 321-357, 2002.

    Examples
    --------
    >>> from sklearn.datasets import make_classification
    >>> from skgensample import NumbaSMOTE
    >>> X, y = make_classification(n_samples=1000, weights=[0.95], random_state=0)
    >>> sampler = NumbaSMOTE(sampling_strategy=0.5, random_state=0)
    >>> X_res, y_res = sampler.fit_resample(X, y)
    >>> int((y == 1).sum()), int((y_res == 1).sum())
    (54, 473)
    """

    _takes_all_bases = True

    def _plan(self, rows, label, n, rng):
        """Base, neighbour and step, in imbalanced-learn's order of draws."""
        return self._smote(rows, label, n, rng)


# `SMOTEENN` and `SMOTETomek` of imbalanced-learn take instances of `SMOTE` only.
SMOTE.register(NumbaSMOTE)
