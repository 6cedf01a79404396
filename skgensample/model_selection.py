"""Prequential cross-validation for fraud detection: train, wait for labels, test."""

import warnings
from collections.abc import Iterator
from inspect import signature
from numbers import Integral, Number
from typing import Any

import numpy as np
from sklearn.model_selection import BaseCrossValidator
from sklearn.utils import check_scalar

from ._suggestions import did_you_mean
from ._typing import IntArray, Label, MatrixLike, VectorLike
from .exceptions import ResamplingWarning

__all__ = ["PrequentialSplit"]

#: Numbers are days; ones that span more than this, two centuries, are likely to be seconds.
MAX_DAYS = 73_050


class PrequentialSplit(BaseCrossValidator):
    """Prequential cross-validator: train on some days, wait for their labels, test afterwards.

    Each fold is `step_days` earlier than the previous one. Cards that are known on a test day to
    be compromised are excluded from that day, because detecting them again has no value.

    Parameters
    ----------
    n_splits : int, default=4
        Number of folds.
    train_days : int, default=7
        Length of the training window in days.
    delay_days : int, default=7
        Days between the training and test window, after which labels are known.
    test_days : int, default=7
        Length of the test window in days.
    step_days : int, default=7
        Number of days between the starts of consecutive folds.
    start : str, date or number, default=None
        First training day of the first fold, which is the latest. By default its last test day is
        the last day of the data.
    time : str or array-like of shape (n_samples,), default="TX_DATETIME"
        Time of each row, or the name of the column of `X` that holds it. Datetimes, or numbers
        of days: seconds are converted by ``pd.to_datetime(time, unit="s")`` or divided by 86,400.
    card : str, array-like of shape (n_samples,) or None, default="CUSTOMER_ID"
        Card identifier of each row, or the name of a column of `X`. None excludes no card.
    pos_label : int, str or bool, default=1
        Label of fraudulent transactions in `y`.

    See Also
    --------
    skgensample.metrics.card_precision_score : Metric used with these folds.
    sklearn.model_selection.TimeSeriesSplit : Folds by number of rows, with a gap.

    Notes
    -----
    A card is known on test day `T` to be compromised if it had a fraudulent transaction between
    the first training day and day ``T - delay_days - 1``, inclusive.

    With arrays as `time` and `card`, `X` needs to contain only features. Nested cross-validation
    splits subsets of `X` and therefore needs column names; the model must drop these columns.

    References
    ----------
    .. [1] Y.-A. Le Borgne, W. Siblini, B. Lebichot, G. Bontempi, "Reproducible Machine Learning
       for Credit Card Fraud Detection - Practical Handbook", Université Libre de Bruxelles, 2022.

    Examples
    --------
    >>> import numpy as np
    >>> from skgensample.model_selection import PrequentialSplit
    >>> day = np.arange(28)
    >>> cv = PrequentialSplit(n_splits=2, time=day, card=None)
    >>> [(day[train].min(), day[test].min()) for train, test in cv.split(day.reshape(-1, 1))]
    [(np.int64(7), np.int64(21)), (np.int64(0), np.int64(14))]
    """

    # Requests groups: otherwise scikit-learn's metadata routing would not pass them.
    __metadata_request__split = {"groups": True}

    def __init__(
        self,
        n_splits: int = 4,
        *,
        train_days: int = 7,
        delay_days: int = 7,
        test_days: int = 7,
        step_days: int = 7,
        start: Any = None,
        time: str | VectorLike = "TX_DATETIME",
        card: str | VectorLike | None = "CUSTOMER_ID",
        pos_label: Label = 1,
    ) -> None:
        self.n_splits = n_splits
        self.train_days = train_days
        self.delay_days = delay_days
        self.test_days = test_days
        self.step_days = step_days
        self.start = start
        self.time = time
        self.card = card
        self.pos_label = pos_label

    def get_n_splits(self, X: object = None, y: object = None, groups: object = None) -> int:
        """Return the number of folds.

        Parameters
        ----------
        X, y, groups : object, default=None
            Ignored.

        Returns
        -------
        n_splits : int
            Number of folds.
        """
        return self.n_splits

    def split(
        self, X: MatrixLike, y: VectorLike | None = None, groups: object = None
    ) -> Iterator[tuple[IntArray, IntArray]]:
        """Generate row numbers of training and test sets, latest fold first.

        Parameters
        ----------
        X : {array-like, DataFrame} of shape (n_samples, n_features)
            Rows in any order.
        y : array-like of shape (n_samples,), default=None
            Labels; required unless `card` is None.
        groups : array-like of shape (n_samples,), default=None
            Card identifier of each row; overrides `card`.

        Yields
        ------
        train, test : ndarray of int
            Row numbers, ascending.

        Raises
        ------
        ValueError
            If a column is not there, lengths differ, a time is missing, numbers span more than
            two centuries of days, the days do not suffice or a fold has no row.

        Warns
        -----
        ResamplingWarning
            If the training or test rows of a fold have no row with `pos_label`, and `y` has some.
        """
        self._check_numbers()
        time = _days(_column(X, self.time, "time"))
        _check_span(time)
        card = _column(X, self.card, "card") if groups is None else np.asarray(groups)
        _check_lengths(X, time=time, card=card, y=y)
        starts = self._starts(time)
        day = time.astype(np.int64)
        if card is not None:
            fraud = self._fraud_rows(y)
            code = _codes(card)
        for fold, start in enumerate(starts):
            test_start = start + self.train_days + self.delay_days
            train = (day >= start) & (day < start + self.train_days)
            test = (day >= test_start) & (day < test_start + self.test_days)
            if card is not None:
                found = _first_days(code, fraud[day[fraud] >= start], day)
                test &= found[code] + self.delay_days >= day
            if not (train.any() and test.any()):
                raise ValueError(f"Fold {fold} has no row to {'test' if train.any() else 'train'}.")
            self._warn_without_positives(y, fold, train=train, test=test)
            yield np.flatnonzero(train), np.flatnonzero(test)

    def _check_numbers(self):
        """Raise unless the numbers of folds and days are integers above their minimum."""
        least = {"n_splits": 1, "train_days": 1, "delay_days": 0, "test_days": 1, "step_days": 1}
        for name, value in least.items():
            check_scalar(getattr(self, name), name, Integral, min_val=value)

    def _starts(self, time):
        """Return the first training day of each fold, as integers."""
        first, last = (
            int(day) for day in (time.min().astype(np.int64), time.max().astype(np.int64))
        )
        n_days = self.train_days + self.delay_days + self.test_days
        start = last - (n_days - 1)
        if self.start is not None:
            given = _days(np.asarray([self.start]))
            if given.dtype.kind != time.dtype.kind:
                raise ValueError("start must be a date if time has dates, else a number of days.")
            start = int(given.astype(np.int64)[0])
        back = self.step_days * (self.n_splits - 1)
        early, late = first - (start - back), start + (n_days - 1) - last
        if early > 0 or late > 0:
            raise ValueError(
                f"{self.n_splits} folds of {self.train_days} + {self.delay_days} + "
                f"{self.test_days} days, {self.step_days} days apart, need {back + n_days} days: "
                f"they begin {max(early, 0)} days before the first day of the data and end "
                f"{max(late, 0)} days after the last. Reduce n_splits or the days."
            )
        return [start - self.step_days * fold for fold in range(self.n_splits)]

    def _warn_without_positives(self, y, fold, **masks):
        """Warn of parts of a fold in which the positive class does not occur."""
        positive = np.zeros(0, dtype=bool) if y is None else np.asarray(y) == self.pos_label
        for part, mask in masks.items():
            if np.any(positive) and not positive[mask].any():
                warnings.warn(
                    f"Fold {fold} has {mask.sum()} {part} rows, none of them with "
                    f"pos_label={self.pos_label!r}. Numbers in time are days: check their unit, or "
                    f"widen {part}_days.",
                    ResamplingWarning,
                    stacklevel=3,
                )

    def _fraud_rows(self, y):
        """Return the numbers of the fraudulent rows."""
        if y is None:
            raise ValueError("Compromised cards are identified by y: pass y, or card=None.")
        rows = np.flatnonzero(np.asarray(y) == self.pos_label)
        if not len(rows):
            raise ValueError(f"y has no label pos_label={self.pos_label!r}: set pos_label.")
        return rows

    def __repr__(self):
        shown = []
        for name in signature(type(self)).parameters:
            value = getattr(self, name)
            plain = value is None or isinstance(value, str | Number) or np.ndim(value) == 0
            shown.append(f"{name}={value!r}" if plain else f"{name}=<{len(value)} values>")
        return f"{type(self).__name__}({', '.join(shown)})"


