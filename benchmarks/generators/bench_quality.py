"""Quality of every generator on four tables, beside references and peers.

    python benchmarks/generators/bench_quality.py --data FOLDER [--tables adult churn ...]
        [--models NAME ...] [--seeds 3] [--cache FOLDER] [--peer-python PYTHON [--peer-epochs 300]]

FOLDER holds the folders adult, bank-marketing, credit-default-taiwan, modeldata-mlc-churn. Models
learn the training rows with the label, and draw as many rows. Ours are asked for each class's
count; peers draw the label as they learnt it. Everything is measured against rows that no model has
seen (adult's own test file, a quarter of the others):

- density, pair: errors of columns and pairs, label included
- C2ST: AUROC of telling test rows from synthetic ones, label included (0.5 is perfect)
- AUROC, F1: of boosted trees trained on the synthetic rows (LightGBM if installed, else
  scikit-learn's), F1 of the rarer class at the threshold 0.5
- alpha, beta: alpha-precision and beta-recall
- copies: share of synthetic rows that are training rows in every cell

References: real training rows (the best that can be asked for), independent columns (each shuffled
on its own, label too), independent columns within each class, and SMOTE in the part of a generator
(each class interpolated as a whole). Rows are means over the seeds. Every model runs in a process
of its own; synthetic rows are kept in the cache, and a second call goes on from there. "CPU s" are
processor seconds of fitting, which other work on the machine hardly changes, MB the highest memory
of that process.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np
import pandas as pd
from quality_tables import TABLES, load, with_target, without_target
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.metrics import f1_score, roc_auc_score

import skgensample
from skgensample.metrics import (
    alpha_precision_score,
    beta_recall_score,
    c2st_auroc,
    column_density_error,
    exact_copy_rate,
    pair_error,
)

HERE = Path(__file__).parent
OURS = (
    "SequentialTreesResampler", "GaussianCopulaResampler", "CTGANResampler", "CopulaGANResampler",
    "TVAEResampler", "DiffusionResampler", "WGANOversampler", "GANOversampler",
)  # fmt: skip
PEERS = ("GaussianCopula", "TVAE", "CTGAN", "CopulaGAN")
REFERENCES = ("real rows", "independent", "independent by class", "NumbaSMOTE")
MEASURES = ("density", "pair", "C2ST", "AUROC", "F1", "alpha", "beta", "copies")


def learner(seed):
    """LightGBM where it is installed."""
    try:
        from lightgbm import LGBMClassifier
    except ImportError:
        return HistGradientBoostingClassifier(categorical_features="from_dtype", random_state=seed)
    return LGBMClassifier(random_state=seed, verbose=-1, n_jobs=1)


def utility(made, split, seed):
    """AUROC and F1 on the test rows of trees trained on a joint table."""
    X, y = without_target(made)
    if y.nunique() < 2:
        return 0.5, 0.0
    dtypes = {
        column: pd.CategoricalDtype(sorted(set(split.X[column]) | set(split.X_test[column])))
        for column in split.X.select_dtypes(exclude="number")
    }
    model = learner(seed).fit(X[split.X.columns].astype(dtypes), y)
    said = model.predict_proba(split.X_test.astype(dtypes))[:, 1]
    return roc_auc_score(split.y_test, said), f1_score(split.y_test, said > 0.5)


def measures(made, split, seed):
    """All measures of one joint table."""
    train, test = with_target(split.X, split.y), with_target(split.X_test, split.y_test)
    made = made[test.columns].astype({c: t for c, t in test.dtypes.items() if t.kind in "if"})
    auroc, f1 = utility(made, split, seed)
    return {
        "density": column_density_error(test, made),
        "pair": pair_error(test, made),
        "C2ST": c2st_auroc(test, made, max_rows=5_000, random_state=seed),
        "AUROC": auroc,
        "F1": f1,
        "alpha": alpha_precision_score(test, made),
        "beta": beta_recall_score(test, made, max_rows=4_000, random_state=seed),
        "copies": exact_copy_rate(train, made),
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
    if name in REFERENCES[:3]:
        return reference(name, split, seed), {}
    own = name in (*OURS, "NumbaSMOTE")
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
    return None if report is None else (pd.read_csv(made, keep_default_na=False), report)


def row(name, table, split, options):
    """Means over the seeds of one model on one table."""
    found = []
    for seed in range(options.seeds):
        one = made_by(name, table, split, seed, options)
        if one is None:
            continue
        made, report = one
        values = measures(made, split, seed)
        values["CPU s"] = report.get("fit_cpu_seconds", 0.0)
        values["MB"] = report.get("peak_mb", 0.0)
        found.append(values)
    return len(found), pd.DataFrame(found).mean() if found else None


def options_of(arguments=None):
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--tables", nargs="+", choices=TABLES, default=list(TABLES))
    parser.add_argument("--models", nargs="+")
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--cache", type=Path)
    parser.add_argument("--peer-python")
    parser.add_argument("--peer-epochs", type=int, default=300)
    parser.add_argument("--output", type=Path, help="also write the figures as CSV")
    options = parser.parse_args(arguments)
    options.cache = options.cache or Path(tempfile.mkdtemp())
    options.cache.mkdir(parents=True, exist_ok=True)
    return options


def main():
    """Print one table for each data set."""
    options = options_of()
    ours = [name for name in OURS if name in skgensample.__all__]
    models = options.models or [*REFERENCES, *ours, *(f"peer {name}" for name in PEERS)]
    print(f"{type(learner(0)).__name__}, OMP_NUM_THREADS={os.environ.get('OMP_NUM_THREADS')}")
    kept = []
    for table in options.tables:
        split = load(table, options.data)
        print(f"\n{table}: {len(split.X)} training rows, {len(split.X_test)} test rows")
        heads = (*MEASURES, "CPU s", "MB", "seeds")
        print(f"{'model':25s}" + "".join(f"{head:>9s}" for head in heads), flush=True)
        for name in models:
            n_seeds, means = row(name, table, split, options)
            if means is None:
                continue
            kept.append({"table": table, "model": name, "seeds": n_seeds, **means})
            cells = "".join(f"{means[m]:9.4f}" for m in MEASURES)
            cells += f"{means['CPU s']:9.1f}{means['MB']:9.0f}{n_seeds:9d}"
            print(f"{name:25s}{cells}", flush=True)
    if options.output:
        pd.DataFrame(kept).to_csv(options.output, index=False)


if __name__ == "__main__":
    main()
