"""Thread limits of OpenMP libraries, and safety after a fork."""

import os
from contextlib import nullcontext

from threadpoolctl import threadpool_limits

_IMPORTED_BY = os.getpid()


def safe_after_fork(threads=None):
    """Context for code that uses OpenMP, whose thread pool does not survive a fork.

    Parameters
    ----------
    threads : int, default=None
        Maximum number of threads; None sets no limit.

    Returns
    -------
    context manager
        Limits OpenMP to one thread in a forked child, to `threads` elsewhere.
    """
    threads = 1 if os.getpid() != _IMPORTED_BY else threads
    return threadpool_limits(limits=threads, user_api="openmp") if threads else nullcontext()
