"""Timing of rivals in one process, turn by turn, and of calls that need a process of their own."""

import json
import os
import platform
import statistics
import subprocess
import sys
import time
from importlib.metadata import version

#: Seconds between calls: OpenBLAS's threads spin on for a while, at the cost of whoever is next.
REST = 0.05


def interleaved(calls, repeats, rest=REST):
    """Seconds of each call, by name, in turns A B A B; one call of each before is not counted.

    Without a rest calls of a millisecond are timed as a search over folds makes them, one upon
    the other.
    """
    seconds = {name: [] for name in calls}
    for call in calls.values():
        call()
    for _ in range(repeats):
        for name, call in calls.items():
            until = time.perf_counter() + rest
            while time.perf_counter() < until:  # awake: a processor that slept is slow at first
                pass
            start = time.perf_counter()
            call()
            seconds[name].append(time.perf_counter() - start)
    return {name: statistics.median(found) for name, found in seconds.items()}


def in_child(file, *arguments, **environment):
    """What a script prints as its last line, as JSON, in a fresh process."""
    command = [sys.executable, str(file), *map(str, arguments)]
    found = subprocess.run(
        command, env={**os.environ, **environment}, capture_output=True, text=True, check=True
    )
    return json.loads(found.stdout.splitlines()[-1])


def setting(*packages):
    """One line that says on what the figures were taken."""
    threads = {name: os.environ.get(name, "-") for name in ("NUMBA_NUM_THREADS", "OMP_NUM_THREADS")}
    versions = ", ".join(f"{name} {version(name)}" for name in packages)
    return (
        f"{platform.machine()}, {os.cpu_count()} CPUs, Python {platform.python_version()}, "
        f"{versions}; {threads}"
    )
