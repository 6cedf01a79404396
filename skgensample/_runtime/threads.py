"""Blocks of rows, done by a few threads; NumPy and compiled kernels let go of the interpreter."""

import os
import time
from _thread import allocate_lock, get_native_id, start_new_thread
from collections import deque

import numba

__all__ = ["each", "in_blocks", "run", "submit", "thread_count", "wait_for_end"]

#: Seconds that the system is given to end a thread.
PATIENCE = 1.0

#: Numbers in a block: 2 MB of float64, which is near a core's own cache and no less than a page.
CELLS = 262_144


class _Task:
    """A call in a thread of its own, which keeps what it returns or raises.

    The bare thread and lock of the interpreter: Python's own around them are slower, and an
    interruption in the middle of theirs leaves locks that nobody opens.
    """

    def __init__(self, work):
        self.work, self.value, self.error = work, None, None
        self.done_lock, self.started, self.native_id = allocate_lock(), [], None

    def start(self):
        """Begin."""
        self.done_lock.acquire()
        # in one go: an interruption finds a thread that is noted, or none
        self.started.extend(map(start_new_thread, [self._run], [()]))

    def _run(self):
        try:
            self.native_id = get_native_id()
            self.value = self.work()
        except BaseException as error:  # raised again where the result is asked for
            self.error = error
        finally:
            self.done_lock.release()

    def wait(self):
        """Wait for the call to end, if it has begun."""
        if self.started:
            with self.done_lock:
                return

    def result(self):
        """Wait for the call to end; what it returned or raised."""
        self.wait()
        if self.error is not None:
            raise self.error
        return self.value


def submit(work, *, serial=False):
    """Start a call in a thread of its own.

    Parameters
    ----------
    work : callable
        Called without arguments.
    serial : bool, default=False
        Whether to call it here and now.

    Returns
    -------
    callable
        Waits for the call to end and returns its result.
    """
    if serial or numba.config.NUMBA_NUM_THREADS == 1:
        result = work()
        return lambda: result
    helper = _Task(work)
    helper.start()
    return helper.result


def each(work, items, *, serial=False, max_threads=None, join=False):
    """Call a function on every item, in threads where there are several.

    Parameters
    ----------
    work : callable
        Called with one item; calls must not depend on each other.
    items : sequence
        The items.
    serial : bool, default=False
        Whether to stay in the calling thread.
    most : int, default=None
        At most so many threads; never more than numba's number.
    join : bool, default=False
        Whether to return only when the system has ended the threads; see `wait_for_end`.
    """
    threads = 1 if serial else min(thread_count(max_threads), len(items))
    pending, done = iter(items), []

    def drain():
        try:
            for item in pending:
                work(item)
                done.append(None)
        except BaseException:
            deque(pending, 0)  # nobody is to begin anything more
            raise

    helpers = [_Task(drain) for _ in range(threads - 1)]
    try:
        for helper in helpers:
            helper.start()
        drain()
    except BaseException:
        deque(pending, 0)
        raise
    finally:
        if join or len(done) < len(
            items
        ):  # else a thread that has not even woken up finds nothing to do
            for helper in helpers:
                helper.wait()
        if join:
            wait_for_end([helper.native_id for helper in helpers if helper.native_id])
    for helper in helpers:
        if helper.error is not None:
            raise helper.error


def wait_for_end(native_ids):
    """Wait until the system has ended threads that Python has done with, where it says so (Linux).

    Libraries tidy up as a thread ends. Were the process forked in that moment, their locks would
    stay taken in the child, and its first product of matrices would wait for ever (MKL).

    Parameters
    ----------
    native_ids : iterable of int
        The system's numbers of the threads.
    """
    deadline = time.monotonic() + PATIENCE
    for native_id in native_ids:
        while os.path.exists(f"/proc/self/task/{native_id}") and time.monotonic() < deadline:
            time.sleep(1e-4)


def thread_count(max_threads=None):
    """Numba's number of threads, or `most` where that is fewer."""
    return min(max_threads or numba.config.NUMBA_NUM_THREADS, numba.config.NUMBA_NUM_THREADS)


def in_blocks(work, n, width=1):
    """Call a function on all rows, block by block.

    Parameters
    ----------
    work : callable
        Called with the first row of a block and the first one after it.
    n : int
        Number of rows.
    width : int, default=1
        Numbers in a row.
    """
    grain = max(1, CELLS // max(width, 1))
    if n <= grain:
        work(0, n)
        return
    each(lambda start: work(start, min(n, start + grain)), range(0, n, grain))


def run(code, n, grain, *arrays, threads=None):
    """Call a kernel as ``code(start, stop, *arrays)`` on blocks of rows.

    Parameters
    ----------
    code : callable
        The kernel.
    n : int
        Number of rows.
    grain : int
        Rows of a block.
    *arrays : object
        What it takes beside the first row of a block and the first one after it.
    threads : int, default=None
        At most so many threads; never more than numba's number.
    """
    blocks = range(0, n, grain)
    each(lambda start: code(start, min(n, start + grain), *arrays), blocks, max_threads=threads)
