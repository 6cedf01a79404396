"""Memorisation: membership inference, closest records, copied rows and copied cells."""

from numbers import Integral, Real
from typing import Literal, NamedTuple, overload

import numpy as np
from sklearn.metrics import roc_auc_score, roc_curve
from sklearn.utils import check_random_state, check_scalar

from .._typing import FloatArray, MatrixLike, Seed
from ..search import NumbaNearestNeighbors
from ._tables import encoded_tables, mixed_points, row_keys

#: A column is continuous if at least this share of its training cells have a value of their own.
MIN_SINGLETONS = 0.1


class MembershipInference(NamedTuple):
    """Result of `membership_inference_score`."""

    auroc: float
    tpr: float


class CopyRates(NamedTuple):
    """Result of `copy_rates`."""

    rows: float
    natural_rows: float
    cells: float
    natural_cells: float


def membership_inference_score(
    X_train: MatrixLike,
    X_holdout: MatrixLike,
    X_synthetic: MatrixLike,
    *,
    max_fpr: float = 0.01,
    max_rows: int = 10_000,
    random_state: Seed = None,
) -> MembershipInference:
    """Nearest-row membership inference attack: AUROC and TPR at a low FPR; 0.5 is perfect.

    The attacker has the synthetic rows and a candidate row, and guesses that the generator was
    trained on the candidate if a synthetic row is close to it: the score of a candidate is minus
    its distance to the nearest synthetic row. Candidates are as many training as held-out rows.
    Unlike other scores, this one is the attacker's: lower is better.

    Parameters
    ----------
    X_train : {array-like, frame} of shape (n, d)
        Rows that the generator was trained on.
    X_holdout : {array-like, frame} of shape (k, d)
        Rows of the same population that it was not trained on.
    X_synthetic : {array-like, frame} of shape (m, d)
        Synthetic rows; all of them are searched.
    max_fpr : float, default=0.01
        False positive rate at which the true positive rate is taken, in (0, 1).
    max_rows : int, default=10_000
        Maximum number of candidates sampled from each of the two real tables; both samples have
        the same size.
    random_state : int, RandomState instance or None, default=None
        Seed of the subsampling.

    Returns
    -------
    result : MembershipInference
        Named tuple: `auroc`, area under the ROC curve of the attack, 0.5 for one that guesses;
        `tpr`, its true positive rate at `max_fpr`, about `max_fpr` for one that guesses. Both are
        in [0, 1], lower is better.

    Raises
    ------
    ValueError
        If the tables have different columns, or no candidate is left in one of the real tables.

    See Also
    --------
    closest_record_share : The same question asked of the synthetic rows.
    copy_rates : Exact copies of rows and cells.

    Notes
    -----
    A held-out row that equals a training row is as good as trained on, and is no candidate; nor
    is, so that both samples stay comparable, a training row that equals another one. Ties count
    half in the AUROC, and the ROC curve is interpolated between thresholds.

    Distances as in `alpha_precision_score`, with the range of all real rows as the scale. An
    average over rows hides the few that are exposed: the true positive rate at a low false
    positive rate is what an attacker can be sure of [2]_. An AUROC of 0.5 says that this attack
    fails, not that every attack does.

    References
    ----------
    .. [1] J. Hayes, L. Melis, G. Danezis, E. De Cristofaro, "LOGAN: Membership inference attacks
       against generative models", PoPETs 2019, arXiv 1705.07663.
    .. [2] N. Carlini, S. Chien, M. Nasr, S. Song, A. Terzis, F. Tramèr, "Membership inference
       attacks from first principles", IEEE S&P 2022, arXiv 2112.03570.

    Examples
    --------
    >>> import numpy as np
    >>> from skgensample.metrics import membership_inference_score
    >>> train, holdout = np.random.RandomState(0).rand(2, 200, 3)
    >>> membership_inference_score(train, holdout, train + 1e-9)
    MembershipInference(auroc=1.0, tpr=1.0)
    """
    check_scalar(max_fpr, "max_fpr", Real, min_val=0, max_val=1, include_boundaries="neither")
    check_scalar(max_rows, "max_rows", Integral, min_val=1)
    rng = check_random_state(random_state)
    tables, columns = encoded_tables(X_train, X_holdout, X_synthetic)
    candidates = _candidates(*tables[:2])
    points, nominal = mixed_points(tables, columns, n_scale=2)
    n = min(max_rows, *map(len, candidates))
    rows = [Z[rng.permutation(own)[:n]] for Z, own in zip(points, candidates)]
    scores = -_nearest(np.concatenate(rows), points[2], nominal)
    member = np.repeat([1, 0], n)
    fpr, tpr, _ = roc_curve(member, scores, drop_intermediate=False)
    at = np.searchsorted(fpr, max_fpr, side="right") + np.array([-1, 0])
    return MembershipInference(
        float(roc_auc_score(member, scores)), float(np.interp(max_fpr, fpr[at], tpr[at]))
    )


