"""Quality of every generator on four tables, beside references and peers.

    python benchmarks/generators/bench_quality.py --data FOLDER [--tables adult churn ...]
        [--models NAME ...] [--seeds 3] [--first-seed 0] [--cache FOLDER] [--output FILE.jsonl]
        [--peer-python PYTHON [--peer-epochs 300]]
    python benchmarks/generators/bench_quality.py --print FILE.jsonl ...

FOLDER holds the folders adult, bank-marketing, credit-default-taiwan, modeldata-mlc-churn. Models
learn the training rows with the label, and draw as many rows. Ours are asked for each class's
count; peers draw the label as they learnt it. Everything is measured against rows that no model has
seen (adult's own test file, a quarter of the others):

- density, pair: errors of columns and pairs, label included
- C2ST: AUROC of telling test rows from synthetic ones, label included (0.5 is perfect)
- AUROC, F1: of boosted trees trained on the synthetic rows (LightGBM if installed, else
  scikit-learn's), F1 of the rarer class at the threshold 0.5; macro: mean F1 of both classes
- C2ST+: the same, whose classifier is also shown the differences of related columns
- alpha, beta: alpha-precision and beta-recall
- member, TPR@1%: AUROC of the nearest-row membership attack, .5 for none, and its true positive
  rate at a false positive rate of 1 %
- closest: share of synthetic rows closer to a training row than to any of as many test rows
- copies, cells: share of synthetic rows that are training rows in every cell, and of the cells of
  continuous columns that equal a training cell; nat.rows, nat.cells: the same of test rows

References: real training rows (the best that can be asked for, and the worst leak), independent
columns (each shuffled on its own, label too), independent columns within each class, and SMOTE in
the part of a generator (each class interpolated as a whole; these tables have categories, for which
NumbaSMOTE makes the rows of NumbaSMOTENC). A name may be followed by options of text:
NumbaSMOTE:category_rule=nearest:scale=quantile. Rows are means over the seeds. Every model runs
in a process of its own; synthetic rows are kept in the cache, and a second call goes on from there.
"CPU s" are processor seconds of fitting, which other work on the machine hardly changes, MB the
highest memory of that process. `--output` appends the figures of every run to a file, from which
`--print` makes the tables again.
"""

import argparse
import json
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np
import pandas as pd
import result_lines
from quality_tables import TABLES, load, read_table, with_target, without_target
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.metrics import f1_score, roc_auc_score

import skgensample
from skgensample.metrics import (
    alpha_precision_score,
    beta_recall_score,
    c2st_auroc,
    closest_record_share,
    column_density_error,
    copy_rates,
    membership_inference_score,
    pair_error,
)

HERE = Path(__file__).parent
OURS = (
    "GaussianCopulaResampler", "CTGANResampler", "CopulaGANResampler", "TVAEResampler",
    "SequentialTreesResampler", "AutoregressiveResampler", "DiffusionResampler", "WGANOversampler",
    "GANOversampler",
)  # fmt: skip
PEERS = ("GaussianCopula", "TVAE", "CTGAN", "CopulaGAN")
REFERENCES = ("real rows", "independent", "independent by class")
MEASURES = (
    "density", "pair", "C2ST", "C2ST+", "AUROC", "F1", "macro", "alpha", "beta",
    "member", "TPR@1%", "closest", "copies", "nat.rows", "cells", "nat.cells",
)  # fmt: skip
COLUMNS = (*MEASURES, "CPU s", "MB")


def learner(seed):
    """LightGBM where it is installed."""
    try:
        from lightgbm import LGBMClassifier
    except ImportError:
        return HistGradientBoostingClassifier(categorical_features="from_dtype", random_state=seed)
    return LGBMClassifier(random_state=seed, verbose=-1, n_jobs=1)


def utility(made, split, seed):
    """AUROC, F1 and macro F1 on the test rows of trees trained on a joint table."""
    X, y = without_target(made)
    if y.nunique() < 2:
        return 0.5, 0.0, 0.0
    dtypes = {
        column: pd.CategoricalDtype(sorted(set(split.X[column]) | set(split.X_test[column])))
        for column in split.X.select_dtypes(exclude="number")
    }
    model = learner(seed).fit(X[split.X.columns].astype(dtypes), y)
    said = model.predict_proba(split.X_test.astype(dtypes))[:, 1]
    auroc, label = roc_auc_score(split.y_test, said), said > 0.5
    return auroc, f1_score(split.y_test, label), f1_score(split.y_test, label, average="macro")


def measures(made, split, seed):
    """All measures of one joint table."""
    train, test = with_target(split.X, split.y), with_target(split.X_test, split.y_test)
    made = made[test.columns].astype({c: t for c, t in test.dtypes.items() if t.kind in "if"})
    auroc, f1, macro = utility(made, split, seed)
    attack = membership_inference_score(train, test, made, random_state=seed)
    copies = copy_rates(train, test, made)
    told = {"max_rows": 5_000, "random_state": seed}
    return {
        "density": column_density_error(test, made),
        "pair": pair_error(test, made),
        "C2ST": c2st_auroc(test, made, **told),
        "C2ST+": c2st_auroc(test, made, differences=True, **told),
        "AUROC": auroc,
        "F1": f1,
        "macro": macro,
        "alpha": alpha_precision_score(test, made),
        "beta": beta_recall_score(test, made, max_rows=4_000, random_state=seed),
        "member": attack.auroc,
        "TPR@1%": attack.tpr,
        "closest": closest_record_share(train, test, made, random_state=seed),
        "copies": copies.rows,
        "nat.rows": copies.natural_rows,
        "cells": copies.cells,
        "nat.cells": copies.natural_cells,
    }


