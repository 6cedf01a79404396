"""Seconds of GaussianCopulaResampler on a table of the size of the card fraud set, 284,807 x 30.

    python benchmarks/generators/bench_copula.py [--rows N] [--peer-python PYTHON]

Heavy-tailed, rotated columns, one of cents and one of small integers; 492 rows of class 1. With
`--peer-python` the package sdv fits the same table in its own environment. The median of
`--repeats` fits, and the first one, which no cache helps, are printed; the peer fits once.
"""

import argparse
import json
import resource
import statistics
import subprocess
import tempfile
import time
from pathlib import Path

import numpy as np
import pandas as pd

from skgensample import GaussianCopulaResampler


def card_like(n, d=30, seed=0):
    """Table and labels."""
    rng = np.random.RandomState(seed)
    X = rng.standard_t(4, size=(n, d)) @ np.linalg.qr(rng.standard_normal((d, d)))[0]
    y = np.zeros(n, dtype=np.int64)
    y[rng.choice(n, max(2, n * 492 // 284_807), replace=False)] = 1
    X[y == 1] += 1
    X[:, -1] = np.round(np.abs(X[:, -1]) * 20, 2)
    X[:, -2] = np.floor(np.abs(X[:, -2]) * 3)
    return X, y


def peer_report(python, X, y):
    """Report of one fit of SDV's copula."""
    script = str(Path(__file__).parent / "peer_models.py")
    with tempfile.TemporaryDirectory() as folder:
        real, made = (str(Path(folder, name)) for name in ("real.csv", "made.csv"))
        table = pd.DataFrame(X, columns=[f"v{j}" for j in range(X.shape[1])])
        table.assign(target=np.where(y, "yes", "no")).to_csv(real, index=False)
        command = [python, script, "GaussianCopula", real, made]
        done = subprocess.run(command, check=True, capture_output=True, text=True)
    return json.loads(done.stdout.strip().splitlines()[-1])


def main():
    """Print the figures."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rows", type=int, default=284_807)
    parser.add_argument("--repeats", type=int, default=5)
    parser.add_argument("--peer-python")
    options = parser.parse_args()
    X, y = card_like(options.rows)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    fits, draws = [], []
    for _ in range(options.repeats):
        start = time.perf_counter()
        model = GaussianCopulaResampler(random_state=0).fit(X, y)
        fitted = time.perf_counter()
        model.sample(100_000, y=1)
        fits.append(fitted - start)
        draws.append(time.perf_counter() - fitted)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"table {X.shape[0]:,} x {X.shape[1]}, {X.nbytes / 2**20:.0f} MB")
    print(f"fit: first {fits[0]:.2f} s, median {statistics.median(fits):.2f} s")
    print(f"100,000 rows: median {statistics.median(draws):.2f} s")
    print(f"peak memory: {peak - before:.0f} MB on top of the table's process")
    if options.peer_python:
        report = peer_report(options.peer_python, X, y)
        ratio = report["fit_seconds"] / statistics.median(fits)
        print(f"{report['package']}: fit {report['fit_seconds']:.1f} s, ours {ratio:.0f} x faster")
        print(f"its process: {report['peak_mb']:.0f} MB, {len(X):,} rows drawn in "
              f"{report['draw_seconds']:.1f} s")  # fmt: skip


if __name__ == "__main__":
    main()
