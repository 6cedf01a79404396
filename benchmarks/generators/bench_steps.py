"""CTGAN and TVAE on adult at the peer's sizes: preprocessing, milliseconds a step, draws, memory.

    python benchmarks/generators/bench_steps.py DATA_FOLDER [--steps N] [--threads N ...]
                                                [--models CTGAN TVAE] [--peer PYTHON]

DATA_FOLDER holds adult-train.csv. Both sides: CTGAN with networks 256-256, batch 500, packs of 10;
TVAE with networks 128-128, 128 latent variables, batch 500; no early stopping. The clock is read
after each optimiser's step: all before the first step is preprocessing, and the median of the
others is a step; draws are a median of five. Each line is measured in a fresh process with torch
on `--threads` threads; its peak of memory (Linux, macOS) counts all of it, imports and table too.
"""

import argparse
import os
import subprocess
import sys
import tempfile
from itertools import product
from pathlib import Path

import pandas as pd
from bench_adult import TARGET, read

CLOCK = """
import resource, statistics, sys, time, warnings, pandas as pd, torch
source, steps, threads, name = sys.argv[1], int(sys.argv[2]), int(sys.argv[3]), sys.argv[4]
torch.set_num_threads(threads)
table = pd.read_csv(source, keep_default_na=False)
stamps = []
def clocked(kind):
    step = kind.step
    def timed(self, *arguments, **keywords):
        found = step(self, *arguments, **keywords)
        stamps.append(time.perf_counter())
        return found
    kind.step = timed
def report(model, fit, draw):
    start = time.perf_counter()
    fit(model)
    # CTGAN has two optimisers: every second stamp ends a step; the first steps warm up
    ends = stamps[1::2] if name == "CTGAN" else stamps
    step = statistics.median(b - a for a, b in zip(ends[10:], ends[11:]))
    draw(model, 1000)
    draws = [time.perf_counter()]
    for _ in range(5):
        draw(model, 100_000)
        draws.append(time.perf_counter())
    seconds = statistics.median(b - a for a, b in zip(draws, draws[1:]))
    unit = 2**20 if sys.platform == "darwin" else 2**10
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / unit
    print(ends[0] - start - step, step, seconds, peak)
"""
OURS = """
import skgensample
from torch.optim import Adam
clocked(Adam)
y = table.pop("income")
sizes = dict(batch_size=500, early_stopping=False, random_state=0)
if name == "CTGAN":
    sizes["pac"] = 10
sampler = getattr(skgensample, name + "Resampler")
sampler(max_steps=1, **sizes).fit(table, y)
stamps.clear()
model = sampler(max_steps=steps, **sizes)
report(model, lambda model: model.fit(table, y), lambda model, n: model.sample(n))
"""
PEER = """
import ctgan
clocked(torch.optim.Adam)
discrete = [c for c in table if not pd.api.types.is_numeric_dtype(table[c])]
epochs = max(round(steps / (len(table) // 500)), 1)
model = getattr(ctgan, name)(epochs=epochs, verbose=False)
report(model, lambda model: model.fit(table, discrete), lambda model, n: model.sample(n))
"""


def measure(python, program, source, steps, threads, name):
    """Seconds of preprocessing, a step and 100,000 rows, and MB, of a process of its own."""
    count = str(threads)
    variables = dict.fromkeys(("OMP_NUM_THREADS", "MKL_NUM_THREADS"), count)
    done = subprocess.run(
        [python, "-c", program, str(source), str(steps), count, name],
        env={**os.environ, **variables},
        check=True,
        capture_output=True,
        text=True,
    )
    return [float(word) for word in done.stdout.split()[-4:]]


def main():
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("--steps", type=int, default=130)
    parser.add_argument("--threads", type=int, nargs="+", default=[1, 2])
    parser.add_argument("--models", nargs="+", default=["CTGAN", "TVAE"])
    parser.add_argument("--peer", help="python of an environment that has ctgan")
    options = parser.parse_args()
    X, y = read(options.folder / "adult-train.csv")
    sides = [("skgensample", sys.executable, CLOCK + OURS)]
    if options.peer:
        sides.append(("ctgan", options.peer, CLOCK + PEER))
    print(
        f"{'':20s} {'threads':>8s} {'preparing s':>12s} {'ms a step':>10s} "
        f"{'100,000 rows s':>15s} {'peak MB':>8s}"
    )
    with tempfile.TemporaryDirectory() as folder:
        source = Path(folder, "adult.csv")
        pd.concat([X, y.map({0: "no", 1: "yes"}).rename(TARGET)], axis=1).to_csv(
            source, index=False
        )
        for name, threads in product(options.models, options.threads):
            for side, python, program in sides:
                given = python, program, source, options.steps, threads, name
                ready, step, drawn, peak = measure(*given)
                figures = f"{ready:12.2f} {step * 1e3:10.1f} {drawn:15.2f} {peak:8.0f}"
                print(f"{name:8s}{side:12s} {threads:8d} {figures}", flush=True)


if __name__ == "__main__":
    main()
