"""Card precision: how many compromised cards are found by checking k cards a day."""

from itertools import pairwise
from numbers import Integral
from typing import Literal, overload

import numpy as np
from sklearn.utils import assert_all_finite, check_consistent_length, check_scalar

from .._typing import FloatArray, VectorLike
from ..table import missing_cells
from ._tables import flat


@overload
def card_precision_score(
    y_true: VectorLike,
    y_score: VectorLike,
    *,
    day: VectorLike,
    card: VectorLike,
    k: int = 100,
    average: Literal[True] = True,
) -> float: ...


@overload
def card_precision_score(
    y_true: VectorLike,
    y_score: VectorLike,
    *,
    day: VectorLike,
    card: VectorLike,
    k: int = 100,
    average: Literal[False],
) -> FloatArray: ...


def card_precision_score(
    y_true: VectorLike,
    y_score: VectorLike,
    *,
    day: VectorLike,
    card: VectorLike,
    k: int = 100,
    average: bool = True,
) -> float | FloatArray:
    """Card precision at k (CP@k): fraction of compromised cards among k checked each day.

    Each day the cards are ranked by their highest score and the first `k` are checked. A checked
    card with a fraudulent transaction on that day is found, and excluded from the ranking from the
    next day on.

    Parameters
    ----------
    y_true : array-like of shape (n_samples,)
        Labels: 1 or True for a fraudulent transaction, 0 or False otherwise.
    y_score : array-like of shape (n_samples,)
        Scores, higher for riskier transactions.
    day : array-like of shape (n_samples,)
        Day of each row: integers, dates or another type that sorts in order of time.
    card : array-like of shape (n_samples,)
        Card identifier of each row.
    k : int, default=100
        Number of cards checked each day.
    average : bool, default=True
        Whether to average over the days.

    Returns
    -------
    score : float or ndarray of shape (n_days,)
        Number of found cards divided by `k`: the mean over the days that have rows, or the value
        of each such day, in order of time. In [0, 1], higher is better.

    Raises
    ------
    ValueError
        If lengths differ, a label is not 0 or 1, a score is not finite, a day or card is missing
        or `k` is below 1.

    See Also
    --------
    skgensample.model_selection.PrequentialSplit : Cross-validation used with this metric.

    Notes
    -----
    Cards with equal scores are ranked by their identifier, so that the result does not depend on
    the order of rows. The best possible value is below 1 if a day has fewer than `k` compromised
    cards.

    References
    ----------
    .. [1] Y.-A. Le Borgne, W. Siblini, B. Lebichot, G. Bontempi, "Reproducible Machine Learning
       for Credit Card Fraud Detection - Practical Handbook", Université Libre de Bruxelles, 2022.

    Examples
    --------
    >>> from skgensample.metrics import card_precision_score
    >>> card_precision_score([1, 0, 0, 1], [0.9, 0.2, 0.3, 0.8], day=[0, 0, 1, 1],
    ...                      card=["a", "b", "a", "b"], k=1)
    1.0
    """
    check_scalar(k, "k", Integral, min_val=1)
    labels, days, cards = (flat(values) for values in (y_true, day, card))
    scores = flat(y_score, dtype=np.float64)
    check_consistent_length(labels, scores, days, cards)
    if not len(labels) or not np.isin(labels, [0, 1]).all():
        raise ValueError("y_true must have at least one row, and only labels 0 and 1.")
    assert_all_finite(scores, input_name="y_score")
    for name, values in (("day", days), ("card", cards)):
        missing = missing_cells(values)
        if missing.any():
            raise ValueError(
                f"{name} is missing in row {missing.argmax()}: fill it or drop the row."
            )
    all_days, days = np.unique(days, return_inverse=True)
    all_cards, cards = np.unique(cards, return_inverse=True)
    days, cards, scores, fraud = _cards_of_days(days, cards, scores, labels == 1, len(all_cards))
    ranked = np.lexsort((cards, -scores, days))
    first = np.searchsorted(days[ranked], np.arange(len(all_days) + 1))
    found = np.zeros(len(all_cards), dtype=bool)
    hits = np.empty(len(all_days))
    for today, (start, stop) in enumerate(pairwise(first)):
        rows = ranked[start:stop]
        rows = rows[~found[cards[rows]]][:k]
        rows = rows[fraud[rows]]
        found[cards[rows]] = True
        hits[today] = len(rows)
    return float(np.mean(hits / k)) if average else hits / k


def _cards_of_days(day, card, score, fraud, n_cards):
    """Day, card, highest score and whether any row is fraudulent, for each card and day."""
    pairs, pair = np.unique(day * n_cards + card, return_inverse=True)
    highest = np.full(len(pairs), -np.inf)
    np.maximum.at(highest, pair, score)
    return pairs // n_cards, pairs % n_cards, highest, np.bincount(pair, fraud) > 0
