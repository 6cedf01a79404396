"""Time and memory that the benchmark measures."""

import time

import numpy as np

from skgensample.benchmarking._profiling import Meter, StepMemory


def test_step_memory_counts_the_cost_of_a_step_that_it_saved():
    memory, calls = StepMemory(), []

    def slow(step, X):
        calls.append(X)
        time.sleep(0.05)
        return X

    step, table = memory.cache(slow), np.ones(3)

    class Model:
        def fit(self, X, y):
            step(self, X)

    first, _ = memory.fit(Model(), table, None)
    second, _ = memory.fit(Model(), table, None)
    assert len(calls) == 1
    assert min(first, second) >= 0.05
    memory.fit(Model(), np.ones(3), None)
    assert len(calls) == 2


def test_meter_sees_memory_that_was_used_and_freed():
    meter = Meter()
    np.ones(8_000_000).sum()
    seconds, peak = meter.read()
    assert seconds > 0
    assert np.isnan(peak) or 50 < peak < 500
