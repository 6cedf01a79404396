"""Figures of the benchmarks as JSON lines, and the tables that are printed from them.

A line holds one run: what was measured (`table`, `model`, `seed`), under which versions, and the
figures by name. Lines are appended as they are measured; of two lines of the same run the later one
counts. So a table can be printed again, from as many files as there are, without fitting anything.
"""

import importlib.metadata
import json
import os
import platform
from pathlib import Path

import pandas as pd

KEY = ["table", "model", "seed"]
PACKAGES = ("skgensample", "numpy", "scikit-learn", "torch", "lightgbm")


def versions():
    """Versions of Python and of the packages that are installed, and the limit of threads."""
    found = {"python": platform.python_version(), "threads": os.environ.get("OMP_NUM_THREADS")}
    for package in PACKAGES:
        try:
            found[package] = importlib.metadata.version(package)
        except importlib.metadata.PackageNotFoundError:
            continue
    return found


def append(path, record):
    """Add one run to a file; None for no file."""
    if path is None:
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("a") as lines:
        lines.write(json.dumps({**record, "versions": versions()}) + "\n")


def read(paths):
    """All runs of some files, the latest of each, in the order in which they first came."""
    found = {}
    for path in paths:
        for line in Path(path).read_text().splitlines():
            record = json.loads(line)
            found[tuple(record[key] for key in KEY)] = record
    return list(found.values())


def head(columns):
    """The line above a table."""
    return f"{'model':26s}" + "".join(f"{column:>10s}" for column in columns) + f"{'runs':>6s}"


def line(model, records, columns):
    """Means over the runs of one model; a dash where nothing was measured."""
    means = pd.DataFrame(records).reindex(columns=columns).astype(float).mean()
    cells = "".join(
        f"{'-':>10s}" if m != m else f"{m:10.{3 if abs(m) >= 1 else 4}f}" for m in means
    )
    return f"{model:26s}{cells}{len(records):6d}"


def print_tables(records, columns):
    """One table for each data set of the records."""
    for table in dict.fromkeys(record["table"] for record in records):
        ours = [record for record in records if record["table"] == table]
        print(f"\n{table}\n{head(columns)}")
        for model in dict.fromkeys(record["model"] for record in ours):
            print(line(model, [r for r in ours if r["model"] == model], columns))
