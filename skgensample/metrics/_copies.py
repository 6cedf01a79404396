"""Copies: rows and cells of continuous columns that equal training ones."""

from typing import Literal, NamedTuple, overload

import numpy as np

from .._typing import FloatArray, MatrixLike
from ._tables import encoded_tables, row_keys

#: A column is continuous if at least this share of its training cells have a value of their own.
MIN_SINGLETONS = 0.1


class CopyRates(NamedTuple):
    """Result of `copy_rates`."""

    rows: float
    natural_rows: float
    cells: float
    natural_cells: float


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
    return copy_rates_of_tables(*encoded_tables(X_train, X_holdout, X_synthetic))


def copy_rates_of_tables(tables, columns):
    """`copy_rates` of encoded tables."""
    train, *others = tables
    seen = set(row_keys(train))
    natural_rows, rows = (float(np.mean([key in seen for key in row_keys(Z)])) for Z in others)
    rates = [
        np.array([_cell_copies(train[:, c.index], Z[:, c.index], c) for c in columns])
        for Z in others
    ]
    # a column counts if both tables have cells of it
    known = np.where(np.isnan(rates).any(axis=0), np.nan, rates)
    return CopyRates(rows, natural_rows, *(_mean_of_known(rate) for rate in known[::-1]))
