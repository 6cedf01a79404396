"""Fit one of our samplers on a CSV file and write synthetic rows: a child of bench_quality.py.

    python quality_child.py SAMPLER REAL.csv MADE.csv --seed 0

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


def main():
    """Fit, draw, write, report."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("sampler")
    parser.add_argument("real")
    parser.add_argument("made")
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    X, y = without_target(read_table(options.real))
    counts = y.value_counts().to_dict()
    kind = getattr(skgensample, options.sampler)
    twice = {label: 2 * n for label, n in counts.items()}
    start, cpu = time.perf_counter(), time.process_time()
    if hasattr(kind, "sample"):
        model = kind(random_state=options.seed, sampling_strategy=twice).fit(X, y)
        fitted, cpu = time.perf_counter(), time.process_time() - cpu
        parts = [model.sample(n, y=label) for label, n in counts.items()]
        table = pd.concat([part for part, _ in parts], ignore_index=True)
        labels = pd.concat([part for _, part in parts], ignore_index=True)
    else:
        model = kind(random_state=options.seed, sampling_strategy=twice)
        table, labels = model.fit_resample(X, y)
        table, labels = table[model.is_synthetic_], labels[model.is_synthetic_]
        fitted, cpu = time.perf_counter(), time.process_time() - cpu
    drawn = time.perf_counter()
    order = np.random.RandomState(options.seed).permutation(len(table))
    with_target(table, labels).take(order).to_csv(options.made, index=False)
    report = {
        "package": f"skgensample {skgensample.__version__}",
        "fit_seconds": fitted - start,
        "fit_cpu_seconds": cpu,
        "draw_seconds": drawn - fitted,
        "peak_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
    }
    print(json.dumps(report))


if __name__ == "__main__":
    main()
