"""Fidelity of synthetic rows: column distributions, pairs of columns, two-sample test."""

from itertools import combinations
from numbers import Integral
from typing import Literal, overload

import numpy as np
from scipy.stats import ks_2samp, rankdata
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.metrics import roc_auc_score
from sklearn.model_selection import StratifiedKFold, cross_val_predict
from sklearn.utils import check_random_state, check_scalar

from .._typing import FloatArray, MatrixLike, Seed
from ._tables import encoded_pair

#: The boosted trees treat categorical columns with more levels as numeric.
MAX_SPLIT_LEVELS = 255

#: `c2st_auroc` shows differences of pairs of columns with a larger absolute correlation, and of no
#: more pairs than this.
MIN_CORRELATION, MAX_DIFFERENCES = 0.5, 500


@overload
def column_density_error(
    X_real: MatrixLike, X_synthetic: MatrixLike, *, average: Literal[True] = True
) -> float: ...


@overload
def column_density_error(
    X_real: MatrixLike, X_synthetic: MatrixLike, *, average: Literal[False]
) -> FloatArray: ...


def column_density_error(
    X_real: MatrixLike, X_synthetic: MatrixLike, *, average: bool = True
) -> float | FloatArray:
    """Distance between the marginal distributions of two tables; 0 is perfect, 1 is disjoint.

    Kolmogorov-Smirnov distance for numeric columns, total variation distance for categorical
    and binary columns, averaged over the columns.

    Parameters
    ----------
    X_real, X_synthetic : {array-like, frame} of shape (n, d) and (m, d)
        Tables of the same kind and columns.
    average : bool, default=True
        Whether to average over the columns.

    Returns
    -------
    error : float or ndarray of shape (d,)
        Mean distance, or the distance of each column, in [0, 1]. Lower is better.

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
    column shapes. It does not measure dependence between columns: sampling each column
    independently reaches 0. Missing cells count as one more level, or as the lowest number.

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
    """KS distance of a numeric column, TV distance of a categorical or binary one."""
    if not column.n_levels:
        return ks_2samp(real, synthetic, method="asymp").statistic
    return _total_variation(real.astype(int), synthetic.astype(int), column.n_levels)


def _total_variation(real, synthetic, n_cells):
    """Half the sum of absolute differences of frequencies."""
    real, synthetic = (
        np.bincount(part, minlength=n_cells) / len(part) for part in (real, synthetic)
    )
    return 0.5 * np.abs(real - synthetic).sum()


@overload
def pair_error(
    X_real: MatrixLike, X_synthetic: MatrixLike, *, n_bins: int = 10, average: Literal[True] = True
) -> float: ...


@overload
def pair_error(
    X_real: MatrixLike, X_synthetic: MatrixLike, *, n_bins: int = 10, average: Literal[False]
) -> FloatArray: ...


def pair_error(
    X_real: MatrixLike, X_synthetic: MatrixLike, *, n_bins: int = 10, average: bool = True
) -> float | FloatArray:
    """Difference in pairwise dependence between two tables; 0 is perfect, 1 the worst.

    For two numeric columns half the absolute difference of their Spearman correlations; for any
    other pair the total variation distance of their contingency tables, numeric columns binned at
    quantiles of the real rows.

    Parameters
    ----------
    X_real, X_synthetic : {array-like, frame} of shape (n, d) and (m, d)
        Tables of the same kind and columns, with at least two columns.
    n_bins : int, default=10
        Number of bins of a numeric column that is paired with a categorical or binary one.
    average : bool, default=True
        Whether to average over the pairs.

    Returns
    -------
    error : float or ndarray of shape (d, d)
        Mean over the pairs, or a symmetric matrix with a zero diagonal, in [0, 1]. Lower is
        better.

    Raises
    ------
    ValueError
        If the tables have different columns or fewer than two.

    See Also
    --------
    column_density_error : The same for single columns.

    Notes
    -----
    Two samples of one distribution do not reach 0, because contingency tables with many cells
    differ from sample to sample: report the error of held-out real rows next to it. Rank
    correlation detects monotone dependence only. A constant column counts as uncorrelated with
    all others, a missing number as the lowest value.

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
        raise ValueError("A pair needs two columns, but the tables have one: add columns.")
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
    """Spearman correlation matrix; 0 for a constant column."""
    ranks = rankdata(Z, axis=0)
    ranks -= ranks.mean(axis=0)
    length = np.sqrt((ranks**2).sum(axis=0))
    return ranks.T @ ranks / np.maximum(length[:, None] * length, 1e-300)


def _cells(pair, column, n_bins):
    """Bin or level of every row in one column, real rows first, and the number of bins."""
    parts = [Z[:, column.index] for Z in pair.lowered()]
    values = np.concatenate(parts)
    if column.n_levels:
        return values.astype(np.int64), column.n_levels
    levels = np.arange(1, n_bins) / n_bins
    edges = np.unique(np.quantile(parts[0], levels, method="higher"))
    return np.searchsorted(edges, values, side="left"), len(edges) + 1


