"""Cross-validation along time, as fraud is detected: train, wait for the labels, test."""

import warnings
from inspect import signature
from numbers import Integral, Number

import numpy as np
from sklearn.model_selection import BaseCrossValidator
from sklearn.utils import check_scalar

from .exceptions import ResamplingWarning

__all__ = ["PrequentialSplit"]

#: Numbers are days; ones that span more than this, two centuries, are likely to be seconds.
MAX_DAYS = 73_050


class PrequentialSplit(BaseCrossValidator):
    """Train on some days, wait until their labels are known, test on the days after.

    Each fold moves back in time from the one before. From each test day the cards are left out
    that are known by then to be compromised: a fraud detector earns nothing by finding them again.

    Parameters
    ----------
    n_splits : int, default=4
        Number of folds.
    train_days : int, default=7
        Days of training.
    delay_days : int, default=7
        Days between training and test, after which labels are known.
    test_days : int, default=7
        Days of test.
    step_days : int, default=7
        Days by which each fold is earlier than the one before.
    start : str, date or number, default=None
        First training day of the first, latest fold. None makes the last day of the data its
        last test day.
    time : str or array-like of shape (n_samples,), default="TX_DATETIME"
        Time of each row, or the name of the column of `X` that holds it. Datetimes, or numbers
        of days: seconds are converted by ``pd.to_datetime(time, unit="s")`` or divided by 86,400.
    card : str, array-like of shape (n_samples,) or None, default="CUSTOMER_ID"
        Card of each row, or the name of a column of `X`. None leaves no card out.
    pos_label : int, str or bool, default=1
        Label of a fraud in `y`.

    See Also
    --------
    skgensample.metrics.card_precision_score : The metric that goes with these folds.
    sklearn.model_selection.TimeSeriesSplit : Folds by number of rows, with a gap.

    Notes
    -----
    A card is known on test day `T` to be compromised if it had a fraud from the first training
    day up to and including day ``T - delay_days - 1``.

    Arrays given as `time` and `card` let `X` hold features alone. Nested searches cut `X` into
    parts, so they need names of columns, which the model then drops.

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

    # Without this, scikit-learn's metadata routing would drop the groups.
    __metadata_request__split = {"groups": True}

    def __init__(
        self,
        n_splits=4,
        *,
        train_days=7,
        delay_days=7,
        test_days=7,
        step_days=7,
        start=None,
        time="TX_DATETIME",
        card="CUSTOMER_ID",
        pos_label=1,
    ):
        self.n_splits = n_splits
        self.train_days = train_days
        self.delay_days = delay_days
        self.test_days = test_days
        self.step_days = step_days
        self.start = start
        self.time = time
        self.card = card
        self.pos_label = pos_label

    def get_n_splits(self, X=None, y=None, groups=None):
        """Number of folds.

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

    def split(self, X, y=None, groups=None):
        """Row numbers of training and test, latest fold first.

        Parameters
        ----------
        X : {array-like, DataFrame} of shape (n_samples, n_features)
            Rows, in any order.
        y : array-like of shape (n_samples,), default=None
            Labels; needed where cards are left out.
        groups : array-like of shape (n_samples,), default=None
            Card of each row, in place of `card`.

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
        """Numbers of folds and days are integers, none below its least value."""
        least = {"n_splits": 1, "train_days": 1, "delay_days": 0, "test_days": 1, "step_days": 1}
        for name, value in least.items():
            check_scalar(getattr(self, name), name, Integral, min_val=value)

    def _starts(self, time):
        """First training day of each fold."""
        first, last = (
            int(day) for day in (time.min().astype(np.int64), time.max().astype(np.int64))
        )
        n_days = self.train_days + self.delay_days + self.test_days
        start = last - (n_days - 1)
        if self.start is not None:
            given = _days(np.asarray([self.start]))
            if given.dtype.kind != time.dtype.kind:
                raise ValueError("start is a date where time holds dates, else a number of days.")
            start = int(given.astype(np.int64)[0])
        back = self.step_days * (self.n_splits - 1)
        early, late = first - (start - back), start + (n_days - 1) - last
        if early > 0 or late > 0:
            raise ValueError(
                f"{self.n_splits} folds of {self.train_days} + {self.delay_days} + "
                f"{self.test_days} days, {self.step_days} days apart, need {back + n_days} days: "
                f"they begin {max(early, 0)} days before the first row's day and end "
                f"{max(late, 0)} days after the last row's."
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
        """Rows with a fraud."""
        if y is None:
            raise ValueError("Compromised cards are found by y: pass y, or card=None.")
        rows = np.flatnonzero(np.asarray(y) == self.pos_label)
        if not len(rows):
            raise ValueError(f"y has no label pos_label={self.pos_label!r}.")
        return rows

    def __repr__(self):
        shown = []
        for name in signature(type(self)).parameters:
            value = getattr(self, name)
            plain = value is None or isinstance(value, str | Number) or np.ndim(value) == 0
            shown.append(f"{name}={value!r}" if plain else f"{name}=<{len(value)} values>")
        return f"{type(self).__name__}({', '.join(shown)})"


def _codes(card):
    """A number for each card."""
    try:
        code = np.unique(card, return_inverse=True)[1]
    except TypeError:
        raise ValueError("card holds values of several types, or missing ones.") from None
    missing = card != card
    if missing.any():
        raise ValueError(f"card is missing in row {missing.argmax()}.")
    return code


def _first_days(code, rows, day):
    """For each code its first day among the rows, or a day that never comes."""
    first = np.full(code.max() + 1, np.iinfo(np.int64).max // 2)
    np.minimum.at(first, code[rows], day[rows])
    return first


def _column(X, values, name):
    """Values of a parameter that is an array, the name of a column of X, or None."""
    if not isinstance(values, str):
        return None if values is None else np.asarray(values)
    if values not in getattr(X, "columns", ()):
        raise ValueError(
            f"X has no column {values!r}: {name} takes the name of a column of a DataFrame or an "
            f"array with one value a row{', or None' if name == 'card' else ''}."
        )
    return np.asarray(X[values])


def _days(time):
    """Day of each time: datetime64[D] of datetimes, int64 of numbers."""
    if time is None or time.ndim != 1 or not len(time):
        raise ValueError("time must hold one number or datetime for each row, and at least one.")
    if time.dtype.kind == "O" and getattr(time[0], "tzinfo", None) is not None:
        raise ValueError("time has a time zone: pass local times without one.")
    if time.dtype.kind not in "iufM":
        time = _parsed(time)
    missing = np.isnat(time) if time.dtype.kind == "M" else ~np.isfinite(time)
    if missing.any():
        raise ValueError(f"time is missing or not finite in row {missing.argmax()}.")
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
    """Objects as numbers or datetimes, text as datetimes."""
    if isinstance(time[0], str) and time[0].strip().isdigit():
        raise ValueError("time holds digits as text: convert them to numbers or to datetimes.")
    for dtype in (np.float64, "datetime64[us]"):
        try:
            return time.astype(dtype)
        except (TypeError, ValueError):
            continue
    raise ValueError("time holds neither numbers nor datetimes.")


def _check_lengths(X, **columns):
    """Each column has one value a row of X."""
    n = X.shape[0] if hasattr(X, "shape") else len(X)
    for name, values in columns.items():
        if values is not None and np.shape(values) != (n,):
            raise ValueError(
                f"{name} must hold one value for each of the {n} rows of X, but its shape is "
                f"{np.shape(values)}. Where X is cut into parts, give names of columns."
            )
