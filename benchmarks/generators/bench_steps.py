"""CTGANResampler on adult at the peer's sizes: preprocessing, milliseconds a step, draws.

    python benchmarks/generators/bench_steps.py DATA_FOLDER [--steps N] [--threads N ...]
                                                [--peer PYTHON]

DATA_FOLDER holds adult-train.csv. Both sides: networks 256-256, batch 500, packs of 10, no early
stopping. The seconds of one epoch's worth of steps are taken from the seconds of more, so that
preprocessing and start-up cancel out. Each figure is measured in a fresh process with torch on
`--threads` threads; our training takes one of them whatever there is, drawing takes all.
"""

import argparse
import os
import subprocess
import sys
import tempfile
from pathlib import Path

import pandas as pd
from bench_adult import TARGET, read

OURS = """
import sys, time, warnings, pandas as pd, torch
from skgensample import CTGANResampler
source, steps, threads = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
torch.set_num_threads(threads)
table = pd.read_csv(source, keep_default_na=False)
y = table.pop("income")
def fit(max_steps):
    start = time.perf_counter()
    model = CTGANResampler(
        batch_size=500, pac=10, max_steps=max_steps, early_stopping=False, random_state=0
    ).fit(table, y)
    return model, time.perf_counter() - start
fit(1)
model, short = fit(1)
_, long = fit(1 + steps)
model.sample(1000)
start = time.perf_counter()
model.sample(100_000)
print(short, (long - short) / steps, time.perf_counter() - start)
"""
PEER = """
import sys, time, pandas as pd, torch
from ctgan import CTGAN
source, steps, threads = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
torch.set_num_threads(threads)
table = pd.read_csv(source, keep_default_na=False)
discrete = [c for c in table if not pd.api.types.is_numeric_dtype(table[c])]
rows = max(len(table) // 500, 1)
def fit(epochs):
    model = CTGAN(epochs=epochs, verbose=False)
    start = time.perf_counter()
    model.fit(table, discrete)
    return model, time.perf_counter() - start
more = max(round(steps / rows), 1)
model, short = fit(1)
_, long = fit(1 + more)
step = (long - short) / (more * rows)
model.sample(1000)
start = time.perf_counter()
model.sample(100_000)
print(short - rows * step, step, time.perf_counter() - start)
"""


def measure(python, program, source, steps, threads):
    """Seconds of preprocessing, of a step and of 100,000 rows, from a process of its own."""
    count = str(threads)
    variables = dict.fromkeys(("OMP_NUM_THREADS", "MKL_NUM_THREADS"), count)
    done = subprocess.run(
        [python, "-c", program, str(source), str(steps), count],
        env={**os.environ, **variables},
        check=True,
        capture_output=True,
        text=True,
    )
    return [float(word) for word in done.stdout.split()[-3:]]


def main():
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("--steps", type=int, default=130)
    parser.add_argument("--threads", type=int, nargs="+", default=[1, 2])
    parser.add_argument("--peer", help="python of an environment that has ctgan")
    options = parser.parse_args()
    X, y = read(options.folder / "adult-train.csv")
    sides = [("CTGANResampler", sys.executable, OURS)]
    if options.peer:
        sides.append(("ctgan", options.peer, PEER))
    print(
        f"{'':16s} {'threads':>8s} {'preparing s':>12s} {'ms a step':>10s} {'100,000 rows s':>15s}"
    )
    with tempfile.TemporaryDirectory() as folder:
        source = Path(folder, "adult.csv")
        pd.concat([X, y.map({0: "no", 1: "yes"}).rename(TARGET)], axis=1).to_csv(
            source, index=False
        )
        for threads in options.threads:
            for name, python, program in sides:
                ready, step, drawn = measure(python, program, source, options.steps, threads)
                print(f"{name:16s} {threads:8d} {ready:12.2f} {step * 1e3:10.1f} {drawn:15.2f}")


if __name__ == "__main__":
    main()