def c2st_auroc(
    X_real: MatrixLike,
    X_synthetic: MatrixLike,
    *,
    differences: bool = False,
    n_splits: int = 5,
    max_rows: int = 10_000,
    random_state: Seed = None,
) -> float:
    """Classifier two-sample test (C2ST): AUROC of synthetic against real rows, 0.5 is perfect.

    Boosted trees are trained to distinguish the two tables and scored by cross-validation. They
    detect differences in marginals and dependence, spikes and impossible combinations.

    Parameters
    ----------
    X_real, X_synthetic : {array-like, frame} of shape (n, d) and (m, d)
        Tables of the same kind and columns. Use real rows that the generator was not trained on.
    differences : bool, default=False
        Whether the classifier is also shown the differences of related numeric columns: a harder
        test, see Notes.
    n_splits : int, default=5
        Folds of the cross-validation.
    max_rows : int, default=10_000
        Maximum number of rows sampled from each table; both samples have the same size.
    random_state : int, RandomState instance or None, default=None
        Seed of the subsampling, the folds and the trees.

    Returns
    -------
    auroc : float
        Area under the ROC curve of the held-out predictions; 0.5 for indistinguishable tables,
        1.0 for perfectly separable ones. Lower is better.

    Raises
    ------
    ValueError
        If the tables have different columns, or fewer rows than folds.

    See Also
    --------
    tstr_score : Utility of synthetic rows as training data.

    Notes
    -----
    The value depends on the number of rows, since more rows reveal smaller differences: compare
    only values of equal numbers of rows. Copies of training rows are perfect by this measure: see
    `exact_copy_rate`.

    Trees split on one column at a time and hardly see that two columns are nearly equal, or differ
    by a round amount. With `differences` they do: the difference of each pair of columns of numbers
    or times is added whose absolute correlation in the real rows is above 0.5, by Pearson, which
    finds linear relations, or by Spearman, which finds those that outliers hide. If there are more
    than 500 such pairs, these are the 500 with the highest correlation.

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
        raise ValueError(
            f"{n_splits} folds need as many rows of each table, one has {n}: reduce n_splits."
        )
    parts = [Z[rng.permutation(len(Z))[:n]] for Z in (pair.real, pair.synthetic)]
    seeds = rng.randint(2**31 - 1, size=2).tolist()
    folds = StratifiedKFold(n_splits, shuffle=True, random_state=seeds[0])
    origin = np.repeat([0, 1], n)
    Z = np.concatenate(parts)
    related = _related_pairs(pair) if differences else []
    model = boosted_trees(pair.columns, random_state=seeds[1], n_more=len(related))
    with np.errstate(over="ignore"):
        Z = np.column_stack([Z, *(Z[:, i] - Z[:, j] for i, j in related)])
    proba = cross_val_predict(model, Z, origin, cv=folds, method="predict_proba")
    return float(roc_auc_score(origin, proba[:, 1]))


def _related_pairs(pair):
    """Pairs of numeric columns that correlate in the real rows, the closest ones first."""
    numeric = np.flatnonzero(~pair.categorical)
    Z = pair.real[:, numeric]
    ranks = rankdata(Z, axis=0, nan_policy="omit")
    strength = np.maximum(_correlations(Z), _correlations(ranks))
    i, j = np.nonzero(np.triu(strength > MIN_CORRELATION, k=1))
    order = np.argsort(-strength[i, j], kind="stable")[:MAX_DIFFERENCES]
    return list(zip(numeric[i[order]], numeric[j[order]]))


def _correlations(Z):
    """Absolute Pearson correlations; a missing cell counts as the mean of its column."""
    known = ~np.isnan(Z)
    Z = np.where(known, Z, 0.0)
    Z /= np.maximum(np.abs(Z).max(axis=0), 1e-300)  # no overflow of sums and squares
    Z = np.where(known, Z - Z.sum(axis=0) / np.maximum(known.sum(axis=0), 1), 0.0)
    length = np.sqrt((Z**2).sum(axis=0))
    # a constant column has a length that is rounding error alone
    Z /= np.where(length > 1e-9 * np.sqrt(len(Z)), length, np.inf)
    return np.abs(Z.T @ Z)


class BoostedTrees(HistGradientBoostingClassifier):
    """Histogram boosted trees that also take columns without any value in the training rows."""

    def fit(self, X, y, sample_weight=None):
        """Fit; a column of missing cells alone is constant, and scikit-learn cannot bin it."""
        return super().fit(np.where(np.isnan(X).all(axis=0), 0.0, X), y, sample_weight)


def boosted_trees(columns, random_state, n_more=0):
    """Histogram gradient boosting for encoded rows, with native categorical splits.

    `n_more` numeric columns follow those that are described.
    """
    split = [c.kind == "categorical" and c.n_levels <= MAX_SPLIT_LEVELS for c in columns]
    return BoostedTrees(categorical_features=split + n_more * [False], random_state=random_state)
