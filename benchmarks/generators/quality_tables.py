"""The four tables of the quality benchmark: features, a 0/1 label, and rows held out."""

from dataclasses import dataclass
from pathlib import Path

import pandas as pd
from sklearn.model_selection import train_test_split

ADULT = (
    "age workclass fnlwgt education education-num marital-status occupation relationship race sex "
    "capital-gain capital-loss hours-per-week native-country income"
).split()
#: Numbers of the Taiwan table that are codes.
CODES = ["SEX", "EDUCATION", "MARRIAGE", "PAY_0", *(f"PAY_{i}" for i in range(2, 7))]
HELD_OUT = 0.25


@dataclass(frozen=True)
class Split:
    """A table in two parts; the target is the last column of neither.

    Parameters
    ----------
    X, y : frame and Series
        Rows to learn from; labels are 0 and 1.
    X_test, y_test : frame and Series
        Rows that no model sees.
    """

    X: pd.DataFrame
    y: pd.Series
    X_test: pd.DataFrame
    y_test: pd.Series


def adult(folder):
    """UCI adult, its own split; "?" stays a level."""
    parts = []
    for part in ("train", "test"):
        path = folder / "adult" / f"adult-{part}.csv"
        table = pd.read_csv(path, names=ADULT, skipinitialspace=True, keep_default_na=False)
        text = table.select_dtypes(exclude="number").columns
        table[text] = table[text].apply(lambda column: column.str.strip().str.rstrip("."))
        y = table["income"].str.contains(">50K").astype(int).rename("target")
        parts += [table.drop(columns="income"), y]
    return Split(*parts)


def default(folder):
    """UCI default of credit-card clients; SEX, EDUCATION, MARRIAGE and PAY_* are categories."""
    table = pd.read_csv(folder / "credit-default-taiwan" / "credit-card-clients.csv")
    # with a letter, so that a CSV file keeps them text
    table[CODES] = "c" + table[CODES].astype(str)
    return _split(table, "default payment", 1)


def bank(folder):
    """UCI bank marketing without `duration`, which is known only after the call."""
    path = folder / "bank-marketing" / "bank-additional-full.csv"
    table = pd.read_csv(path, sep=";", keep_default_na=False)
    return _split(table.drop(columns="duration"), "y", "yes")


def churn(folder):
    """MLC churn of 5,000 telephone clients."""
    table = pd.read_csv(folder / "modeldata-mlc-churn" / "mlc_churn.csv")
    return _split(table, "churn", "yes")


def _split(table, target, positive):
    """A quarter of the rows of each class held out, the same ones in every run."""
    y = (table[target] == positive).astype(int).rename("target")
    X, X_test, y, y_test = train_test_split(
        table.drop(columns=target), y, test_size=HELD_OUT, stratify=y, random_state=0
    )
    return Split(*(part.reset_index(drop=True) for part in (X, y, X_test, y_test)))


TABLES = {"adult": adult, "default": default, "bank": bank, "churn": churn}


def load(name, folder):
    """One of `TABLES` from the data folder."""
    return TABLES[name](Path(folder))


def read_table(path):
    """Read a table of `to_csv`: numbers exactly as they were, text never taken for missing."""
    return pd.read_csv(path, keep_default_na=False, float_precision="round_trip")


def with_target(X, y):
    """The joint table: features and the label as a category called `target`."""
    return X.assign(target=pd.Series(y).map({0: "no", 1: "yes"}).to_numpy())


def without_target(table):
    """Features and the 0/1 label of a joint table."""
    return table.drop(columns="target"), (table["target"] == "yes").astype(int)
