"""Card transactions: simulator, loader and features of the Fraud Detection Handbook."""

from collections.abc import Sequence
from itertools import chain
from numbers import Integral, Real
from pathlib import Path

import numpy as np
from scipy.spatial import cKDTree
from sklearn.utils import check_random_state, check_scalar

from ._typing import DataFrame, FilePath, Seed
from .exceptions import MissingExtraError

__all__ = ["card_transaction_features", "load_card_transactions", "make_card_transactions"]

SECONDS_A_DAY, NANOSECONDS_A_DAY = 86_400, 86_400 * 10**9
#: Maximum window and delay in days: their sum in nanoseconds must fit int64.
MAX_DAYS = 50_000
#: Side length of the square of customers and terminals; amount above which all is fraudulent.
SIDE, AMOUNT_LIMIT = 100.0, 220.0
#: Scenario 2: terminals compromised each day, and for how many days.
TERMINALS_A_DAY, TERMINAL_DAYS = 2, 28
#: Scenario 3: customers compromised each day, days, one in how many rows, factor of the amount.
CUSTOMERS_A_DAY, CUSTOMER_DAYS, ONE_IN, AMOUNT_FACTOR = 3, 14, 3, 5

_REQUIRED = ("TX_DATETIME", "CUSTOMER_ID", "TERMINAL_ID", "TX_AMOUNT", "TX_FRAUD")


def make_card_transactions(
    *,
    n_customers: int = 5000,
    n_terminals: int = 10000,
    n_days: int = 183,
    radius: float = 5.0,
    start_date: str = "2018-04-01",
    random_state: Seed = None,
) -> DataFrame:
    """Simulate the card transactions of the Fraud Detection Handbook.

    Customers and terminals lie on a 100 x 100 square; each customer has a mean amount and a rate of
    transactions, and uses the terminals within `radius`. Fraud scenarios: (1) any amount above 220;
    (2) all transactions at two terminals drawn each day, for 28 days; (3) a third of those of three
    customers drawn each day, for 14 days, amounts times five. A later one overwrites an earlier.

    Parameters
    ----------
    n_customers : int, default=5000
        Number of customers.
    n_terminals : int, default=10000
        Number of terminals.
    n_days : int, default=183
        Number of days.
    radius : float, default=5.0
        Distance within which a customer uses terminals, at least 0. Customers without a terminal
        within it make no transaction.
    start_date : str or date, default="2018-04-01"
        First day.
    random_state : int, RandomState instance or None, default=None
        Seed.

    Returns
    -------
    transactions : pandas.DataFrame
        One row for each transaction, sorted by time: TRANSACTION_ID (0, 1, ...), TX_DATETIME,
        CUSTOMER_ID, TERMINAL_ID, TX_AMOUNT (whole cents), TX_TIME_SECONDS and TX_TIME_DAYS (since
        the first midnight), TX_FRAUD (0 or 1), TX_FRAUD_SCENARIO (0 for legitimate rows).

    Raises
    ------
    ValueError
        If a number is out of range.
    MissingExtraError
        If pandas is not installed.

    Notes
    -----
    Two terminals and three customers are compromised each day whatever their numbers, so that
    smaller simulations have a higher fraud rate (0.8 % at the default sizes).

    References
    ----------
    .. [1] Y.-A. Le Borgne, W. Siblini, B. Lebichot, G. Bontempi, "Reproducible Machine Learning
       for Credit Card Fraud Detection - Practical Handbook", Université Libre de Bruxelles, 2022.

    Examples
    --------
    >>> from skgensample.datasets import make_card_transactions
    >>> transactions = make_card_transactions(n_customers=50, n_days=40, random_state=0)
    >>> transactions["TX_TIME_DAYS"].max()
    np.int64(39)
    """
    pd = _pandas()
    check_scalar(n_customers, "n_customers", Integral, min_val=1)
    check_scalar(n_terminals, "n_terminals", Integral, min_val=1)
    check_scalar(n_days, "n_days", Integral, min_val=1)
    check_scalar(radius, "radius", Real, min_val=0)
    rng = check_random_state(random_state)
    seconds, customer, terminal, amount = _purchases(n_customers, n_terminals, n_days, radius, rng)
    day = seconds // SECONDS_A_DAY
    scenario = np.where(amount > AMOUNT_LIMIT, 1, 0)
    _compromise_terminals(day, terminal, scenario, n_terminals, n_days, rng)
    _compromise_customers(day, customer, amount, scenario, n_customers, n_days, rng)
    start = _first_midnight(start_date, n_days).to_datetime64()
    return pd.DataFrame(
        {
            "TRANSACTION_ID": np.arange(len(day)),
            "TX_DATETIME": start + seconds.astype("timedelta64[s]"),
            "CUSTOMER_ID": customer,
            "TERMINAL_ID": terminal,
            "TX_AMOUNT": amount.round(2),
            "TX_TIME_SECONDS": seconds,
            "TX_TIME_DAYS": day,
            "TX_FRAUD": (scenario > 0).astype(np.int64),
            "TX_FRAUD_SCENARIO": scenario,
        }
    )


