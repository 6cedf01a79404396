"""Tables for the benchmark: the card stream, or a CSV file of the user's own."""

import csv
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from sklearn.model_selection import StratifiedKFold, TimeSeriesSplit

from skgensample.datasets import (
    card_transaction_features,
    load_card_transactions,
    make_card_transactions,
)
from skgensample.exceptions import MissingExtraError
from skgensample.model_selection import PrequentialSplit

from .._typing import FilePath, Schema, Seed
from ._features import check_features, days_for_dates, plain_types
from ._names import SIMULATED, unknown_name
from ._result import BenchmarkResult
from ._runner import run_benchmark
from ._strategies import DEFAULT_STRATEGIES

__all__ = ["BenchmarkTable", "load_csv_table", "load_stream_table"]

_TIME_BLOCKS = 100
#: Columns that an error lists.
SHOWN = 20
#: First day of the handbook's first fold; its four folds train and test between the days below,
#: after 37 days that fill the features' windows.
HANDBOOK_START = "2018-08-15"
_FIRST_NEEDED, _LAST_NEEDED = np.datetime64("2018-06-18"), np.datetime64("2018-09-04")
#: The small stream: days for two folds after 37 that fill the features' windows.
SMALL_STREAM = {"n_days": 65}
#: Rows of the small subset of a table, and the minority rows for which it may be larger.
SMALL_ROWS, SMALL_MINORITY = 5000, 100
SMALL_STUDY = {
    "learners": ["tree", "xgboost", "xgboost-half"],
    # imbalanced-learn's SMOTE gives the rows of numba-smote
    "strategies": [name for name in DEFAULT_STRATEGIES if name != "smote"],
    "ratios": (0.1, 1.0),
}


@dataclass
class BenchmarkTable:
    """A table with its target, its folds and what is known of each row.

    Parameters
    ----------
    X : pandas.DataFrame of shape (n_samples, n_features)
        Features.
    y : ndarray of shape (n_samples,)
        Target.
    cv : cross-validation generator
        Folds.
    day : ndarray of shape (n_samples,) or None, default=None
        Day, or another block of time, of each row.
    card : ndarray of shape (n_samples,) or None, default=None
        Card of each row.
    description : str, default=""
        What the data are.
    defaults : dict, default={}
        Arguments of `run_benchmark` that suit this table.
    """

    X: Any
    y: np.ndarray
    cv: Any
    day: np.ndarray | None = None
    card: np.ndarray | None = None
    description: str = ""
    defaults: dict = field(default_factory=dict)

    def run(self, **options: Any) -> BenchmarkResult:
        """Run the benchmark on this table.

        Parameters
        ----------
        **options : dict
            Arguments of `run_benchmark`; those that are None are left to this table's defaults,
            then to the function's own.

        Returns
        -------
        result : BenchmarkResult
            Records, curves and the table.
        """
        given = {name: value for name, value in options.items() if value is not None}
        defaults = dict(self.defaults)
        if given.get("samplers"):  # which replace the default's samplers
            defaults.pop("strategies", None)
        return run_benchmark(
            self.X,
            self.y,
            cv=self.cv,
            day=self.day,
            card=self.card,
            description=self.description,
            **{**defaults, **given},
        )


def load_stream_table(
    path: FilePath | None = None,
    *,
    small: bool = False,
    start: str | None = None,
    n_splits: int | None = None,
    random_state: Seed = 0,
) -> BenchmarkTable:
    """Card transactions, simulated or given, with the fraud handbook's features and folds.

    Parameters
    ----------
    path : str or path-like, default=None
        Parquet or CSV file for `load_card_transactions`; None simulates the stream.
    small : bool, default=False
        Whether to simulate a smaller stream, for a study of a minute or two; of given
        transactions, the two latest folds. Fewer learners and ratios run.
    start : str, default=None
        First training day of the first, latest fold. None takes the handbook's, 2018-08-15,
        where the stream covers its four folds, else the latest possible.
    n_splits : int, default=None
        Number of prequential folds, each with a week to train, one to wait and one to test; None
        takes 4, or 2 if `small`.
    random_state : int, default=0
        Seed of the simulated stream.

    Returns
    -------
    table : BenchmarkTable
        Features, target and folds.

    Examples
    --------
    >>> from skgensample.benchmarking import load_stream_table
    >>> load_stream_table(small=True).X.shape[1]
    15
    """
    if path is not None:
        stream, source = _read(path, load_card_transactions), Path(path).name
    else:
        world: dict[str, Any] = SMALL_STREAM if small else {}
        stream = make_card_transactions(random_state=random_state, **world)
        source = f"{SIMULATED} (seed {random_state})"
    if n_splits is None:
        n_splits = 2 if small else 4
    time = stream["TX_DATETIME"].dt.floor("D")
    if start is None and time.min() <= _FIRST_NEEDED and time.max() >= _LAST_NEEDED:
        start = HANDBOOK_START
    cv = PrequentialSplit(
        n_splits, start=start, time=time.to_numpy(), card=stream["CUSTOMER_ID"].to_numpy()
    )
    description = (
        f"{source}: {len(stream)} rows, {stream['TX_FRAUD'].mean():.2%} fraudulent; "
        f"{n_splits} prequential folds"
    )
    return BenchmarkTable(
        X=card_transaction_features(stream),
        y=stream["TX_FRAUD"].to_numpy(),
        cv=cv,
        day=time.to_numpy(),
        card=stream["CUSTOMER_ID"].to_numpy(),
        description=description,
        defaults=SMALL_STUDY if small else {},
    )