def _candidates(train, holdout):
    """Training rows that occur once in the training rows, and held-out rows that do not."""
    members, others = row_keys(train), row_keys(holdout)
    counts = dict.fromkeys(others, 0)
    for key in members:
        counts[key] = counts.get(key, 0) + 1
    found = [
        np.flatnonzero([counts[key] == n for key in keys])
        for keys, n in ((members, 1), (others, 0))
    ]
    for rows, reason in zip(
        found, ("Every training row equals another one", "Every held-out row equals a training row")
    ):
        if not len(rows):
            raise ValueError(
                f"{reason}, so that no candidate is left: give more rows, or more of the columns "
                "that tell rows apart."
            )
    return found


def _nearest(queries, rows, nominal):
    """Distance of each query to its nearest row."""
    search = NumbaNearestNeighbors(
        1, metric="mixed", categorical_features=nominal, category_weight=1.0
    )
    return search.fit(rows).kneighbors(queries)[0][:, 0]


def closest_record_share(
    X_train: MatrixLike,
    X_holdout: MatrixLike,
    X_synthetic: MatrixLike,
    *,
    max_rows: int = 10_000,
    random_state: Seed = None,
) -> float:
    """Share of synthetic rows closer to a training row than to any held-out row; 0.5 is perfect.

    Training and held-out rows are equally many, so that a synthetic row that knows neither is as
    often close to the one as to the other. Ties count half.

    Parameters
    ----------
    X_train : {array-like, frame} of shape (n, d)
        Rows that the generator was trained on.
    X_holdout : {array-like, frame} of shape (k, d)
        Rows of the same population that it was not trained on.
    X_synthetic : {array-like, frame} of shape (m, d)
        Synthetic rows.
    max_rows : int, default=10_000
        Maximum number of synthetic rows sampled.
    random_state : int, RandomState instance or None, default=None
        Seed of the subsampling.

    Returns
    -------
    share : float
        Share in [0, 1]. Above 0.5, synthetic rows are drawn to the training rows; 1 if each is
        closer to one of them. Lower is better, down to 0.5.

    Raises
    ------
    ValueError
        If the tables have different columns.

    See Also
    --------
    membership_inference_score : The same question asked of the real rows.
    copy_rates : Exact copies of rows and cells.

    Notes
    -----
    Known as DCR share, from distance to closest record; the design with a held-out table of equal
    size is that of [1]_. The larger of the two real tables is sampled to the size of the smaller
    one, rows that repeat others of their table are left out, and what is left of the two is made
    equal again: halves that repeat rows unequally would differ in how densely they lie.

    Distances as in `alpha_precision_score`, with the range of all real rows
    as the scale. With a held-out table that is much smaller than the training table, most rows
    that could have been memorised are not looked at: hold out half of the rows for the clearest
    answer.

    References
    ----------
    .. [1] M. Platzer, T. Reutterer, "Holdout-based empirical assessment of mixed-type synthetic
       data", Frontiers in Big Data 2021, arXiv 2104.00635.

    Examples
    --------
    >>> import numpy as np
    >>> from skgensample.metrics import closest_record_share
    >>> train, holdout = np.random.RandomState(0).rand(2, 200, 3)
    >>> closest_record_share(train, holdout, train + 1e-9)
    1.0
    """
    check_scalar(max_rows, "max_rows", Integral, min_val=1)
    rng = check_random_state(random_state)
    tables, columns = encoded_tables(X_train, X_holdout, X_synthetic)
    points, nominal = mixed_points(tables, columns, n_scale=2)
    real = [Z[rows] for Z, rows in zip(points, _equally_many(tables[:2], rng))]
    synthetic = points[2][rng.permutation(len(points[2]))[:max_rows]]
    own, other = (_nearest(synthetic, rows, nominal) for rows in real)
    tied = np.isclose(own, other, rtol=1e-9, atol=0.0)
    return float(np.mean(np.where(tied, 0.5, own < other)))


def _equally_many(tables, rng):
    """As many random rows of each table, those that repeat others of their table left out."""
    n = min(map(len, tables))
    picked = [rng.permutation(len(Z))[:n] for Z in tables]
    different = [
        np.array(list(dict(zip(row_keys(Z[rows]), rows)).values()))
        for Z, rows in zip(tables, picked)
    ]
    n = min(map(len, different))
    return [rng.permutation(rows)[:n] for rows in different]


@overload
def cell_copy_rate(
    X_train: MatrixLike, X_synthetic: MatrixLike, *, average: Literal[True] = True
) -> float: ...


@overload
def cell_copy_rate(
    X_train: MatrixLike, X_synthetic: MatrixLike, *, average: Literal[False]
) -> FloatArray: ...


