"""Workers and runs that are killed in the middle."""

import math
import os
import random
import signal
import subprocess
import sys
import tempfile
import textwrap
import threading
import time

import pandas as pd
import pytest
from large_tables import cards, in_memory

import skgensample as sg
from skgensample.distributed import DaskResampler

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="the system has no SIGKILL"),
]
#: Kills of a worker, and of a run; partitions of the table.
WORKERS, RUNS, PARTS = 20, 50, 12

#: Forks a child for each delay, which is killed then; says whether there was an output at once.
KILLING = """
    import os, random, signal, sys, time
    import skgensample as sg
    from skgensample.distributed import resample_dataset

    given, output, n = sys.argv[1], sys.argv[2], int(sys.argv[3])
    sampler = sg.NumbaBorderlineSMOTE(random_state=0)

    def run():
        resample_dataset(given, output, target="Class", sampler=sampler, memory="8GB")

    run()  # compiles
    began = time.monotonic()
    run()
    took = time.monotonic() - began
    complete = open(output, "rb").read()
    os.unlink(output)
    random.seed(0)
    ended = 0
    for _ in range(n):
        child = os.fork()
        if not child:
            run()
            os._exit(0)
        time.sleep(random.uniform(0, 1.2 * took))
        os.kill(child, signal.SIGKILL)
        ended += os.waitpid(child, 0)[1] == 0
        if os.path.exists(output):
            assert open(output, "rb").read() == complete
            os.unlink(output)
    run()
    assert open(output, "rb").read() == complete
    print(ended)
"""


def test_a_killed_run_leaves_no_half_output(tmp_path):
    frame = pd.concat([cards(20_000, seed) for seed in range(3)], ignore_index=True)
    frame.to_parquet(tmp_path / "given.parquet", row_group_size=5_000)
    code = [sys.executable, "-c", textwrap.dedent(KILLING)]
    places = [str(tmp_path / "given.parquet"), str(tmp_path / "all.parquet")]
    done = subprocess.run([*code, *places, str(RUNS)], check=True, stdout=subprocess.PIPE)
    assert int(done.stdout) < RUNS / 2  # most were killed before they ended
    assert sorted(os.listdir(tmp_path)) == ["all.parquet", "given.parquet"]


def slow_part(number, marks):
    """A partition that takes some time, and leaves a file when it is begun."""
    with tempfile.NamedTemporaryFile(dir=marks, delete=False):
        time.sleep(0.05)
    return cards(400, seed=number)


def test_a_killed_worker_changes_nothing(tmp_path):
    pytest.importorskip("dask.dataframe")
    pytest.importorskip("dask.distributed")
    frame = pd.concat([cards(400, seed=number) for number in range(PARTS)])
    want = in_memory(sg.NumbaBorderlineSMOTE(random_state=0), frame).reset_index(drop=True)
    _, n_begun, _ = resampled_with_a_kill(tmp_path / "none", frame, want, math.inf)
    assert n_begun >= 2 * PARTS  # several passes
    rng, in_time = random.Random(0), 0
    for number in range(WORKERS):
        after = rng.randrange(1, n_begun)
        killed, _, ended = resampled_with_a_kill(tmp_path / str(number), frame, want, after)
        assert len(killed) == 1
        in_time += killed[0] < ended
    assert in_time > 0.9 * WORKERS


def resampled_with_a_kill(folder, frame, want, after):
    """Resample on a fresh cluster of which a worker is killed once `after` partitions were begun.

    A worker that is killed while it starts is not replaced, hence the fresh cluster. Returns the
    time of the kill, if there was one, the number of partitions begun, and the time of the result.
    """
    import dask.dataframe as dd
    from dask.distributed import Client, LocalCluster

    (marks := folder / "marks").mkdir(parents=True)
    with (
        LocalCluster(
            n_workers=2, threads_per_worker=1, dashboard_address=":0", local_directory=folder
        ) as cluster,
        Client(cluster) as client,
    ):
        client.wait_for_workers(2)
        pids, killed, over = list(client.run(os.getpid).values()), [], threading.Event()
        killer = threading.Thread(target=kill_one, args=(pids, marks, after, killed, over))
        killer.start()
        try:
            given = dd.from_map(slow_part, range(PARTS), marks=marks, meta=frame.iloc[:0])
            sampler = DaskResampler(sg.NumbaBorderlineSMOTE(random_state=0))
            got = sampler.fit_resample(given, "Class").compute().reset_index(drop=True)
        finally:
            ended = time.monotonic()
            over.set()
            killer.join()
    kinds = {"kind": str, "shop": str}
    pd.testing.assert_frame_equal(got.astype(kinds), want.astype(kinds))
    return killed, len(os.listdir(marks)), ended


def kill_one(pids, marks, after, killed, over):
    """Kill one of these processes once there are more than `after` marks."""
    while len(os.listdir(marks)) < after:
        if over.wait(0.01):
            return
    os.kill(random.Random(after).choice(pids), signal.SIGKILL)
    killed.append(time.monotonic())