def load_csv_table(
    path: FilePath,
    target: str,
    *,
    time: str | None = None,
    card: str | None = None,
    drop: Sequence[str] = (),
    schema: Schema = None,
    header: bool = True,
    small: bool = False,
    n_splits: int | None = None,
    random_state: Seed = 0,
) -> BenchmarkTable:
    """Read a CSV file and choose its folds.

    Parameters
    ----------
    path : str or path-like
        File, separated by commas, semicolons, tabs or bars.
    target : str
        Column of two classes; the rarer one is the class to be found.
    time : str, default=None
        Column of numbers or dates: folds are chronological, each trained on all that came
        before. It is not a feature.
    card : str, default=None
        Column that names the card or account, for card precision; needs a `time` of dates. It is
        not a feature.
    drop : sequence of str, default=()
        Columns to leave out.
    schema : TableSchema or dict, default=None
        Kinds of columns that are not to be detected; see `table_schema`.
    header : bool, default=True
        Whether the first line names the columns; otherwise they are called 0, 1, 2, ...
    small : bool, default=False
        Whether to take a subset of the rows, for a study of a minute or two: of each class every
        k-th row in order of `time` (else of the file), 5,000 rows in all, or more up to 100
        minority rows. Both classes keep their proportions, and the same file gives the same rows
        whatever the seed. Fewer learners and ratios run.
    n_splits : int, default=None
        Number of folds; None takes 5, or 2 if `small`.
    random_state : int, default=0
        Seed of the folds where no time is given.

    Returns
    -------
    table : BenchmarkTable
        Features, target and folds.

    Raises
    ------
    MissingExtraError
        If pandas is not installed.
    ValueError
        If the file is not a table, a column is not found, the target has missing cells or not two
        classes, time is not readable, or a feature identifies people or rows.

    Notes
    -----
    Features that hold dates become numbers of days since 1970; the description names them.

    Examples
    --------
    >>> import os, tempfile
    >>> path = os.path.join(tempfile.mkdtemp(), "loans.csv")
    >>> with open(path, "w") as file:
    ...     _ = file.write("amount,home,bad\\n5,rent,no\\n9,own,yes\\n3,own,no\\n")
    >>> load_csv_table(path, "bad").X.columns.tolist()
    ['amount', 'home']
    """
    pd = _pandas()
    if Path(path).exists() and not Path(path).is_file():
        raise ValueError(f"{path} is a folder, a pipe or a device: give the name of a file.")
    if target is None:
        raise ValueError("A CSV file needs the name of its target column (--target).")
    if card is not None and time is None:
        raise ValueError("card needs time as well: card precision is counted by day.")
    frame = _read(
        path,
        lambda path: pd.read_csv(
            path, sep=_separator(path), header=0 if header else None, low_memory=False
        ),
    )
    frame.columns = [str(name).strip() for name in frame.columns]
    named = [name for name in (target, time, card, *drop) if name is not None]
    _check_columns(frame, named, header)
    minority, n_minority = _check_target(frame, target, card)
    if n_splits is None:
        n_splits = 2 if small else 5
    day, cv = None, StratifiedKFold(n_splits, shuffle=True, random_state=random_state)
    if time is not None:
        frame, day = _chronological(frame, time, card)
        cv = TimeSeriesSplit(n_splits)
    n_rows = len(frame)
    if small:
        rows = _spread_rows(frame[target].to_numpy() == minority, n_minority)
        frame, day = frame.iloc[rows].reset_index(drop=True), None if day is None else day[rows]
    X = frame.drop(columns=list(dict.fromkeys(named)))
    if not X.shape[1]:
        raise ValueError("No column is left as a feature.")
    check_features(X, schema)
    X, dates = days_for_dates(X)
    X = plain_types(X)
    part = f"{len(X)} of {n_rows} rows (--small)" if len(X) < n_rows else f"{n_rows} rows"
    way = "stratified folds" if time is None else f"folds in order of {time}"
    description = (
        f"{Path(path).name}: {part}, {X.shape[1]} features, minority class {minority} "
        f"({n_minority / n_rows:.2%}); {n_splits} {way}"
    )
    if dates:
        description += f"; dates as numbers of days: {', '.join(dates)}"
    y, cards = frame[target].to_numpy(), None if card is None else frame[card].to_numpy()
    return BenchmarkTable(X, y, cv, day, cards, description, SMALL_STUDY if small else {})


