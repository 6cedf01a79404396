"""Parallel loops in threads: each item once, errors are raised, no thread is left running."""

import _thread
import signal
import threading
import time

import pytest

from skgensample._runtime import threads
from skgensample._runtime.threads import each, submit


@pytest.fixture(autouse=True)
def four(monkeypatch):
    """Four threads, however many processors there are."""
    monkeypatch.setattr(threads.numba.config, "NUMBA_NUM_THREADS", 4)


def test_each_item_once_in_several_threads():
    done, who, meeting = [], set(), threading.Barrier(4, timeout=30)

    def work(item):
        if item < 4:
            meeting.wait()  # all four have begun
        who.add(threading.get_ident())
        done.append(item)

    each(work, range(40))
    assert sorted(done) == list(range(40)) and len(who) == 4


@pytest.mark.parametrize("max_threads", [1, 2])
def test_no_more_threads_than_asked(max_threads):
    who = set()
    each(lambda _: who.add(threading.get_ident()), range(50), max_threads=max_threads)
    assert len(who) <= max_threads


def test_a_thread_that_has_not_woken_up_is_not_waited_for(monkeypatch):
    gate, woken = _thread.allocate_lock(), threading.Event()
    gate.acquire()

    def late(work, arguments):
        def begin():
            gate.acquire()
            gate.release()
            work(*arguments)
            woken.set()

        return _thread.start_new_thread(begin, ())

    monkeypatch.setattr(threads, "start_new_thread", late)
    done = []
    each(done.append, range(8))
    assert done == list(range(8)) and not woken.is_set()
    gate.release()
    assert woken.wait(30) and done == list(range(8))


def test_nothing_to_do():
    each(None, [])


@pytest.mark.parametrize("where", ["caller", "other"])
@pytest.mark.parametrize("kind", [ValueError, KeyboardInterrupt])
def test_an_error_is_raised_and_no_thread_is_left(where, kind):
    caller, before, begun = threading.get_ident(), _thread._count(), []
    meeting = threading.Barrier(4, timeout=30)

    def work(item):
        begun.append(item)
        if item < 4:
            meeting.wait()
        if (threading.get_ident() == caller) == (where == "caller"):
            raise kind(item)
        time.sleep(0.01)

    with pytest.raises(kind):
        each(work, range(1_000))
    for _ in range(100):  # it has let go of what it did, and is about to end
        time.sleep(0.01 * (_thread._count() > before))
    assert _thread._count() == before
    assert len(begun) < 100


def test_submit_returns_and_raises():
    assert submit(lambda: 7)() == 7
    failing = submit(lambda: 1 // 0)
    for _ in range(2):  # as often as it is asked for
        with pytest.raises(ZeroDivisionError):
            failing()
    assert submit(threading.get_ident, serial=True)() == threading.get_ident()
    assert submit(threading.get_ident)() != threading.get_ident()


@pytest.mark.skipif(not hasattr(signal, "setitimer"), reason="no timers here")
def test_interruptions_at_any_moment_leave_no_thread_waiting():
    armed = []

    def interrupt(*_):
        if armed:  # a thread that still ends may take the signal, and pass it on late
            armed.clear()
            raise KeyboardInterrupt

    before, seen = signal.signal(signal.SIGALRM, interrupt), 0
    try:
        for i in range(300):
            done = []
            try:
                armed.append(i)
                signal.setitimer(signal.ITIMER_REAL, 1e-5 * (1 + i % 100))
                for _ in range(20):
                    each(done.append, range(8))
                armed.clear()
            except KeyboardInterrupt:
                seen += 1
            signal.setitimer(signal.ITIMER_REAL, 0)
            assert len(done) <= 160
            done = []
            each(done.append, range(8))
            assert sorted(done) == list(range(8))
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)
    assert seen