def _first_midnight(start_date, n_days):
    """First midnight in local time; raise if the last day is beyond datetime64[ns]."""
    pd = _pandas()
    start = pd.NaT if isinstance(start_date, Real) else pd.Timestamp(start_date)
    if start is pd.NaT:
        raise ValueError("start_date must be a date or a string such as '2018-04-01'.")
    start = start.tz_localize(None).normalize().as_unit("ns")
    if n_days > (pd.Timestamp.max - start).days:
        raise ValueError(
            f"{n_days} days from start_date end after {pd.Timestamp.max.date()}: reduce n_days."
        )
    return start


def _purchases(n_customers, n_terminals, n_days, radius, rng):
    """Seconds, customer, terminal and amount of each legitimate transaction, sorted by time."""
    homes = rng.uniform(0, SIDE, (n_customers, 2))
    mean = rng.uniform(5, 100, n_customers)
    rate = rng.uniform(0, 4, n_customers)
    reach = cKDTree(rng.uniform(0, SIDE, (n_terminals, 2))).query_ball_point(homes, radius)
    n_reach = np.fromiter(map(len, reach), np.int64, n_customers)
    in_reach = np.fromiter(chain.from_iterable(reach), np.int64, n_reach.sum())

    n_tx = rng.poisson(np.where(n_reach > 0, rate, 0.0)[:, None], (n_customers, n_days)).ravel()
    customer = np.repeat(np.repeat(np.arange(n_customers), n_days), n_tx)
    day = np.repeat(np.tile(np.arange(n_days), n_customers), n_tx)
    second = np.floor(rng.normal(SECONDS_A_DAY / 2, 20_000, len(day))).astype(np.int64)
    # Times outside the day are dropped, as in the handbook: about 3 % of the rows.
    kept = np.flatnonzero((second > 0) & (second < SECONDS_A_DAY))
    time = day[kept] * SECONDS_A_DAY + second[kept]
    order = np.argsort(time, kind="stable")
    time, customer = time[order], customer[kept[order]]

    amount = rng.normal(mean[customer], mean[customer] / 2)
    redrawn = rng.uniform(0, 2 * mean[customer])
    amount = np.where(amount < 0, redrawn, amount).round(2)
    choice = np.floor(rng.uniform(size=len(customer)) * n_reach[customer]).astype(np.int64)
    first = np.cumsum(n_reach) - n_reach
    return time, customer, in_reach[first[customer] + choice], amount


def _compromise_terminals(day, terminal, scenario, n_terminals, n_days, rng):
    """Mark the fraudulent transactions of scenario 2."""
    for start in range(n_days):
        drawn = rng.choice(n_terminals, min(TERMINALS_A_DAY, n_terminals), replace=False)
        scenario[_rows_of(day, terminal, drawn, start, TERMINAL_DAYS)] = 2


