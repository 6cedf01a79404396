"""How close synthetic rows are to real ones: columns, pairs of columns, whole rows."""

from itertools import combinations
from numbers import Integral

import numpy as np
from scipy.stats import ks_2samp, rankdata
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.metrics import roc_auc_score
from sklearn.model_selection import StratifiedKFold, cross_val_predict
from sklearn.utils import check_random_state, check_scalar

from ._tables import encoded_pair

#: Categories with more levels are split as numbers by the boosted trees.
MAX_SPLIT_LEVELS = 255


def column_density_error(X_real, X_synthetic, *, average=True):
    """Distance between the one-column distributions of two tables; 0 is perfect, 1 disjoint.

    Kolmogorov-Smirnov distance for numeric columns, total variation distance for categories
    and flags, averaged over the columns.

    Parameters
    ----------
    X_real, X_synthetic : {array-like, frame} of shape (n, d) and (m, d)
        Tables of the same kind and columns.
    average : bool, default=True
        Whether to average over the columns.

    Returns
    -------
    error : float or ndarray of shape (d,)
        Mean distance, or the distance of each column. Lower is better.

    Raises
    ------
    ValueError
        If the tables have different columns.

    See Also
    --------
    pair_error : The same for pairs of columns.

    Notes
    -----
    One minus this value is the mean of the KS and TV complements that other tools report as
    column shapes. It says nothing about dependence between columns: independent draws of each
    column reach 0. Missing cells count as one more level, or as the lowest number.

    Examples
    --------
    >>> import numpy as np
    >>> from skgensample.metrics import column_density_error
    >>> X = np.arange(10.0).reshape(-1, 1)
    >>> column_density_error(X, X + 5)
    0.5
    """
    pair = encoded_pair(X_real, X_synthetic)
    real, synthetic = pair.lowered()
    errors = np.array([_distance(real[:, c.index], synthetic[:, c.index], c) for c in pair.columns])
    return float(errors.mean()) if average else errors


def _distance(real, synthetic, column):
    """KS distance of numbers, TV distance of codes."""
    if not column.n_levels:
        return ks_2samp(real, synthetic, method="asymp").statistic
    return _total_variation(real.astype(int), synthetic.astype(int), column.n_levels)


def _total_variation(real, synthetic, n_cells):
    """Half the sum of the differences of shares."""
    shares = [np.bincount(cells, minlength=n_cells) / len(cells) for cells in (real, synthetic)]
    return 0.5 * np.abs(shares[0] - shares[1]).sum()


def pair_error(X_real, X_synthetic, *, n_bins=10, average=True):
    """How differently two tables' columns go together, pair by pair; 0 is perfect, at most 1.

    For two columns of numbers half the difference of their rank correlations; for any other
    pair the total variation distance of their two-way tables, numbers cut at the quantiles of
    the real rows.

    Parameters
    ----------
    X_real, X_synthetic : {array-like, frame} of shape (n, d) and (m, d)
        Tables of the same kind and columns, two at least.
    n_bins : int, default=10
        Intervals into which numbers are cut beside a category or flag.
    average : bool, default=True
        Whether to average over the pairs.

    Returns
    -------
    error : float or ndarray of shape (d, d)
        Mean over the pairs, or a symmetric matrix with zeros on its diagonal. Lower is better.

    Raises
    ------
    ValueError
        If the tables have different columns or fewer than two.

    See Also
    --------
    column_density_error : The same for single columns.

    Notes
    -----
    Two samples of one distribution do not reach 0: a two-way table of many cells differs from
    sample to sample. Print the error of real rows that no model has seen beside it. A rank
    correlation sees rising and falling dependence only. A column of one value is taken to be
    uncorrelated with all others, a missing number to be the lowest.

    Examples
    --------
    >>> import numpy as np
    >>> from skgensample.metrics import pair_error
    >>> x = np.arange(10.0)
    >>> round(pair_error(np.column_stack([x, x]), np.column_stack([x, -x])), 3)
    1.0
    """
    check_scalar(n_bins, "n_bins", Integral, min_val=2)
    pair = encoded_pair(X_real, X_synthetic)
    d = len(pair.columns)
    if d < 2:
        raise ValueError("A pair needs two columns, the tables have one.")
    correlations = [_rank_correlations(Z) for Z in pair.lowered()]
    errors = np.abs(correlations[0] - correlations[1]) / 2
    cells, n_cells = zip(*[_cells(pair, column, n_bins) for column in pair.columns])
    split = len(pair.real)
    for i, j in combinations(range(d), 2):
        if pair.categorical[i] or pair.categorical[j]:
            both = cells[i] * n_cells[j] + cells[j]
            errors[i, j] = _total_variation(both[:split], both[split:], n_cells[i] * n_cells[j])
            errors[j, i] = errors[i, j]
    np.fill_diagonal(errors, 0.0)
    return float(errors.sum() / (d * (d - 1))) if average else errors


