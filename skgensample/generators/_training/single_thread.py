"""Single-threaded torch: sums that do not depend on the thread count, and a pool on top of it."""

import os
import threading
from contextlib import ExitStack, contextmanager

import torch

from ..._runtime.threads import each

_lock = threading.Lock()
#: Open scopes, and torch's settings outside of them.
_open: set[object] = set()
_outside = {"threads": 1, "precision": "highest"}
_inside = threading.local()


@contextmanager
def single_threaded_torch():
    """Let torch compute on one thread inside, with gradients; yields the thread count outside.

    Sums are then computed in one order on any number of cores, matrix products in full float32
    precision, and a process forked from one that has used torch does not hang. Thread count,
    precision and modes are restored, also when several Python threads are inside at once; a nested
    scope has no effect.
    """
    if getattr(_inside, "scope", None):
        yield _outside["threads"]
        return
    scope = object()
    try:
        with _lock:
            # queried in every thread: torch initialises a new thread's count lazily, at its first
            # query or parallel region, and would take over a count that another thread restores
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
    """After a fork only the forking thread exists: close the scopes of the others."""
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
    """Disable autocast: rows would depend on the caller's settings."""
    with ExitStack() as stack:
        for kind in ("cpu", "cuda") if torch.cuda.is_available() else ("cpu",):
            stack.enter_context(torch.autocast(kind, enabled=False))
        yield


def in_threads(work, *jobs):
    """Call `work` for each job, on as many Python threads as torch computes on outside.

    Each of them uses single-threaded torch, so results do not depend on their number. All threads
    have ended when the call returns.
    """

    def alone(job):
        torch.get_num_threads()  # initialises this thread's count, see above
        work(*job)

    with single_threaded_torch() as threads:
        each(alone, list(zip(*jobs)), max_threads=threads, join=True)