def _compromise_customers(day, customer, amount, scenario, n_customers, n_days, rng):
    """Mark the fraudulent transactions of scenario 3 and raise their amounts."""
    for start in range(n_days):
        drawn = rng.choice(n_customers, min(CUSTOMERS_A_DAY, n_customers), replace=False)
        rows = _rows_of(day, customer, drawn, start, CUSTOMER_DAYS)
        rows = rng.choice(rows, len(rows) // ONE_IN, replace=False)
        amount[rows] *= AMOUNT_FACTOR
        scenario[rows] = 3


def _rows_of(day, entity, drawn, start, n_days):
    """Rows of the drawn customers or terminals within `n_days` days from `start`."""
    first, last = np.searchsorted(day, [start, start + n_days])
    return first + np.flatnonzero(np.isin(entity[first:last], drawn))


def load_card_transactions(path: FilePath) -> DataFrame:
    """Read card transactions from a parquet or CSV file.

    Parameters
    ----------
    path : str or path-like
        File with at least the columns TX_DATETIME, CUSTOMER_ID, TERMINAL_ID, TX_AMOUNT and
        TX_FRAUD. The suffix determines the format: ``.parquet`` (needs pyarrow), ``.csv`` or
        compressed ``.csv.gz``. Times as text must be ISO 8601.

    Returns
    -------
    transactions : pandas.DataFrame
        All columns of the file, sorted by time (rows with equal times keep their order), with a
        new RangeIndex; TX_DATETIME as datetime64, TX_AMOUNT as float64, TX_FRAUD as int64.

    Raises
    ------
    MissingExtraError
        If pandas, or pyarrow for a parquet file, is not installed.
    ValueError
        If the suffix is unknown, a column is missing, or a cell is not a time, a finite amount or
        a label 0 or 1.

    Examples
    --------
    >>> import tempfile, pathlib
    >>> from skgensample.datasets import load_card_transactions, make_card_transactions
    >>> transactions = make_card_transactions(n_customers=50, n_days=9, random_state=0)
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = pathlib.Path(folder) / "stream.csv"
    ...     transactions.to_csv(path, index=False)
    ...     load_card_transactions(path).equals(transactions)
    True
    """
    pd = _pandas()
    suffixes = [suffix.lower() for suffix in Path(path).suffixes]
    if suffixes[-1:] == [".parquet"]:
        try:
            table = pd.read_parquet(path)
        except ImportError:
            raise MissingExtraError(
                "Parquet files need pyarrow: install it with `pip install 'skgensample[pandas]'`."
            ) from None
    elif ".csv" in suffixes[-2:]:
        table = pd.read_csv(path)
    else:
        raise ValueError("Card transactions are read from a .parquet, .csv or .csv.gz file.")
    table = table.assign(**_checked_columns(table))
    return table.sort_values("TX_DATETIME", kind="stable", ignore_index=True)


def card_transaction_features(
    transactions: DataFrame, *, windows: Sequence[int] = (1, 7, 30), delay: int = 7
) -> DataFrame:
    """Compute features of card transactions that are available when they are scored.

    Of each transaction its amount, whether it falls on a weekend and whether at night (before
    7:00); of its customer the number and mean amount of transactions in the last days, itself
    included; of its terminal the number of transactions and the fraudulent share of them in the
    last days before the feedback delay, for labels are known late.

    Parameters
    ----------
    transactions : pandas.DataFrame
        With the columns TX_DATETIME, CUSTOMER_ID, TERMINAL_ID, TX_AMOUNT and TX_FRAUD, in any
        order of rows.
    windows : sequence of int, default=(1, 7, 30)
        Lengths of the windows in days.
    delay : float, default=7
        Number of days until labels are known, greater than 0.

    Returns
    -------
    features : pandas.DataFrame of shape (n, 3 + 4 * len(windows))
        One row for each transaction, in the order and with the index of the input; float64.

    Raises
    ------
    ValueError
        If a column is missing, a cell is not a time, a finite amount or a label 0 or 1, or
        `windows` or `delay` is out of range.
    TypeError
        If `transactions` is not a pandas DataFrame.

    Notes
    -----
    At time `t` the windows of `w` days are ``(t - w, t]`` for the customer and
    ``(t - delay - w, t - delay]`` for the terminal. Transactions of the same customer at the same
    time are in each other's window, so that the order of rows does not matter. A terminal without
    transactions in its window has risk 0. Sums of whole cents are exact.

    References
    ----------
    .. [1] Y.-A. Le Borgne, W. Siblini, B. Lebichot, G. Bontempi, "Reproducible Machine Learning
       for Credit Card Fraud Detection - Practical Handbook", Université Libre de Bruxelles, 2022.

    Examples
    --------
    >>> from skgensample.datasets import card_transaction_features, make_card_transactions
    >>> transactions = make_card_transactions(n_customers=50, n_days=40, random_state=0)
    >>> features = card_transaction_features(transactions)
    >>> features.shape[1], features.columns[3]
    (15, 'CUSTOMER_ID_NB_TX_1DAY_WINDOW')
    """
    pd = _pandas()
    check_scalar(delay, "delay", Real, min_val=0, max_val=MAX_DAYS, include_boundaries="right")
    for window in windows:
        check_scalar(window, "windows", Integral, min_val=1, max_val=MAX_DAYS)
    columns = _checked_columns(transactions)
    when, amount = columns["TX_DATETIME"], columns["TX_AMOUNT"].to_numpy()
    time = when.to_numpy("datetime64[ns]").astype(np.int64)
    features = {
        "TX_AMOUNT": amount,
        "TX_DURING_WEEKEND": when.dt.day_of_week.to_numpy() >= 5,
        "TX_DURING_NIGHT": when.dt.hour.to_numpy() <= 6,
    }
    customers = _History(pd.factorize(transactions["CUSTOMER_ID"])[0], time)
    terminals = _History(pd.factorize(transactions["TERMINAL_ID"])[0], time)
    fraud = columns["TX_FRAUD"].to_numpy()
    for window in windows:
        count, mean = customers.count_and_mean(amount, 0, window)
        features[f"CUSTOMER_ID_NB_TX_{window}DAY_WINDOW"] = count
        features[f"CUSTOMER_ID_AVG_AMOUNT_{window}DAY_WINDOW"] = mean
    for window in windows:
        count, risk = terminals.count_and_mean(fraud, delay, window)
        features[f"TERMINAL_ID_NB_TX_{window}DAY_WINDOW"] = count
        features[f"TERMINAL_ID_RISK_{window}DAY_WINDOW"] = risk
    return pd.DataFrame(features, index=transactions.index, dtype=np.float64)


class _History:
    """Transactions grouped by customer or terminal and sorted by time, for window sums."""

    def __init__(self, code, time):
        # Time ranks instead of times, so that code and rank fit one integer at any resolution.
        self.moments, self.rank = np.unique(time, return_inverse=True)
        self.first = code * (len(self.moments) + 1)
        key = self.first + self.rank + 1
        self.order = np.argsort(key, kind="stable")
        self.key = key[self.order]
        self._rows_until = {}

    def count_and_mean(self, values, delay, window):
        """Number of rows in the window of each row, and the mean of their values (0 if none)."""
        end, start = self._until(delay), self._until(delay + window)
        count = end - start
        # Whole cents are summed as integers, hence exactly; fractions of a cent separately.
        cents = np.rint(values * 100)
        total = self._sums(cents, start, end) / 100 + self._sums(values - cents / 100, start, end)
        return self._as_given(count), self._as_given(total / np.maximum(count, 1))

    def _sums(self, values, start, end):
        """Sum of the values in the window of each sorted row."""
        total = np.concatenate([[0.0], np.cumsum(values[self.order])])
        return total[end] - total[start]

    def _until(self, days):
        """For each sorted row, the number of sorted rows up to `days` days before it."""
        if days not in self._rows_until:
            lag = round(days * NANOSECONDS_A_DAY)
            old = np.searchsorted(self.moments, self.moments - lag, side="right")
            limit = (self.first + old[self.rank])[self.order]
            self._rows_until[days] = np.searchsorted(self.key, limit, side="right")
        return self._rows_until[days]

    def _as_given(self, values):
        """Reorder values of sorted rows to the order of the input rows."""
        out = np.empty_like(values)
        out[self.order] = values
        return out


def _checked_columns(table):
    """Return the used columns as times, floats and labels; errors name column and row."""
    pd = _pandas()
    if not isinstance(table, pd.DataFrame):
        kind = type(table).__name__
        raise TypeError(f"Card transactions must be a pandas DataFrame, not {kind}.")
    missing = [name for name in _REQUIRED if name not in table.columns]
    if missing:
        raise ValueError(f"Card transactions need the columns {missing}, which are missing.")
    when = table["TX_DATETIME"]
    if pd.api.types.is_numeric_dtype(when):
        raise ValueError("Column 'TX_DATETIME' holds numbers: convert it to datetimes.")
    # ISO 8601 only: for other formats pandas would guess the order of day and month.
    when = pd.to_datetime(when, format="ISO8601", errors="coerce")
    amount = pd.to_numeric(table["TX_AMOUNT"], errors="coerce").astype(np.float64)
    fraud = pd.to_numeric(table["TX_FRAUD"], errors="coerce").astype(np.float64)
    _refuse("TX_DATETIME", when.isna(), "an ISO 8601 date and time")
    _refuse("TX_AMOUNT", ~np.isfinite(amount), "a finite number")
    _refuse("TX_FRAUD", ~fraud.isin([0, 1]), "0 or 1")
    for name in ("CUSTOMER_ID", "TERMINAL_ID"):
        _refuse(name, table[name].isna(), "a value")
    when = when if when.dt.tz is None else when.dt.tz_localize(None)
    return {
        "TX_DATETIME": when.astype("datetime64[ns]"),
        "TX_AMOUNT": amount,
        "TX_FRAUD": fraud.astype(np.int64),
    }


def _pandas():
    """Import pandas, or raise with the extra that installs it."""
    try:
        import pandas
    except ModuleNotFoundError:
        install = "install it with `pip install 'skgensample[pandas]'`."
        raise MissingExtraError(f"Card transactions need pandas: {install}") from None
    return pandas


def _refuse(name, wrong, expected):
    """Raise a ValueError that names the first wrong cell of a column."""
    wrong = np.asarray(wrong)
    if wrong.any():
        raise ValueError(f"Column {name!r}, row {wrong.argmax()}: {expected} is expected.")
