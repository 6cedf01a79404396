"""The SMOTE family beside imbalanced-learn, through fit_resample.

    python benchmarks/neighbors/bench_family.py [--only TEXT] [--quick] [--repeats N] [--plot PNG]

Medians of calls in turns A B A B in one process, with rests between; MB that one warm call adds at
its peak, the result included and the input not, in a process of its own (Linux only); and the first
call of a fresh process with an empty and with a filled cache. For SVMSMOTE and KMeansSMOTE a second
line leaves out the time in the estimator's own fit and predict. `--quick`
takes a tenth of the rows and 3 repeats: it shows that the script runs, and no figure.
Set NUMBA_NUM_THREADS and OMP_NUM_THREADS to the number of cores.
"""

import argparse
import json
import sys
import tempfile
import time
from dataclasses import dataclass
from functools import partial
from importlib import import_module
from pathlib import Path
from statistics import median

import imblearn.over_sampling as peers
import numpy as np

import skgensample

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
from _timing import in_child, interleaved, setting

#: Levels of the columns of categories.
LEVELS = (2, 3, 5, 8, 12, 20, 25, 30, 40, 50)


def fraud_shaped(n, d, positives, seed=0):
    """A rotated mixture of Student t, and labels; the scarce class lies a little aside."""
    rng = np.random.default_rng(seed)
    turn = np.linalg.qr(rng.standard_normal((d, d)))[0]
    X = rng.standard_t(4, size=(n, d)) @ turn
    X[rng.random(n) < 0.3] += 2
    y = np.zeros(n, dtype=int)
    y[rng.choice(n, positives, replace=False)] = 1
    X[y == 1] += 0.5
    return X, y


def codes(n, seed=1):
    """Ten columns of category codes, low ones more frequent."""
    rng = np.random.default_rng(seed)
    drawn = [np.minimum(rng.geometric(min(0.9, 2 / top), n), top) - 1 for top in LEVELS]
    return np.column_stack(drawn)


def floats(n, positives):
    return fraud_shaped(n, 30, positives)


def float_frame(n, positives):
    import pandas as pd

    X, y = floats(n, positives)
    return pd.DataFrame(X, columns=[f"x{j}" for j in range(30)]), pd.Series(y)


def mixed(n, positives):
    X, y = fraud_shaped(n, 20, positives)
    return np.c_[X, codes(n)], y


def mixed_frame(n, positives):
    import pandas as pd

    X, y = fraud_shaped(n, 20, positives)
    frame = pd.DataFrame(X, columns=[f"x{j}" for j in range(20)])
    for j, column in enumerate(codes(n).T):
        frame[f"c{j}"] = pd.Categorical(column.astype(str))
    return frame, pd.Series(y)


def small_ints(n, positives):
    return np.minimum(codes(n), 100).astype(np.int8), fraud_shaped(n, 1, positives)[1]


def objects(n, positives):
    return codes(n).astype(str).astype(object), fraud_shaped(n, 1, positives)[1]


