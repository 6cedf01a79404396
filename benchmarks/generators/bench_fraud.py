"""Every generator on fraud data, on defaults: seconds, exact counts, bounds, copies, coverage.

    python benchmarks/generators/bench_fraud.py --data FOLDER [--tables creditcard week]
        [--models NAME ...] [--seeds 3] [--plot FOLDER]

FOLDER holds creditcard-ulb-partial and fraud-handbook-simulated. Tables:

- creditcard: all 492 frauds and 3,412 legitimate rows of 2013, a random half of each class to
  train on and the other half to measure against
- week: the handbook's training week from 25 July 2018 (about 600 frauds among 67,000 transactions,
  15 features), measured against the week that it is tested on

Each model is asked for 2,000 frauds. Columns of the table:

- fit, draw: seconds
- rows: whether exactly the frauds asked for came, all of them finite
- out: share of their cells outside the range of the training frauds
- density, alpha, beta: density error, alpha-precision and beta-recall against held-out frauds
- copies: share of rows equal to a training fraud in every cell, beside that of held-out frauds
- AP: average precision on the held-out rows of boosted trees trained on the training rows with the
  synthetic frauds added, and with synthetic frauds in place of the real ones

The first line holds the training frauds themselves, the best that can be asked for. With `--plot`,
one PNG for each table: frauds drawn and given on their two main components, and the quantiles of
every column.
"""

import argparse
import time
import warnings
from pathlib import Path

import numpy as np
import pandas as pd
from bench_quality import OURS, learner
from sklearn.decomposition import PCA
from sklearn.metrics import average_precision_score
from sklearn.model_selection import train_test_split
from sklearn.preprocessing import QuantileTransformer

import skgensample
from skgensample.benchmarking import load_stream_table
from skgensample.metrics import (
    alpha_precision_score,
    beta_recall_score,
    column_density_error,
    exact_copy_rate,
)

ASKED = 2_000
HEADS = (
    "fit s", "draw s", "rows", "out", "density", "alpha", "beta", "copies", "AP added", "AP instead"
)  # fmt: skip


def creditcard(folder):
    """Halves of the partial table of credit-card frauds: X, y, X_test, y_test."""
    table = pd.read_csv(folder / "creditcard-ulb-partial" / "ulb_allfraud_randomlegit.csv")
    X, y = table.drop(columns="Class"), table["Class"]
    X, X_test, y, y_test = train_test_split(X, y, test_size=0.5, stratify=y, random_state=0)
    return tuple(part.reset_index(drop=True) for part in (X, y, X_test, y_test))


def week(folder):
    """The handbook's training and test week."""
    path = folder / "fraud-handbook-simulated" / "transactions.parquet"
    table = load_stream_table(path, n_splits=1)
    (train, test), *_ = table.cv.split(table.X, table.y)
    y = pd.Series(table.y)
    return tuple(
        part.reset_index(drop=True)
        for rows in (train, test)
        for part in (table.X.iloc[rows], y.iloc[rows])
    )


TABLES = {"creditcard": creditcard, "week": week}


def drawn(name, X, y, seed):
    """Frauds of one model, and the seconds of fitting and drawing."""
    kind = getattr(skgensample, name)
    start = time.perf_counter()
    if hasattr(kind, "sample"):
        model = kind(random_state=seed).fit(X, y)
        fitted = time.perf_counter()
        made, labels = model.sample(ASKED, y=1)
    else:
        wanted = {1: int((y == 1).sum()) + ASKED}
        model = kind(random_state=seed, sampling_strategy=wanted)
        table, labels = model.fit_resample(X, y)
        made, labels = table[model.is_synthetic_], labels[model.is_synthetic_]
        fitted = time.perf_counter()
    seconds = fitted - start, time.perf_counter() - fitted
    whole = len(made) == ASKED and (labels == 1).all() and np.isfinite(made.to_numpy(float)).all()
    return made, whole, seconds


def precision(X, y, X_test, y_test, seed):
    """Average precision of boosted trees."""
    model = learner(seed).fit(X, y)
    return average_precision_score(y_test, model.predict_proba(X_test)[:, 1])


