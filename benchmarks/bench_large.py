"""Large tables: seconds and peak memory of samplers in memory, from files, and through Dask.

A table of n rows and 30 normal columns, 0.2 % of them in a shifted minority class, is made in
parts, so that nothing has to hold it. Each measurement is a process of its own and one JSON line;
lines that are there already are not measured again::

    python benchmarks/bench_large.py large.jsonl --sizes 10000 100000 1000000 10000000
    python benchmarks/bench_large.py large.jsonl --plot large_data.png

`seconds` counts from the table (in memory, or as a file) to the complete result: in memory, as a
Parquet file, or, for Dask, all partitions computed once on the workers of a LocalCluster. `peak`
is the largest resident memory of the process; for Dask that of the largest worker, and `client`
that of the calling process. `digest` is a hash of the new rows: equal where the rows are equal.
"""

import argparse
import contextlib
import hashlib
import json
import os
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

import numpy as np

COLUMNS = 30
MINORITY = 0.002
RATIO = 0.1
PART = 250_000
SAMPLERS = ("NumbaSMOTE", "NumbaBorderlineSMOTE")
WAYS = ("memory", "dataset", "dask", "imblearn")
#: Largest tables that are tried in memory.
MOST = {"memory": 10**6, "imblearn": 10**6}
DATASET_MEMORY = "1.5GB"
WORKER_MEMORY = "3GB"


def part_of(number, n):
    """Rows of one part of the table, a frame with its labels in column Class."""
    import pandas as pd

    start = number * PART
    rows = min(PART, n - start)
    rng = np.random.default_rng([7, number])
    X = rng.standard_normal((rows, COLUMNS))
    y = (rng.random(rows) < MINORITY).astype(np.int64)
    X[y == 1, :5] += 1.5
    frame = pd.DataFrame(X, columns=[f"V{j}" for j in range(COLUMNS)])
    frame["Class"] = y
    frame.index = pd.RangeIndex(start, start + rows)
    return frame


