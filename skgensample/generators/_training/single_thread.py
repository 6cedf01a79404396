"""torch on one thread: same sums on every machine, and several such computations in threads."""

import os
import threading
from contextlib import ExitStack, contextmanager

import torch

from ..._runtime.threads import each

_lock = threading.Lock()
#: Scopes that are open, and what torch had outside.
_open, _outside = set(), {"threads": 1, "precision": "highest"}
_inside = threading.local()


@contextmanager
def single_threaded_torch():
    """Let torch compute on one thread inside, with gradients; yields the thread count outside.

    Sums come out in one order whatever the machine's thread count, products in full precision, and
    a process forked from one that has used torch does not hang. Thread count, precision and modes
    are restored, also when several Python threads are inside at once; within another such scope
    nothing is left to restore.
    """
    if getattr(_inside, "scope", None):
        yield _outside["threads"]
        return
    scope = object()
    try:
        with _lock:
            # asked in every thread: torch sets a new thread's count at its first question or sum,
            # and a first sum inside the scope would take the count of whoever leaves in that moment
            present = torch.get_num_threads()
            if not _open:
                _outside["threads"] = present
                _outside["precision"] = torch.get_float32_matmul_precision()
            _open.add(scope)
            threads = _outside["threads"]
            torch.set_num_threads(1)
            torch.set_float32_matmul_precision("highest")
        _inside.scope = scope
        with torch.inference_mode(False), torch.enable_grad(), _full_precision():
            yield threads
    finally:
        _inside.scope = None
        with _lock:
            if scope in _open:
                _open.discard(scope)
                torch.set_num_threads(_outside["threads"])
                if not _open:
                    torch.set_float32_matmul_precision(_outside["precision"])


def _forked():
    """In a child only the thread that forked goes on: scopes of the others are closed."""
    global _lock
    _lock = threading.Lock()
    own = getattr(_inside, "scope", None)
    if _open and not own:
        torch.set_num_threads(_outside["threads"])
        torch.set_float32_matmul_precision(_outside["precision"])
    _open.intersection_update({own})


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_forked)


@contextmanager
def _full_precision():
    """No autocast inside: rows would depend on the caller's settings."""
    with ExitStack() as stack:
        for kind in ("cpu", "cuda") if torch.cuda.is_available() else ("cpu",):
            stack.enter_context(torch.autocast(kind, enabled=False))
        yield


def in_threads(work, *jobs):
    """Call `work` for each job, on as many Python threads as torch computes on outside.

    Each of them computes alone, so results do not depend on their number; none outlives the call.
    """

    def alone(job):
        torch.get_num_threads()  # a new thread's count is set at its first question
        work(*job)

    with single_threaded_torch() as threads:
        each(alone, list(zip(*jobs)), max_threads=threads, join=True)
