"""Fit one of our samplers on a CSV file and write synthetic rows: a child of bench_quality.py.

    python quality_child.py SAMPLER REAL.csv MADE.csv --seed 0

SAMPLER is a class, and after colons its options: NumbaSMOTE:category_rule=nearest:scale=quantile.
Each class gets as many synthetic rows as it has real ones. An over-sampler, which cannot be asked
for rows alone, is asked for twice as many, and its given rows are left out. Prints one line of
JSON: seconds and peak memory in MB.
"""

import argparse
import json
import resource
import time

import numpy as np
import pandas as pd
from quality_tables import read_table, with_target, without_target

import skgensample


def synthetic(name, X, y, seed):
    """Rows of one sampler, as many of each class as there are, in random order.

    Returns the features, the labels and a report of seconds and memory.
    """
    counts = y.value_counts().to_dict()
    kind, *options = name.split(":")
    kind, options = getattr(skgensample, kind), dict(option.split("=") for option in options)
    twice = {label: 2 * n for label, n in counts.items()}
    start, cpu = time.perf_counter(), time.process_time()
    model = kind(random_state=seed, sampling_strategy=twice, **options)
    if hasattr(kind, "sample"):
        model.fit(X, y)
        fitted, cpu = time.perf_counter(), time.process_time() - cpu
        parts = [model.sample(n, y=label) for label, n in counts.items()]
        table = pd.concat([part for part, _ in parts], ignore_index=True)
        labels = pd.concat([part for _, part in parts], ignore_index=True)
    else:
        table, labels = model.fit_resample(X, y)
        table, labels = table[model.is_synthetic_], labels[model.is_synthetic_]
        fitted, cpu = time.perf_counter(), time.process_time() - cpu
    drawn = time.perf_counter()
    order = np.random.RandomState(seed).permutation(len(table))
    report = {
        "package": f"skgensample {skgensample.__version__}",
        "fit_seconds": fitted - start,
        "fit_cpu_seconds": cpu,
        "draw_seconds": drawn - fitted,
        "peak_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
    }
    return (*(part.take(order).reset_index(drop=True) for part in (table, labels)), report)


def main():
    """Fit, draw, write, report."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("sampler")
    parser.add_argument("real")
    parser.add_argument("made")
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    X, y = without_target(read_table(options.real))
    table, labels, report = synthetic(options.sampler, X, y, options.seed)
    with_target(table, labels).to_csv(options.made, index=False)
    print(json.dumps(report))


if __name__ == "__main__":
    main()