def reference(name, split, seed):
    """A joint table that no model made."""
    table = with_target(split.X, split.y)
    if name == "real rows":
        return table
    rng = np.random.RandomState(seed)
    if name == "independent":
        return table.apply(lambda column: column.to_numpy()[rng.permutation(len(table))])
    parts = [
        part.apply(lambda column: column.to_numpy()[rng.permutation(len(column))])
        for _, part in table.groupby("target")
    ]
    return pd.concat(parts, ignore_index=True)


def in_child(command, made):
    """Run a model in a process of its own; its report, kept next to the rows that it made."""
    report = made.with_suffix(".json")
    if not (made.exists() and report.exists()):
        done = subprocess.run(command, capture_output=True, text=True)
        if done.returncode:
            print(f"{' '.join(command[1:3])} failed: {done.stderr.strip()[-300:]}", flush=True)
            return None
        report.write_text(done.stdout.strip().splitlines()[-1])
    return json.loads(report.read_text())


def made_by(name, table, split, seed, options):
    """Joint synthetic table of one model and the report of its run, or None where it is missing."""
    if name in REFERENCES:
        return reference(name, split, seed), {}
    own = hasattr(skgensample, name.split(":")[0])
    made = options.cache / f"{table}-{name.replace('peer ', '')}-{seed}.csv"
    source = options.cache / f"{table}-train.csv"
    if not source.exists():
        with_target(split.X, split.y).to_csv(source, index=False)
    if own:
        command = [sys.executable, str(HERE / "quality_child.py"), name, str(source), str(made)]
    else:
        script, model = str(HERE / "peer_models.py"), name.removeprefix("peer ")
        command = [options.peer_python or "", script, model, str(source), str(made)]
        command += ["--epochs", str(options.peer_epochs)]
        if not options.peer_python and not made.with_suffix(".json").exists():
            return None
    report = in_child([*command, "--seed", str(seed)], made)
    return None if report is None else (read_table(made), report)


def runs(name, table, split, options):
    """Figures of one model on one table, for each seed; appended to the output as they come."""
    found = []
    for seed in range(options.first_seed, options.first_seed + options.seeds):
        one = made_by(name, table, split, seed, options)
        if one is None:
            continue
        made, report = one
        values = measures(made, split, seed)
        values["CPU s"] = report.get("fit_cpu_seconds", 0.0)
        values["MB"] = report.get("peak_mb", 0.0)
        values = {key: None if value != value else value for key, value in values.items()}
        result_lines.append(
            options.output, {"table": table, "model": name, "seed": seed, **values, "run": report}
        )
        found.append(values)
    return found


def add_options(parser, seeds=3):
    """What every benchmark that fits models in children of its own can be told."""
    parser.add_argument("--data", type=Path, help="folder of the data sets")
    parser.add_argument("--models", type=names, nargs="+")
    parser.add_argument("--seeds", type=int, default=seeds, help="how many")
    parser.add_argument("--first-seed", type=int, default=0)
    parser.add_argument("--cache", type=Path, help="folder of synthetic rows, made once")
    parser.add_argument("--output", type=Path, help="append the figures to this file, JSON lines")
    parser.add_argument("--print", type=Path, nargs="+", help="only print tables of such files")


def names(text):
    """Names between commas."""
    return [name.strip() for name in text.split(",") if name.strip()]


def parsed(parser, arguments=None):
    """The options, checked; `models` is a flat list or None."""
    options = parser.parse_args(arguments)
    if not options.data and not options.print:
        parser.error("one of --data and --print is needed")
    options.models = options.models and [name for part in options.models for name in part]
    options.cache = options.cache or Path(tempfile.mkdtemp())
    options.cache.mkdir(parents=True, exist_ok=True)
    return options


def options_of(arguments=None):
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    add_options(parser)
    parser.add_argument("--tables", nargs="+", choices=TABLES, default=list(TABLES))
    parser.add_argument("--peer-python")
    parser.add_argument("--peer-epochs", type=int, default=300)
    return parsed(parser, arguments)


def main():
    """Print one table for each data set."""
    options = options_of()
    if options.print:
        result_lines.print_tables(result_lines.read(options.print), COLUMNS)
        return
    ours = [name for name in OURS if name in skgensample.__all__]
    models = options.models or [
        *REFERENCES,
        "NumbaSMOTE",
        *ours,
        *(f"peer {name}" for name in PEERS),
    ]
    print(f"{type(learner(0)).__name__}, {result_lines.versions()}")
    for table in options.tables:
        split = load(table, options.data)
        print(f"\n{table}: {len(split.X)} training rows, {len(split.X_test)} test rows")
        print(result_lines.head(COLUMNS), flush=True)
        for name in models:
            if found := runs(name, table, split, options):
                print(result_lines.line(name, found, COLUMNS), flush=True)


if __name__ == "__main__":
    main()