def _pandas():
    """Pandas, or the extra that brings it."""
    try:
        import pandas
    except ModuleNotFoundError:
        raise MissingExtraError(
            "CSV tables need pandas: install it with `pip install 'skgensample[benchmark]'`."
        ) from None
    return pandas


def _read(path, read):
    """What `read` makes of a file, or one sentence that says why it is not a table."""
    try:
        return read(path)
    except MissingExtraError:
        raise
    except UnicodeDecodeError:
        raise ValueError(f"{path} is not text in UTF-8: save it as plain CSV in UTF-8.") from None
    except Exception as error:
        # Readers of packed or damaged files raise errors of many kinds.
        if type(error) is ValueError or (isinstance(error, OSError) and error.filename):
            raise
        cause = str(error).strip().splitlines()[0] if str(error).strip() else "it ends too early"
        raise ValueError(f"{path} cannot be read as a table: {cause}") from error


def _check_columns(frame, named, header):
    """Refuse columns that are not there, and names that two columns have."""
    columns = list(frame.columns)
    for name in named:
        if name not in columns:
            listed = ", ".join(columns[:SHOWN]) + (", ..." if len(columns) > SHOWN else "")
            end = f"the columns are {listed}"
            if header and any(map(_is_number, columns)):
                # A first row of data: no message repeats its cells.
                columns = []
                end = "the first line holds numbers, so that it may hold no names (--no-header)"
            raise ValueError(unknown_name("No column", name, columns, end))
        if columns.count(name) > 1:
            raise ValueError(f"{columns.count(name)} columns have the name {name}.")


def _is_number(name):
    try:
        float(name)
    except ValueError:
        return False
    return True


def _check_target(frame, target, card):
    """The minority class and its number of rows; missing cells and other targets are refused."""
    for title, name in (("Target", target), ("Card", card)):
        if name is not None and frame[name].isna().any():
            row = int(np.flatnonzero(frame[name].isna())[0])
            raise ValueError(f"{title} {name} has a missing cell in row {row}.")
    classes, counts = np.unique(frame[target].to_numpy(), return_counts=True)
    if len(classes) != 2:
        raise ValueError(
            f"Target {target} has {len(classes)} different values: it must have two, one for each "
            "class."
        )
    minority = 0 if counts[0] < counts[1] else 1
    return classes[minority], int(counts[minority])


def _spread_rows(minority, n_minority):
    """Row numbers of a subset, spread evenly over each class; see `load_csv_table`."""
    n_rows = max(SMALL_ROWS, -(-SMALL_MINORITY * len(minority) // n_minority))
    kept = []
    for rows in (np.flatnonzero(minority), np.flatnonzero(~minority)):
        n = min(len(rows), max(1, round(n_rows * len(rows) / len(minority))))
        kept.append(rows[np.arange(n) * len(rows) // n])
    return np.sort(np.concatenate(kept))


def _separator(path):
    """Separator of the first line."""
    with open(path, newline="", encoding="utf-8") as file:
        line = file.readline()
    try:
        return csv.Sniffer().sniff(line, delimiters=",;\t|").delimiter
    except csv.Error:
        return ","


def _chronological(frame, time, card):
    """Rows in order of time, and the day, or hundredth of the table, of each."""
    import pandas as pd

    moment = frame[time]
    is_number = pd.api.types.is_numeric_dtype(moment)
    if not is_number:
        moment = pd.to_datetime(moment, errors="coerce", format="mixed")
    if moment.isna().any():
        row = int(np.flatnonzero(moment.isna())[0])
        raise ValueError(f"Time {time} is not a number or date in row {row}.")
    if card is not None and is_number:
        raise ValueError(f"card needs dates, and time {time} holds numbers.")
    order = np.argsort(moment.to_numpy(), kind="stable")
    if is_number:
        day = np.arange(len(frame)) * _TIME_BLOCKS // len(frame)
    else:
        day = moment.iloc[order].dt.floor("D").to_numpy()
    return frame.iloc[order].reset_index(drop=True), day
