"""Thread limits of OpenMP libraries, and safety after a fork."""

import os
from contextlib import nullcontext

from threadpoolctl import threadpool_limits

_IMPORTED_BY = os.getpid()


def safe_after_fork(threads=None):
    """Context for code that runs OpenMP: in a forked child it would wait for lost threads.

    Parameters
    ----------
    threads : int, default=None
        At most so many threads; None sets no limit.

    Returns
    -------
    context manager
        One thread in a forked child, `threads` elsewhere.
    """
    threads = 1 if os.getpid() != _IMPORTED_BY else threads
    return threadpool_limits(limits=threads, user_api="openmp") if threads else nullcontext()
