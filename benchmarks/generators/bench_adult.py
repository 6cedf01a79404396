"""CTGANResampler on adult: fidelity, train-on-synthetic utility and seconds, beside references.

    python benchmarks/generators/bench_adult.py DATA_FOLDER [--max-steps N] [--peer PYTHON]

DATA_FOLDER holds adult-train.csv and adult-test.csv of the UCI set. Reference rows: independent
columns (each column shuffled on its own) and the real rows. With
`--peer` the package ctgan runs in the environment of that interpreter, for `--peer-epochs`
epochs, and is measured by the same code. Every table has as many rows of each class as the
training data, except the peer's, which draws its own labels. Peak MB is that of the whole process
so far, imports and table too (Linux, macOS).
"""

import argparse
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
import pandas as pd
from sklearn.compose import make_column_selector, make_column_transformer
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.metrics import roc_auc_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OrdinalEncoder

from skgensample import CTGANResampler
from skgensample.metrics import column_density_error

TARGET = "income"
NAMES = (
    "age workclass fnlwgt education education-num marital-status occupation relationship race sex "
    "capital-gain capital-loss hours-per-week native-country income"
).split()
PEER = """
import resource, sys, time, pandas as pd
from ctgan import CTGAN
source, made, epochs = sys.argv[1:]
table = pd.read_csv(source, keep_default_na=False)
discrete = [c for c in table if not pd.api.types.is_numeric_dtype(table[c])]
model = CTGAN(epochs=int(epochs), verbose=False)
start = time.perf_counter()
model.fit(table, discrete)
fitted = time.perf_counter()
model.sample(len(table)).to_csv(made, index=False)
drawn = time.perf_counter() - fitted
print(fitted - start, drawn, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)
"""


def read(path):
    """Features and a 0/1 label; "?" stays a level of its own."""
    table = pd.read_csv(path, names=NAMES, skipinitialspace=True, keep_default_na=False)
    text = table.select_dtypes(exclude="number").columns
    table[text] = table[text].apply(lambda column: column.str.strip().str.rstrip("."))
    return table.drop(columns=TARGET), table[TARGET].str.contains(">50K").astype(int)


def utility(X, y, X_test, y_test):
    """AUROC on real test rows of boosted trees trained on X."""
    encode = make_column_transformer(
        (
            OrdinalEncoder(handle_unknown="use_encoded_value", unknown_value=-1),
            make_column_selector(dtype_exclude="number"),
        ),
        remainder="passthrough",
    )
    model = make_pipeline(encode, HistGradientBoostingClassifier(random_state=0)).fit(X, y)
    return roc_auc_score(y_test, model.predict_proba(X_test)[:, 1])


def independent(X, y, seed):
    """Each column drawn on its own, labels too: the low bar."""
    rng = np.random.RandomState(seed)
    shuffled = X.apply(lambda column: column.to_numpy()[rng.permutation(len(X))])
    return shuffled, y


def ours(X, y, options):
    """Fit, then draw the same class counts; seconds of both, and peak MB."""
    model = CTGANResampler(random_state=options.seed, max_steps=options.max_steps)
    start = time.perf_counter()
    model.fit(X, y)
    fitted = time.perf_counter()
    parts = [model.sample(int((y == label).sum()), y=label) for label in (0, 1)]
    drawn = time.perf_counter()
    for label, (_, labels) in zip((0, 1), parts):
        assert (labels == label).all(), "a row of another class than asked for"
    table = pd.concat([part for part, _ in parts], ignore_index=True)
    labels = pd.concat([part for _, part in parts], ignore_index=True)
    peak = megabytes(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)
    return table, labels, fitted - start, drawn - fitted, peak


def peer(X, y, options):
    """The package ctgan, in its own environment."""
    with tempfile.TemporaryDirectory() as folder:
        source, made = Path(folder, "real.csv"), Path(folder, "made.csv")
        X.assign(**{TARGET: np.where(y, "yes", "no")}).to_csv(source, index=False)
        command = [options.peer, "-c", PEER, str(source), str(made), str(options.peer_epochs)]
        done = subprocess.run(command, check=True, capture_output=True, text=True)
        fit_seconds, draw_seconds, peak = map(float, done.stdout.split()[-3:])
        table = pd.read_csv(made, keep_default_na=False)
    return (
        table.drop(columns=TARGET),
        (table[TARGET] == "yes").astype(int),
        fit_seconds,
        draw_seconds,
        megabytes(peak),
    )


def megabytes(peak):
    """MB of the system's unit of a process's peak."""
    return peak / (2**20 if sys.platform == "darwin" else 2**10)


def main():
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("--max-steps", type=int, default=None)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--peer", help="python of an environment that has ctgan")
    parser.add_argument("--peer-epochs", type=int, default=30)
    options = parser.parse_args()
    X, y = read(options.folder / "adult-train.csv")
    X_test, y_test = read(options.folder / "adult-test.csv")
    rows = [
        ("real rows", X, y, 0.0, 0.0, 0.0),
        ("independent columns", *independent(X, y, options.seed), 0.0, 0.0, 0.0),
        ("CTGANResampler", *ours(X, y, options)),
    ]
    if options.peer:
        rows.append((f"ctgan, {options.peer_epochs} epochs", *peer(X, y, options)))
    print(f"python {sys.version.split()[0]}, seed {options.seed}, {len(X)} training rows")
    head = ("table", "density error", "TSTR AUROC", "share of 1", "fit s", "draw s")
    print("{:24s} {:>13s} {:>10s} {:>10s} {:>8s} {:>7s} {:>8s}".format(*head, "peak MB"))
    for name, table, labels, fit_seconds, draw_seconds, peak in rows:
        # the density error against real test rows: the first line is what sampling noise gives
        error = column_density_error(X_test, table[X_test.columns])
        auc = utility(table[X.columns], labels, X_test, y_test)
        print(
            f"{name:24s} {error:13.4f} {auc:10.4f} {labels.mean():10.4f} "
            f"{fit_seconds:8.1f} {draw_seconds:7.1f} {peak:8.0f}"
        )


if __name__ == "__main__":
    main()