def _rank_correlations(Z):
    """Spearman's correlations; 0 for a column of one value."""
    ranks = rankdata(Z, axis=0)
    ranks -= ranks.mean(axis=0)
    length = np.sqrt((ranks**2).sum(axis=0))
    return ranks.T @ ranks / np.maximum(length[:, None] * length, 1e-300)


def _cells(pair, column, n_bins):
    """Cell of every row, real ones first, in one column, and the number of its cells."""
    parts = [Z[:, column.index] for Z in pair.lowered()]
    values = np.concatenate(parts)
    if column.n_levels:
        return values.astype(np.int64), column.n_levels
    shares = np.arange(1, n_bins) / n_bins
    edges = np.unique(np.quantile(parts[0], shares, method="higher"))
    return np.searchsorted(edges, values, side="left"), len(edges) + 1


def c2st_auroc(X_real, X_synthetic, *, n_splits=5, max_rows=10_000, random_state=None):
    """How well a classifier tells synthetic rows from real ones: AUROC, 0.5 is perfect.

    A classifier two-sample test: boosted trees are trained to tell the two tables apart and
    scored on rows left out. It sees whatever trees can see: single columns, dependence, spikes,
    impossible combinations.

    Parameters
    ----------
    X_real, X_synthetic : {array-like, frame} of shape (n, d) and (m, d)
        Tables of the same kind and columns. Take real rows that the model was not trained on.
    n_splits : int, default=5
        Folds of the cross-validation.
    max_rows : int, default=10_000
        Rows drawn from each table at most; as many from the one as from the other.
    random_state : int, RandomState instance or None, default=None
        Seed of the rows drawn, the folds and the trees.

    Returns
    -------
    auroc : float
        Area under the ROC curve of the rows left out; 0.5 for tables that cannot be told apart,
        1.0 for tables that always can. Lower is better.

    Raises
    ------
    ValueError
        If the tables have different columns, or fewer rows than folds.

    See Also
    --------
    tstr_score : What synthetic rows are worth as training data.

    Notes
    -----
    The value depends on the number of rows: more rows tell smaller differences apart. Compare
    values of equal numbers of rows only. Copies of training rows are perfect by this measure: see
    `exact_copy_rate`.

    References
    ----------
    .. [1] D. Lopez-Paz, M. Oquab, "Revisiting classifier two-sample tests", ICLR 2017,
       arXiv 1610.06545.

    Examples
    --------
    >>> import numpy as np
    >>> from skgensample.metrics import c2st_auroc
    >>> X = np.random.RandomState(0).rand(200, 2)
    >>> round(c2st_auroc(X, X + 1, random_state=0), 1)
    1.0
    """
    check_scalar(n_splits, "n_splits", Integral, min_val=2)
    check_scalar(max_rows, "max_rows", Integral, min_val=2)
    rng = check_random_state(random_state)
    pair = encoded_pair(X_real, X_synthetic)
    n = min(len(pair.real), len(pair.synthetic), max_rows)
    if n < n_splits:
        raise ValueError(f"{n_splits} folds need as many rows of each table, one has {n}.")
    parts = [Z[rng.permutation(len(Z))[:n]] for Z in (pair.real, pair.synthetic)]
    seeds = rng.randint(2**31 - 1, size=2).tolist()
    folds = StratifiedKFold(n_splits, shuffle=True, random_state=seeds[0])
    origin = np.repeat([0, 1], n)
    model = boosted_trees(pair.columns, random_state=seeds[1])
    said = cross_val_predict(model, np.concatenate(parts), origin, cv=folds, method="predict_proba")
    return float(roc_auc_score(origin, said[:, 1]))


class BoostedTrees(HistGradientBoostingClassifier):
    """Histogram boosted trees that also take columns without any value in the training rows."""

    def fit(self, X, y, sample_weight=None):
        """Fit; a column of missing cells alone is constant, and scikit-learn cannot bin it."""
        return super().fit(np.where(np.isnan(X).all(axis=0), 0.0, X), y, sample_weight)


def boosted_trees(columns, random_state):
    """Boosted trees for encoded rows, categories split by level."""
    split = [c.kind == "categorical" and c.n_levels <= MAX_SPLIT_LEVELS for c in columns]
    return BoostedTrees(categorical_features=split, random_state=random_state)
