"""Work beside the training: a second thread that takes over what the next lines do not need.

Each job is the same sequence of operations on one torch thread, whoever does it, so results do not
depend on whether there is a helper; and nobody waits for a job that has not begun, so a helper
that comes late costs nothing.
"""

import os
import threading
import time
from contextlib import contextmanager
from queue import SimpleQueue

import torch

#: Seconds that the system is given to end a thread.
PATIENCE = 1.0

_own = threading.local()


class Job:
    """A call that the helper may begin, and that whoever needs its result does otherwise.

    Parameters
    ----------
    work : callable
        Called once, without arguments.
    after : Job, default=None
        To be done before.
    """

    def __init__(self, work, after=None):
        self.work, self.after, self.value, self.error = work, after, None, None
        self.begun, self.undone = threading.Lock(), threading.Lock()
        self.undone.acquire()

    def run(self):
        """Do the work, unless it has begun."""
        if not self.begun.acquire(blocking=False):
            return
        try:
            if self.after is not None:
                self.after.result()
            self.value = self.work()
        except BaseException as error:  # raised again where the result is wanted
            self.error = error
        finally:
            self.work = self.after = None
            self.undone.release()

    def result(self):
        """What the work returned, or its error."""
        self.run()
        with self.undone:
            if self.error is not None:
                raise self.error
        return self.value


def beside(work, after=None):
    """Offer a call to this thread's helper, if it has one.

    Returns
    -------
    Job
    """
    job, queue = Job(work, after), getattr(_own, "queue", None)
    if queue is not None:
        queue.put(job)
    return job


def finish(jobs):
    """Do what has not begun of these jobs, then wait for the others."""
    for job in jobs:
        job.run()
    for job in jobs:
        job.result()


@contextmanager
def helper(wanted=True):
    """Have a helper thread inside, if `wanted`; to be entered in the scope of `one_thread`."""
    if not wanted:
        yield
        return
    queue = _own.queue = SimpleQueue()
    thread = threading.Thread(target=_serve, args=(queue,), daemon=True)
    try:
        thread.start()
        yield
    finally:
        _own.queue = None
        queue.put(None)  # also to one that an interruption has kept from being waited for
        if thread.ident is not None:
            thread.join()
            wait_for_end([thread.native_id])


def wait_for_end(native_ids):
    """Wait until the system has ended threads that Python has done with, where it says so (Linux).

    Libraries tidy up as a thread ends. Were the process forked in that moment, their locks would
    stay taken in the child, and its first product of matrices would wait for ever (MKL).
    """
    latest = time.monotonic() + PATIENCE
    for number in native_ids:
        while os.path.exists(f"/proc/self/task/{number}") and time.monotonic() < latest:
            time.sleep(1e-4)


def _serve(queue):
    torch.get_num_threads()  # asked as in `one_thread`: this thread computes on one, too
    while (job := queue.get()) is not None:
        job.run()


@contextmanager
def later_gradients():
    """Leave gradients of weights for later inside, and have them all at the end.

    The chain of a backward pass does not need them. What is computed on another device goes its
    own way: its backward pass runs in threads of torch, which know nothing of this scope.
    """
    _own.later = {}
    try:
        yield
        jobs = [job for chain in _own.later.values() for job in chain]
    finally:
        _own.later = None
    finish(jobs)


def leave(weight, *additions):
    """Leave for later what adds to the gradient of a weight, each call to another part of it.

    Returns
    -------
    bool
        Whether it was left; otherwise the gradient is wanted now.
    """
    later = getattr(_own, "later", None)
    if later is None or weight.grad is None:
        return False
    for part, addition in enumerate(additions):
        chain = later.setdefault((id(weight), part), [])
        chain.append(beside(torch.no_grad()(addition), chain[-1] if chain else None))
    return True
