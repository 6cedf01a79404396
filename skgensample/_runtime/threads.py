"""Parallel loops over blocks of rows in plain threads; NumPy and the kernels release the GIL."""

import os
import time
from _thread import allocate_lock, get_native_id, start_new_thread
from collections import deque

import numba

__all__ = ["each", "in_blocks", "run", "submit", "thread_count", "wait_for_end"]

#: Seconds to wait for the operating system to end a thread.
PATIENCE = 1.0

#: Values per block: 2 MB of float64, about the size of a core's L2 cache and at least a page.
CELLS = 262_144


class _Task:
    """A call in its own thread, with its result or exception.

    Uses the interpreter's bare threads and locks: `threading` is slower for short tasks, and an
    interruption (KeyboardInterrupt) inside its locks can leave them held for ever.
    """

    def __init__(self, work):
        self.work, self.value, self.error = work, None, None
        self.done_lock, self.started, self.native_id = allocate_lock(), [], None

    def start(self):
        """Start the thread."""
        self.done_lock.acquire()
        # one C call: an interruption cannot separate starting the thread from recording it
        self.started.extend(map(start_new_thread, [self._run], [()]))

    def _run(self):
        try:
            self.native_id = get_native_id()
            self.value = self.work()
        except BaseException as error:  # re-raised by result()
            self.error = error
        finally:
            self.done_lock.release()

    def wait(self):
        """Wait for the call to end, if it has started."""
        if self.started:
            with self.done_lock:
                return

    def result(self):
        """Wait for the call to end; return its result or raise its exception."""
        self.wait()
        if self.error is not None:
            raise self.error
        return self.value


def submit(work, *, serial=False):
    """Run a function in a background thread.

    Parameters
    ----------
    work : callable
        Called without arguments.
    serial : bool, default=False
        Whether to call it at once, in the calling thread.

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
    """Call a function on every item, in several threads.

    Parameters
    ----------
    work : callable
        Called with one item; calls must not depend on each other.
    items : sequence
        The items.
    serial : bool, default=False
        Whether to stay in the calling thread.
    max_threads : int, default=None
        Maximum number of threads; never more than numba's setting.
    join : bool, default=False
        Whether to return only when the operating system has ended the threads; see `wait_for_end`.
    """
    threads = 1 if serial else min(thread_count(max_threads), len(items))
    pending, done = iter(items), []

    def drain():
        try:
            for item in pending:
                work(item)
                done.append(None)
        except BaseException:
            deque(pending, 0)  # drain the queue: no thread may start new work
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
        ):  # otherwise a late thread finds an empty queue: no need to wait
            for helper in helpers:
                helper.wait()
        if join:
            wait_for_end([helper.native_id for helper in helpers if helper.native_id])
    for helper in helpers:
        if helper.error is not None:
            raise helper.error


def wait_for_end(native_ids):
    """Wait until the operating system has ended finished threads, where it tells (Linux).

    Libraries such as MKL clean up when a thread ends. A fork at that moment would copy their held
    locks to the child, whose first matrix product would then deadlock.

    Parameters
    ----------
    native_ids : iterable of int
        The operating system's thread ids.
    """
    deadline = time.monotonic() + PATIENCE
    for native_id in native_ids:
        while os.path.exists(f"/proc/self/task/{native_id}") and time.monotonic() < deadline:
            time.sleep(1e-4)


def thread_count(max_threads=None):
    """numba's number of threads, or `max_threads` if that is smaller."""
    return min(max_threads or numba.config.NUMBA_NUM_THREADS, numba.config.NUMBA_NUM_THREADS)


def in_blocks(work, n, width=1):
    """Call a function on all rows, block by block.

    Parameters
    ----------
    work : callable
        Called with the first row of a block and the row after its last one.
    n : int
        Number of rows.
    width : int, default=1
        Values per row.
    """
    grain = max(1, CELLS // max(width, 1))
    if n <= grain:
        work(0, n)
        return
    each(lambda start: work(start, min(n, start + grain)), range(0, n, grain))


def run(code, n, grain, *arrays, threads=None):
    """Call a kernel as ``code(start, stop, *arrays)`` on blocks of rows, in threads.

    Parameters
    ----------
    code : callable
        The kernel.
    n : int
        Number of rows.
    grain : int
        Rows per block.
    *arrays : object
        Further arguments of the kernel.
    threads : int, default=None
        Maximum number of threads; never more than numba's setting.
    """
    blocks = range(0, n, grain)
    each(lambda start: code(start, min(n, start + grain), *arrays), blocks, max_threads=threads)