def n_parts(n):
    """Number of parts of a table of n rows."""
    return -(-n // PART)


def sampler_of(name, way):
    """A sampler with a fixed seed."""
    if way == "imblearn":
        from imblearn.over_sampling import SMOTE, BorderlineSMOTE

        kind = {"NumbaSMOTE": SMOTE, "NumbaBorderlineSMOTE": BorderlineSMOTE}[name]
        return kind(sampling_strategy=RATIO, random_state=0)
    import skgensample

    return getattr(skgensample, name)(sampling_strategy=RATIO, random_state=0)


def digest(frame):
    """Hash of rows."""
    values = np.ascontiguousarray(frame[[f"V{j}" for j in range(COLUMNS)]], dtype=np.float64)
    return hashlib.sha256(values).hexdigest()[:16]


def high_water():
    """Largest resident memory of this process so far, in bytes."""
    for line in Path("/proc/self/status").read_text().splitlines():
        if line.startswith("VmHWM"):
            return int(line.split()[1]) * 1024
    return 0


def in_memory(name, way, n, folder):
    """The sampler on a frame."""
    import pandas as pd

    frame = pd.concat([part_of(i, n) for i in range(n_parts(n))])
    X, y = frame.drop(columns="Class"), frame["Class"]
    del frame
    sampler = sampler_of(name, way)  # imported before the clock starts
    began = time.perf_counter()
    X_all, y_all = sampler.fit_resample(X, y)
    seconds, peak = time.perf_counter() - began, high_water()
    return {"seconds": seconds, "peak": peak, "rows": len(y_all), "digest": digest(X_all[n:])}


def from_file(name, way, n, folder):
    """`resample_dataset` on a Parquet file."""
    import pyarrow.parquet as pq

    from skgensample.distributed import resample_dataset

    given, output = Path(folder) / f"given{n}.parquet", Path(folder) / "balanced.parquet"
    if not given.exists():
        code = f"import bench_large as b; b.write_parquet({n}, {str(given)!r})"
        subprocess.run([sys.executable, "-c", code], check=True, cwd=Path(__file__).parent)
    sampler = sampler_of(name, way)
    began = time.perf_counter()
    done = resample_dataset(given, output, target="Class", sampler=sampler, memory=DATASET_MEMORY)
    seconds, peak = time.perf_counter() - began, high_water()
    with pq.ParquetFile(output) as file:
        rows, groups = file.metadata.num_rows, file.metadata.num_row_groups
        last, found = 0, []
        for i in reversed(range(groups)):
            if last >= sum(done.n_new.values()):
                break
            found.insert(0, file.read_row_group(i).to_pandas(ignore_metadata=True))
            last += len(found[0])
    import pandas as pd

    new = pd.concat(found)[-sum(done.n_new.values()) :]
    output.unlink()
    return {"seconds": seconds, "peak": peak, "rows": rows, "digest": digest(new)}


def write_parquet(n, path):
    """Write the table, one row group a part."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    schema = pa.Table.from_pandas(part_of(0, n), preserve_index=False).schema
    with pq.ParquetWriter(path, schema.remove_metadata()) as writer:
        for i in range(n_parts(n)):
            table = pa.Table.from_pandas(part_of(i, n), preserve_index=False)
            writer.write_table(table.replace_schema_metadata(None))


def through_dask(name, way, n, folder):
    """`DaskResampler` on a LocalCluster of two workers; parts are made by the workers."""
    import dask
    import dask.dataframe as dd
    from dask.distributed import Client, LocalCluster

    from skgensample.distributed import DaskResampler

    dask.config.set({"distributed.worker.memory.pause": 0.9})
    cluster = LocalCluster(
        n_workers=2, threads_per_worker=1, memory_limit=WORKER_MEMORY, dashboard_address=":0",
        local_directory=folder,
    )  # fmt: skip
    with cluster, Client(cluster), Watch() as watch:
        k = n_parts(n)
        starts = [min(i * PART, n) for i in range(k)]
        ddf = dd.from_map(
            part_of, range(k), n=n, meta=part_of(0, 100)[:0], divisions=(*starts, n - 1)
        )
        resampler = DaskResampler(sampler_of(name, way))
        began = time.perf_counter()
        balanced = resampler.fit_resample(ddf, y="Class")
        lengths = balanced.map_partitions(_checked_length, meta=(None, "int64")).compute()
        seconds = time.perf_counter() - began
        client = high_water()
        new = balanced.partitions[k:].compute()
    return {"seconds": seconds, "peak": watch.peak, "client": client, "rows": int(lengths.sum()),
            "digest": digest(new), "gathered": resampler.n_gathered_}  # fmt: skip


def _checked_length(frame):
    """Number of rows of a partition, after all of its cells were read."""
    import pandas as pd

    return pd.Series([len(frame) if np.isfinite(frame.to_numpy().sum()) else 0])


class Watch(contextlib.AbstractContextManager):
    """Largest resident memory of a child process, looked at ten times a second."""

    peak = 0

    def __enter__(self):
        self.ended = threading.Event()
        self.thread = threading.Thread(target=self._look, daemon=True)
        self.thread.start()
        return self

    def __exit__(self, *_):
        self.ended.set()
        self.thread.join()

    def _look(self):
        import psutil

        own = psutil.Process()
        while not self.ended.wait(0.1):
            with contextlib.suppress(psutil.Error):
                sizes = [child.memory_info().rss for child in own.children(recursive=True)]
                self.peak = max(self.peak, *sizes, 0)


MEASURES = {"memory": in_memory, "imblearn": in_memory, "dataset": from_file, "dask": through_dask}


def measure(path, sizes, ways, samplers, folder):
    """Append a line for each measurement that is not there yet."""
    path = Path(path)
    done = [json.loads(line) for line in path.read_text().splitlines()] if path.exists() else []
    known = {(one["way"], one["sampler"], one["n"]) for one in done}
    for n in sizes:
        for way in ways:
            for name in samplers:
                if (way, name, n) in known or n > MOST.get(way, n):
                    continue
                command = [sys.executable, __file__, "--one", way, name, str(n), folder]
                made = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=False)
                line = {"way": way, "sampler": name, "n": n}
                if made.returncode:
                    print(f"{line}: ended with {made.returncode}", file=sys.stderr)
                    continue
                line |= json.loads(made.stdout.splitlines()[-1])
                with open(path, "a") as file:
                    file.write(json.dumps(line) + "\n")
                print(line, flush=True)


def plot(path, picture):
    """Draw seconds and peak memory over the number of rows."""
    import matplotlib.pyplot as plt

    lines = [json.loads(line) for line in Path(path).read_text().splitlines()]
    figure, axes = plt.subplots(
        2, len(SAMPLERS), figsize=(9, 6), sharex=True, sharey="row", layout="constrained"
    )
    names = {"memory": "in memory", "dataset": f"Parquet, {DATASET_MEMORY}", "dask": "Dask, worker",
             "imblearn": "imbalanced-learn"}  # fmt: skip
    for column, name in zip(axes.T, SAMPLERS):
        column[0].set_title(name)
        for way, marker in zip(WAYS, "osv^"):
            own = sorted((one for one in lines if (one["way"], one["sampler"]) == (way, name)),
                         key=lambda one: one["n"])  # fmt: skip
            n = [one["n"] for one in own]
            column[0].loglog(n, [one["seconds"] for one in own], marker=marker, label=names[way])
            column[1].loglog(n, [one["peak"] / 1e9 for one in own], marker=marker)
        column[1].set_xlabel("rows")
    axes[0, 0].set_ylabel("seconds")
    axes[1, 0].set_ylabel("peak memory, GB")
    axes[0, 0].legend()
    figure.savefig(picture)


def main():
    """Command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("lines", nargs="?", help="file of JSON lines")
    parser.add_argument("--sizes", nargs="+", type=int, default=[10**4, 10**5, 10**6])
    parser.add_argument("--ways", nargs="+", choices=WAYS, default=WAYS)
    parser.add_argument("--samplers", nargs="+", choices=SAMPLERS, default=SAMPLERS)
    parser.add_argument("--folder", help="where large files are kept for a while")
    parser.add_argument("--plot", metavar="PICTURE")
    parser.add_argument("--one", nargs=4, metavar=("WAY", "SAMPLER", "N", "FOLDER"))
    options = parser.parse_args()
    if options.one:
        way, name, n, folder = options.one
        print(json.dumps(MEASURES[way](name, way, int(n), folder)))
    elif options.plot:
        plot(options.lines, options.plot)
    else:
        with tempfile.TemporaryDirectory() as folder:
            kept = options.folder or folder
            measure(options.lines, options.sizes, options.ways, options.samplers, kept)


if __name__ == "__main__":
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    main()
