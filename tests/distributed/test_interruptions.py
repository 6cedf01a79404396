"""Workers and runs that are killed in the middle."""

import os
import random
import signal
import subprocess
import sys
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
#: Kills of a worker, and of a run.
WORKERS, RUNS = 20, 50

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


def slow_part(number):
    """A partition that takes some time."""
    time.sleep(0.05)
    return cards(400, seed=number)


def test_a_killed_worker_changes_nothing(tmp_path):
    dd = pytest.importorskip("dask.dataframe")
    distributed = pytest.importorskip("dask.distributed")
    frame = pd.concat([slow_part(i) for i in range(12)])
    sampler = sg.NumbaBorderlineSMOTE(random_state=0)
    want = in_memory(sg.NumbaBorderlineSMOTE(random_state=0), frame).reset_index(drop=True)
    rng = random.Random(0)
    with (
        distributed.LocalCluster(
            n_workers=2, threads_per_worker=1, dashboard_address=":0", local_directory=tmp_path
        ) as cluster,
        distributed.Client(cluster) as client,
    ):
        client.wait_for_workers(2)
        for _ in range(WORKERS):
            killed = threading.Timer(rng.uniform(0, 2.5), kill_one, [cluster, rng, []])
            killed.start()
            given = dd.from_map(slow_part, range(12), meta=frame.iloc[:0])
            balanced = DaskResampler(sampler).fit_resample(given, "Class")
            got = balanced.compute().reset_index(drop=True)
            killed.join()
            settle(client, killed.args[2])
            kinds = {"kind": str, "shop": str}
            pd.testing.assert_frame_equal(got.astype(kinds), want.astype(kinds))


def kill_one(cluster, rng, killed):
    """Kill the process of a worker; its nanny starts another."""
    pid = rng.choice(list(cluster.workers.values())).pid
    os.kill(pid, signal.SIGKILL)
    killed.append(pid)


def settle(client, killed):
    """Wait until another worker runs: one that is killed while it starts is not replaced."""
    assert len(killed) == 1
    for _ in range(600):
        running = client.run(os.getpid, on_error="ignore").values()
        if len(running) == 2 and killed[0] not in running:
            return
        time.sleep(0.1)
    raise AssertionError("no worker was started again")
