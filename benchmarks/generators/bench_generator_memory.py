"""Peak memory and seconds of generators fitted on large tables.

    python benchmarks/generators/bench_generator_memory.py [--rows N ...] [--max-steps N] [NAME ...]

Tables of 30 columns, 25 of them float32 and 5 categorical of 10 to 50 levels, 2 % minority. Each
fit runs in a process of its own; its memory is the growth of the peak resident memory during
`fit`, the given table not included. Networks take few steps: their memory does not depend on the
number of steps. Linux only.
"""

import argparse
import subprocess
import sys
import time
import warnings

import numpy as np
import pandas as pd

import skgensample as sg

PLAIN = ["GaussianCopulaResampler", "SequentialTreesResampler"]
NETWORKS = [
    "GANOversampler",
    "WGANOversampler",
    "CTGANResampler",
    "CopulaGANResampler",
    "TVAEResampler",
    "AutoregressiveResampler",
]
N_COLUMNS, N_CATEGORICAL = 30, 5


def megabytes(field):
    """A field of the process's status, such as VmHWM, the peak resident memory."""
    with open("/proc/self/status") as lines:
        return next(int(line.split()[1]) for line in lines if line.startswith(field)) * 1024 / 1e6


def table(n):
    """A table of `n` rows and its labels."""
    rng = np.random.default_rng(0)
    columns = {f"x{j}": rng.normal(size=n).astype("f4") for j in range(N_COLUMNS - N_CATEGORICAL)}
    for j in range(1, 1 + N_CATEGORICAL):
        levels = [f"level {i}" for i in range(10 * j)]
        codes = rng.integers(0, 10 * j, n)
        columns[f"c{j}"] = pd.Categorical.from_codes(codes, levels)
    return pd.DataFrame(columns), (rng.random(n) < 0.02).astype(int)


def measure(name, n, max_steps):
    """Print the memory and seconds of one fit, above those of a fit on few rows."""
    warnings.simplefilter("ignore")
    options = {} if name in PLAIN else {"max_steps": max_steps}
    sampler = getattr(sg, name)(random_state=0, **options)
    sampler.fit(*table(2_000)).sample(10, y=1)  # compiles, and loads what is loaded late
    X, y = table(n)
    with open("/proc/self/clear_refs", "w") as resets:
        resets.write("5")
    before, start = megabytes("VmRSS"), time.perf_counter()
    sampler.fit(X, y)
    seconds = time.perf_counter() - start
    grown = megabytes("VmHWM") - before
    cell = grown * 1e6 / n / N_COLUMNS
    print(f"{name:26s} {n:9,d} {grown:8,.0f} {cell:8.1f} {seconds:8.1f}", flush=True)


def main():
    """Measure every generator on every number of rows."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("names", nargs="*", default=PLAIN + NETWORKS)
    parser.add_argument("--rows", type=int, nargs="+", default=[100_000, 1_000_000])
    parser.add_argument("--max-steps", type=int, default=20)
    parser.add_argument("--here", action="store_true", help="in this process")
    options = parser.parse_args()
    if options.here:
        measure(options.names[0], options.rows[0], options.max_steps)
        return
    print(f"{'generator':26s} {'rows':>9s} {'MB':>8s} {'B a cell':>8s} {'seconds':>8s}")
    for name in options.names:
        for n in options.rows:
            settings = ["--rows", str(n), "--max-steps", str(options.max_steps), "--here"]
            subprocess.run([sys.executable, __file__, name, *settings], check=True)


if __name__ == "__main__":
    main()
