"""Kernels as machine code, compiled on first use and safe under threads and fork.

numba's work-queue layer aborts when two Python threads enter a parallel kernel, and its OpenMP
layer kills a forked child that uses it; hence one lock around parallel kernels, and the serial
twin in a child.
"""

import os
import threading
from functools import cache
from types import FunctionType

import numba

_home = os.getpid()
_lock = threading.Lock()


def _after_fork():
    """Give a child a lock that no vanished thread holds."""
    global _lock
    _lock = threading.Lock()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_after_fork)


@cache
def compiled(kernel, signature, parallel):
    """Machine code of a kernel for one signature, kept on disk where numba can write."""
    # numba names its cache files after the function alone: the serial twin needs its own name
    name = kernel.__name__ + ("_parallel" if parallel else "_serial")
    twin = FunctionType(kernel.__code__, kernel.__globals__, name)
    twin.__qualname__, twin.__module__ = name, kernel.__module__
    return numba.njit(signature, parallel=parallel, cache=True, nogil=True)(twin)


def run(kernel, signature, *arrays):
    """Run a kernel on all threads, or on this one in a forked child."""
    parallel = os.getpid() == _home and numba.get_num_threads() > 1
    if not parallel:
        return compiled(kernel, signature, False)(*arrays)
    with _lock:
        return compiled(kernel, signature, True)(*arrays)