def measured(made, split, seed):
    """What the table says of some frauds."""
    X, y, X_test, y_test = split
    frauds, unseen = X[y == 1], X_test[y_test == 1]
    cells = made.to_numpy(float)
    low, high = frauds.to_numpy(float).min(axis=0), frauds.to_numpy(float).max(axis=0)
    half = min(len(made), 1_000)
    part = made.sample(half, random_state=seed)
    ones = np.ones(len(made), dtype=int)
    added = pd.concat([X, made]), np.concatenate([y, ones])
    instead = pd.concat([X[y == 0], made]), np.concatenate([y[y == 0], ones])
    return {
        "out": float(((cells < low) | (cells > high)).mean()),
        "density": column_density_error(unseen, made),
        "alpha": alpha_precision_score(unseen, made),
        "beta": beta_recall_score(unseen, part, random_state=seed),
        "copies": exact_copy_rate(frauds, made),
        "AP added": precision(*added, X_test, y_test, seed),
        "AP instead": precision(*instead, X_test, y_test, seed),
    }


def line(name, values, *, rows):
    """One line of the table."""
    cells = [f"{values.get(head, np.nan):.3g}" if head != "rows" else rows for head in HEADS]
    print(f"{name:25s}" + "".join(f"{cell:>11s}" for cell in cells), flush=True)


def plot(pictures, frauds, path):
    """Frauds given and drawn: main components above, quantiles of every column below."""
    import matplotlib

    matplotlib.use("Agg")
    from matplotlib import pyplot as plt

    scores = QuantileTransformer(
        output_distribution="normal", n_quantiles=min(len(frauds), 1_000), random_state=0
    ).fit(frauds)
    plane = PCA(2, random_state=0).fit(scores.transform(frauds))
    given = plane.transform(scores.transform(frauds))
    shares = np.linspace(0.01, 0.99, 99)
    scale = frauds.std().replace(0, 1)
    figure, axes = plt.subplots(
        2, len(pictures), figsize=(2.6 * len(pictures), 5.4), layout="constrained", squeeze=False
    )
    for (name, made), (upper, lower) in zip(pictures.items(), axes.T):
        points = plane.transform(scores.transform(made))
        upper.scatter(*points[: len(given)].T, s=4, alpha=0.4, label="drawn")
        upper.scatter(*given.T, s=4, alpha=0.4, label="given")
        upper.set_title(name, fontsize=9)
        for column in frauds:
            lower.plot(
                frauds[column].quantile(shares) / scale[column],
                made[column].quantile(shares) / scale[column],
                lw=0.6,
                alpha=0.7,
            )
        lower.axline((0, 0), slope=1, color="k", lw=0.5)
        lower.set_xlabel("given, quantiles 1-99 %", fontsize=8)
    axes[0, 0].legend(markerscale=2, fontsize=8)
    axes[0, 0].set_ylabel("second component")
    axes[1, 0].set_ylabel("drawn, in deviations")
    figure.savefig(path, dpi=110)
    plt.close(figure)


def main():
    """Print one table for each data set."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--tables", nargs="+", choices=TABLES, default=list(TABLES))
    parser.add_argument("--models", nargs="+")
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--plot", type=Path, help="folder for pictures")
    options = parser.parse_args()
    warnings.simplefilter("ignore")
    ours = [name for name in OURS if name in skgensample.__all__]
    for table in options.tables:
        X, y, X_test, y_test = split = TABLES[table](options.data)
        frauds, unseen, pictures = X[y == 1], X_test[y_test == 1], {}
        print(
            f"\n{table}: {len(X)} training rows, {len(frauds)} frauds; {len(X_test)} test rows, "
            f"{len(unseen)} frauds, {exact_copy_rate(frauds, unseen):.3f} of them copies; means of "
            f"{options.seeds} seeds"
        )
        print(f"{'':25s}" + "".join(f"{head:>11s}" for head in HEADS))
        reference = measured(frauds, split, 0)
        reference["AP added"] = precision(X, y, X_test, y_test, 0)  # the given rows, once
        line("training frauds", reference, rows="")
        for name in options.models or ["NumbaSMOTE", *ours]:
            found, exact = [], True
            for seed in range(options.seeds):
                made, whole, (fit, draw) = drawn(name, X, y, seed)
                exact &= whole
                found.append({"fit s": fit, "draw s": draw, **measured(made, split, seed)})
                pictures.setdefault(name, made)
            line(name, pd.DataFrame(found).mean(), rows="exact" if exact else "WRONG")
        if options.plot:
            options.plot.mkdir(parents=True, exist_ok=True)
            plot(pictures, frauds, options.plot / f"fraud_{table}.png")


if __name__ == "__main__":
    main()