def _codes(card):
    """Encode card identifiers as integers from 0."""
    try:
        code = np.unique(card, return_inverse=True)[1]
    except TypeError:
        raise ValueError(
            "card has values of several types, or missing ones: convert them to one type."
        ) from None
    missing = card != card
    if missing.any():
        raise ValueError(f"card is missing in row {missing.argmax()}: fill it or drop the row.")
    return code


def _first_days(code, rows, day):
    """Return the first day of each code among the rows, a very large number if there is none."""
    first = np.full(code.max() + 1, np.iinfo(np.int64).max // 2)
    np.minimum.at(first, code[rows], day[rows])
    return first


def _column(X, values, name):
    """Resolve a parameter that is an array, the name of a column of X, or None."""
    if not isinstance(values, str):
        return None if values is None else np.asarray(values)
    columns = getattr(X, "columns", ())
    if values not in columns:
        end = (
            f": {name} takes the name of a column of a DataFrame or an array with one value a row"
            f"{', or None' if name == 'card' else ''}."
        )
        raise ValueError(f"X has no column {values!r}{did_you_mean(values, columns, end)}")
    return np.asarray(X[values])


def _days(time):
    """Convert times to days: datetimes to datetime64[D], numbers to int64."""
    if time is None or time.ndim != 1 or not len(time):
        raise ValueError(
            "time must be 1-D, with a number or datetime for each of at least one row."
        )
    if time.dtype.kind == "O" and getattr(time[0], "tzinfo", None) is not None:
        raise ValueError("time has a time zone: pass local times without a time zone.")
    if time.dtype.kind not in "iufM":
        time = _parsed(time)
    missing = np.isnat(time) if time.dtype.kind == "M" else ~np.isfinite(time)
    if missing.any():
        raise ValueError(
            f"time is missing or not finite in row {missing.argmax()}: fill it or drop the row."
        )
    return (
        time.astype("datetime64[D]") if time.dtype.kind == "M" else np.floor(time).astype(np.int64)
    )


def _check_span(day):
    """Refuse numbers that can hardly be days."""
    span = int(day.max() - day.min()) if day.dtype.kind != "M" else 0
    if span > MAX_DAYS:
        raise ValueError(
            f"Numbers in time are days, and these span {span:,} of them, some {span // 365} years. "
            "If they are seconds, pass datetimes, pd.to_datetime(time, unit='s'), or divide them "
            "by 86,400."
        )


def _parsed(time):
    """Convert objects to numbers or datetimes, text to datetimes."""
    if isinstance(time[0], str) and time[0].strip().isdigit():
        raise ValueError("time has digits as text: convert them to numbers or datetimes.")
    for dtype in (np.float64, "datetime64[us]"):
        try:
            return time.astype(dtype)
        except (TypeError, ValueError):
            continue
    raise ValueError("time has neither numbers nor datetimes: convert it to one of them.")


def _check_lengths(X, **columns):
    """Raise unless each column has one value for each row of X."""
    n = X.shape[0] if hasattr(X, "shape") else len(X)
    for name, values in columns.items():
        if values is not None and np.shape(values) != (n,):
            raise ValueError(
                f"{name} must hold one value for each of the {n} rows of X, but its shape is "
                f"{np.shape(values)}. In nested cross-validation, give column names."
            )
