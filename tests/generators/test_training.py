"""The scope of determinism, the average of weights, and work in several threads."""

import os
import sys
import threading
import time

import numpy as np
import pytest

torch = pytest.importorskip("torch")

from skgensample._runtime import threads
from skgensample.generators._networks.generator import Generator
from skgensample.generators._training.loop import default_max_steps
from skgensample.generators._training.seeding import resolve_device, seeded
from skgensample.generators._training.single_thread import in_threads, single_threaded_torch
from skgensample.generators._training.state import WeightAverage

CPU = torch.device("cpu")


def test_seeded_leaves_torch_as_it_was():
    state, threads = torch.random.get_rng_state(), torch.get_num_threads()
    with torch.no_grad(), seeded(np.random.RandomState(0), CPU) as random:
        assert torch.is_grad_enabled()
        assert torch.get_num_threads() == 1
        Generator(4, (8,), 3, 2, random)(5, torch.zeros((5, 1), dtype=torch.long), random)
    assert torch.is_grad_enabled()
    assert torch.get_num_threads() == threads
    assert torch.equal(torch.random.get_rng_state(), state)


def test_seeded_restores_threads_after_an_error_and_from_several_threads():
    threads = torch.get_num_threads()
    with pytest.raises(KeyboardInterrupt), seeded(np.random.RandomState(0), CPU):
        raise KeyboardInterrupt
    inside, leave, seen = threading.Barrier(3), threading.Event(), []

    def work():
        with seeded(np.random.RandomState(0), CPU):
            inside.wait()
            leave.wait()
        seen.append(torch.get_num_threads())

    workers = [threading.Thread(target=work) for _ in range(2)]
    for worker in workers:
        worker.start()
    inside.wait()
    leave.set()
    for worker in workers:
        worker.join()
    assert seen == [threads, threads]
    assert torch.get_num_threads() == threads


def test_a_thread_stays_single_when_another_leaves_before_its_first_sum():
    entered, left, seen = threading.Event(), threading.Event(), []

    def first():
        with seeded(np.random.RandomState(0), CPU):
            torch.ones(4).sum()
            entered.wait()
        left.set()

    def second():
        with seeded(np.random.RandomState(0), CPU):
            entered.set()
            left.wait()
            seen.append(torch.get_num_threads())

    threads = torch.get_num_threads()
    torch.set_num_threads(2)
    try:
        workers = [threading.Thread(target=work) for work in (first, second)]
        for worker in workers:
            worker.start()
        for worker in workers:
            worker.join()
    finally:
        torch.set_num_threads(threads)
    assert seen == [1]


def test_seeded_draws_follow_the_seed():
    draws = []
    for seed in (0, 0, 1):
        with seeded(np.random.RandomState(seed), CPU) as random:
            draws.append(torch.rand(3, generator=random))
    assert torch.equal(draws[0], draws[1])
    assert not torch.equal(draws[0], draws[2])


def test_default_max_steps_grows_with_the_rows_within_bounds():
    steps = [default_max_steps(n) for n in (2, 100, 300, 10**6)]
    assert steps == sorted(steps)
    assert steps[0] == 500 and steps[-1] == 2_000
    assert steps[1] < steps[2]


def test_unusable_device_is_refused():
    with pytest.raises(ValueError, match="device='abacus'"):
        resolve_device("abacus")
    assert resolve_device("cpu") == CPU


def test_average_of_constant_weights_is_the_weights_and_of_a_line_lies_behind():
    net = torch.nn.Linear(1, 1)
    average = WeightAverage(net)
    for value in range(1, 201):
        with torch.no_grad():
            net.weight.fill_(value)
            net.bias.fill_(3.0)
        average.update()
    average.install(net)
    assert net.bias.item() == pytest.approx(3)
    assert 170 < net.weight.item() < 190


def test_products_are_in_full_precision_whatever_the_caller_asked_for():
    torch.set_float32_matmul_precision("medium")
    try:
        with single_threaded_torch():
            assert torch.get_float32_matmul_precision() == "highest"
            with single_threaded_torch():
                pass
            assert torch.get_float32_matmul_precision() == "highest"
        assert torch.get_float32_matmul_precision() == "medium"
    finally:
        torch.set_float32_matmul_precision("highest")


def test_a_scope_inside_another_leaves_torch_on_one_thread():
    before = torch.get_num_threads()
    torch.set_num_threads(2)
    try:
        with single_threaded_torch():
            with single_threaded_torch() as outside:
                assert outside == 2 and torch.get_num_threads() == 1
            assert torch.get_num_threads() == 1
        assert torch.get_num_threads() == 2
    finally:
        torch.set_num_threads(before)


@pytest.mark.skipif(sys.platform != "linux", reason="asks Linux for its threads")
def test_threads_are_waited_for_until_the_system_has_ended_them(monkeypatch):
    slow = threading.Thread(target=time.sleep, args=(0.1,))
    slow.start()
    threads.wait_for_end([slow.native_id])
    assert not os.path.exists(f"/proc/self/task/{slow.native_id}")
    monkeypatch.setattr(threads, "PATIENCE", 0.05)
    start = time.monotonic()
    threads.wait_for_end([threading.get_native_id()])  # which will not end
    assert 0.04 < time.monotonic() - start < 1


@pytest.mark.skipif(sys.platform != "linux", reason="asks Linux for its threads")
def test_no_thread_is_left_after_threads_worked():
    def tasks():
        return set(os.listdir("/proc/self/task"))

    before = tasks()
    threads = torch.get_num_threads()
    try:
        torch.set_num_threads(2)
        seen = []
        in_threads(lambda _: seen.append(tasks() - before), range(8))
    finally:
        torch.set_num_threads(threads)
    assert set().union(*seen) and not tasks() - before