def cell_copy_rate(
    X_train: MatrixLike, X_synthetic: MatrixLike, *, average: bool = True
) -> float | FloatArray:
    """Fraction of synthetic cells of continuous columns that equal a training cell.

    Parameters
    ----------
    X_train, X_synthetic : {array-like, frame} of shape (n, d) and (m, d)
        Tables of the same kind and columns.
    average : bool, default=True
        Whether to average over the continuous columns.

    Returns
    -------
    rate : float or ndarray of shape (d,)
        Mean fraction, or the fraction of each column, in [0, 1]; NaN for a column that is not
        continuous, and for a table without such columns. Missing cells do not count. Lower is
        better, but no lower than the rate of held-out rows: see Notes.

    Raises
    ------
    ValueError
        If the tables have different columns.

    See Also
    --------
    copy_rates : The same next to the rate of held-out rows.
    exact_copy_rate : Whole rows.

    Notes
    -----
    A column of numbers or times is continuous if at least a tenth of its training cells have a
    value that no other training cell has. This proportion estimates the probability that the next
    real cell is new [1]_, so in all other columns real cells are copies nine times in ten. Amounts
    and counts repeat in continuous columns, too: compare with the rate of held-out real rows.

    References
    ----------
    .. [1] I. J. Good, "The population frequencies of species and the estimation of population
       parameters", Biometrika 1953.

    Examples
    --------
    >>> import numpy as np
    >>> from skgensample.metrics import cell_copy_rate
    >>> cell_copy_rate([[0.1], [0.2], [0.3]], [[0.2], [0.25]])
    0.5
    """
    (train, synthetic), columns = encoded_tables(X_train, X_synthetic)
    rates = np.array([_cell_copies(train[:, c.index], synthetic[:, c.index], c) for c in columns])
    return _mean_of_known(rates) if average else rates


def _cell_copies(train, synthetic, column):
    """Fraction of known cells that equal a training cell; NaN for a column that does not count."""
    train, synthetic = train[~np.isnan(train)], synthetic[~np.isnan(synthetic)]
    if column.n_levels or not len(synthetic):
        return np.nan
    values, counts = np.unique(train, return_counts=True)
    if (counts == 1).sum() < MIN_SINGLETONS * len(train) or not len(train):
        return np.nan
    return np.isin(synthetic, values).mean()


def _mean_of_known(rates):
    """Mean of the rates that are not NaN; NaN if there is none."""
    known = rates[~np.isnan(rates)]
    return float(known.mean()) if len(known) else float("nan")


def copy_rates(X_train: MatrixLike, X_holdout: MatrixLike, X_synthetic: MatrixLike) -> CopyRates:
    """Copies of training rows and cells, next to the natural rates: those of held-out rows.

    Parameters
    ----------
    X_train : {array-like, frame} of shape (n, d)
        Rows that the generator was trained on.
    X_holdout : {array-like, frame} of shape (k, d)
        Rows of the same population that it was not trained on.
    X_synthetic : {array-like, frame} of shape (m, d)
        Synthetic rows.

    Returns
    -------
    rates : CopyRates
        Named tuple of four fractions in [0, 1]. `rows`: synthetic rows that equal a training row;
        `natural_rows`: held-out rows that do; `cells`: synthetic cells of continuous columns that
        equal a training cell of their column, mean over the columns; `natural_cells`: held-out
        cells that do. The last two are NaN if no column is continuous.

    Raises
    ------
    ValueError
        If the tables have different columns.

    See Also
    --------
    exact_copy_rate : The first of the four.
    cell_copy_rate : The third of the four, also for each column.

    Notes
    -----
    Copies are a sign of memorisation only as far as they are more frequent than natural. Noise of
    any size hides them from this count, but not from `closest_record_share` and
    `membership_inference_score`.

    Examples
    --------
    >>> import numpy as np
    >>> from skgensample.metrics import copy_rates
    >>> train, holdout = np.arange(8.0).reshape(4, 2), np.array([[0.0, 1.0], [2.0, 9.0]])
    >>> copy_rates(train, holdout, train)
    CopyRates(rows=1.0, natural_rows=0.5, cells=1.0, natural_cells=0.75)
    """
    (train, *others), columns = encoded_tables(X_train, X_holdout, X_synthetic)
    seen = set(row_keys(train))
    natural_rows, rows = (float(np.mean([key in seen for key in row_keys(Z)])) for Z in others)
    rates = [
        np.array([_cell_copies(train[:, c.index], Z[:, c.index], c) for c in columns])
        for Z in others
    ]
    # a column counts if both tables have cells of it
    known = np.where(np.isnan(rates).any(axis=0), np.nan, rates)
    return CopyRates(rows, natural_rows, *(_mean_of_known(rate) for rate in known[::-1]))