@dataclass(frozen=True)
class Job:
    """A sampler of imbalanced-learn's, on a table; ours has the same name after ``Numba``."""

    peer: str
    table: object
    n: int
    positives: int
    repeats: int = 7
    categorical: object = None
    target: str = ""
    estimator: tuple = ()
    options: tuple = ()

    def data(self, quick):
        size = (self.n // 10, max(self.positives // 10, 10)) if quick else (self.n, self.positives)
        return self.table(*size)

    def sampler(self, side):
        """A fresh sampler of one side, or None where there is none."""
        room, name = (peers, self.peer) if side == "peer" else (skgensample, f"Numba{self.peer}")
        kind = getattr(room, name, None)
        chosen = {} if self.categorical is None else {"categorical_features": self.categorical}
        return kind and kind(random_state=0, **chosen, **dict(self.options))


SCARCE = (284_807, 492)
#: Up to so many rows calls follow one another without a rest.
SHORT = 1_000
COLUMNS = list(range(20, 30))
#: Where an estimator stands, the parameter that takes it, and imbalanced-learn's choices for it.
SVC = ("sklearn.svm", "SVC", "svm_estimator", {"gamma": "scale", "random_state": 0})
KMEANS = ("sklearn.cluster", "MiniBatchKMeans", "kmeans_estimator", {"random_state": 0})

#: Without it imbalanced-learn finds no cluster with enough of the scarce class, and raises.
EVERY_CLUSTER = (("cluster_balance_threshold", 1e-3),)

JOBS = {
    "SMOTE 284,807": Job("SMOTE", floats, *SCARCE, 15, target="5 x"),
    "SMOTE 284,807, frame": Job("SMOTE", float_frame, *SCARCE, 9),
    "SMOTE 1,000,000 at 1 %": Job("SMOTE", floats, 1_000_000, 10_000, 5, target="3.5 x"),
    "SMOTE 1,000,000 at 5 %": Job("SMOTE", floats, 1_000_000, 50_000, 3, target="6 x"),
    "SMOTE 300": Job("SMOTE", floats, 300, 20, 101, target="1.5 x"),
    "SMOTE 1,000": Job("SMOTE", floats, 1_000, 50, 101, target="1.5 x"),
    "BorderlineSMOTE 284,807": Job("BorderlineSMOTE", floats, *SCARCE, target="5 x"),
    "BorderlineSMOTE 1,000,000": Job("BorderlineSMOTE", floats, 1_000_000, 10_000, 3, target="7 x"),
    "ADASYN 284,807": Job("ADASYN", floats, *SCARCE, target="5 x"),
    "ADASYN 1,000,000": Job("ADASYN", floats, 1_000_000, 10_000, 3, target="7 x"),
    "SMOTEN 284,807, small ints": Job("SMOTEN", small_ints, *SCARCE, target="5 x"),
    "SMOTEN 284,807, objects": Job("SMOTEN", objects, *SCARCE, target="5 x"),
    "SVMSMOTE 35,600": Job("SVMSMOTE", floats, 35_600, 492, 5, None, "rest 5 x", SVC),
    "KMeansSMOTE 284,807": Job(
        "KMeansSMOTE", floats, *SCARCE, 5, None, "rest 5 x", KMEANS, EVERY_CLUSTER
    ),
    "RandomOverSampler 284,807": Job("RandomOverSampler", floats, *SCARCE, 15, target="3 x"),
    "SMOTENC 284,807, array": Job("SMOTENC", mixed, *SCARCE, 3, COLUMNS, "250 x"),
    "SMOTENC 284,807, frame": Job("SMOTENC", mixed_frame, *SCARCE, 3, "auto", "250 x"),
    "SMOTENC 100,000 at 5 %": Job("SMOTENC", mixed, 100_000, 5_000, 5, COLUMNS, "150 x"),
}


def timed(kind):
    """A subclass of an estimator that adds up the seconds of its fit and predict in `spent`."""

    class Timed(kind):
        spent, inside = [0.0], [False]

        def _clocked(self, method, *arguments, **keywords):
            if self.inside[0]:
                return method(*arguments, **keywords)
            self.inside[0], start = True, time.perf_counter()
            try:
                return method(*arguments, **keywords)
            finally:
                self.inside[0] = False
                self.spent[0] += time.perf_counter() - start

        def fit(self, X, y=None, **keywords):
            return self._clocked(super().fit, X, y, **keywords)

        def predict(self, X, **keywords):
            return self._clocked(super().predict, X, **keywords)

    return Timed


def without_estimator(job, X, y, repeats):
    """Median seconds of each side, less those in the estimator's fit and predict."""
    module, name, parameter, choices = job.estimator
    kind = timed(getattr(import_module(module), name))
    found = {"peer": [], "ours": []}
    for _ in range(repeats):
        for side, seconds in found.items():
            sampler = job.sampler(side).set_params(**{parameter: kind(**choices)})
            kind.spent[0], start = 0.0, time.perf_counter()
            sampler.fit_resample(X, y)
            seconds.append(time.perf_counter() - start - kind.spent[0])
    return {side: median(seconds) for side, seconds in found.items()}


def child(task, name, quick):
    """In a fresh process: MB that one warm call adds at its peak, or seconds of the first call."""
    what, side = task.split("-")
    job = JOBS[name]
    sampler = job.sampler(side)
    if what == "memory":
        sampler.fit_resample(*job.data(True))
    X, y = job.data(quick)
    before, start = resident(), time.perf_counter()
    sampler.fit_resample(X, y)
    seconds = time.perf_counter() - start
    print(json.dumps(resident("VmHWM") - before if what == "memory" else seconds))


def resident(field="VmRSS"):
    """Resident size of this process in MB, or its peak since the last call; on Linux, else 0."""
    status = Path("/proc/self/status")
    if not status.exists():
        return 0.0
    line = next(line for line in status.read_text().splitlines() if line.startswith(field))
    Path("/proc/self/clear_refs").write_text("5")
    return int(line.split()[1]) / 1024


def measure(name, quick, repeats):
    """Everything about one job, or None where a side has no such sampler."""
    job = JOBS[name]
    sides = {side: job.sampler(side) for side in ("peer", "ours")}
    if None in sides.values():
        return None
    X, y = job.data(quick)
    calls = {side: partial(sampler.fit_resample, X, y) for side, sampler in sides.items()}
    repeats = repeats or (3 if quick else job.repeats)
    rows = [(name, interleaved(calls, repeats, rest=0.05 if job.n > SHORT else 0))]
    if job.estimator:
        rows.append((f"{name}, rest", without_estimator(job, X, y, repeats)))
    fresh = partial(in_child, __file__, "--quick" if quick else "--full", "--child")
    memory = [fresh(f"memory-{side}", name) for side in sides]
    with tempfile.TemporaryDirectory() as cache:
        first = [fresh("first-ours", name, NUMBA_CACHE_DIR=cache) for _ in range(2)]
    return rows, memory, first


def report(name, quick, repeats):
    """Print one job; returns its speed-ups."""
    found = measure(name, quick, repeats)
    if found is None:
        print(f"{name:31} no such sampler here")
        return {}
    rows, memory, first = found
    for label, seconds in rows:
        ratio = seconds["peer"] / seconds["ours"]
        print(
            f"{label:31} {seconds['peer']:9.4f} {seconds['ours']:9.4f} {ratio:8.1f} x"
            f"  {JOBS[name].target:9}"
            f" {memory[0]:8.0f} {memory[1]:8.0f} {first[0]:7.2f} {first[1]:7.2f}",
            flush=True,
        )
    return {label: seconds["peer"] / seconds["ours"] for label, seconds in rows}


def growth(quick):
    """Seconds of SMOTE on both sides, from 10^4 to 10^6 rows, 1 % of them scarce."""
    found = {}
    for n in np.logspace(4, 5 if quick else 6, 3 if quick else 5).astype(int):
        X, y = floats(n, n // 100)
        job = JOBS["SMOTE 284,807"]
        calls = {side: partial(job.sampler(side).fit_resample, X, y) for side in ("peer", "ours")}
        found[n] = interleaved(calls, 3)
    return found


def draw(speedups, found, path):
    """Plot speed-ups and growth."""
    import matplotlib

    matplotlib.use("Agg")
    from matplotlib import pyplot as plt

    figure, (left, right) = plt.subplots(1, 2, figsize=(12, 5), layout="constrained")
    left.barh(list(speedups), list(speedups.values()))
    left.invert_yaxis()
    left.set(xscale="log", xlabel="times as fast as imbalanced-learn")
    for side, label in (("peer", "imbalanced-learn"), ("ours", "skgensample")):
        right.plot(list(found), [seconds[side] for seconds in found.values()], "o-", label=label)
    right.set(xscale="log", yscale="log", xlabel="rows, 30 columns, 1 %", ylabel="seconds, SMOTE")
    right.legend()
    figure.savefig(path, dpi=120)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--only", default="", help="jobs whose name holds this text")
    parser.add_argument("--quick", action="store_true", help="a tenth of the rows, 3 repeats")
    parser.add_argument("--full", action="store_true", help=argparse.SUPPRESS)
    parser.add_argument("--repeats", type=int, default=0, help="instead of each job's own number")
    parser.add_argument("--plot", metavar="PNG", help="draw speed-ups and growth")
    parser.add_argument("--child", nargs=2, help=argparse.SUPPRESS)
    chosen = parser.parse_args()
    if chosen.child:
        child(*chosen.child, chosen.quick)
        return
    packages = ("skgensample", "imbalanced-learn", "scikit-learn", "numpy", "numba", "pandas")
    print(setting(*packages))
    print(f"{'job':31} {'peer s':>9} {'ours s':>9} {'ratio':>10}  {'target':9}", end="")
    print(f" {'peer MB':>8} {'ours MB':>8} {'cold s':>7} {'warm s':>7}")
    speedups = {}
    for name in JOBS:
        if chosen.only in name:
            speedups.update(report(name, chosen.quick, chosen.repeats))
    if chosen.plot:
        draw(speedups, growth(chosen.quick), chosen.plot)


if __name__ == "__main__":
    main()
