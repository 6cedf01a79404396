"""BLAS on one thread, for kernels that several Python threads run at once."""

import threading
from contextlib import contextmanager

import scipy.linalg.cython_blas  # noqa: F401  what np.dot calls in kernels: to be there for a limit
from threadpoolctl import ThreadpoolController

_lock = threading.Lock()
_scopes = {"open": 0, "before": ()}
_own = threading.local()


@contextmanager
def one_blas_thread():
    """Let BLAS compute on one thread inside.

    The count outside is restored when the last of several such scopes ends, whichever thread that
    is in.
    """
    _own.limited = True
    with _lock:
        libraries = _libraries()
        here = [(one, one.get_num_threads()) for one in libraries if _is_per_thread(one)]
        if not _scopes["open"]:
            _scopes["before"] = [
                (one, one.get_num_threads()) for one in libraries if not _is_per_thread(one)
            ]
        _scopes["open"] += 1
        for one in libraries:
            _set_threads(one, 1)
    try:
        yield
    finally:
        _own.limited = False
        with _lock:
            _scopes["open"] -= 1
            for one, count in [*here, *(() if _scopes["open"] else _scopes["before"])]:
                _set_threads(one, count)


def join_one_blas_thread():
    """To be called by a thread that computes for another's scope, and ends with it."""
    if not getattr(_own, "limited", False):
        _own.limited = True
        for one in _libraries():
            if _is_per_thread(one):
                _set_threads(one, 1)


def _libraries():
    return ThreadpoolController().select(user_api="blas").lib_controllers


def _is_per_thread(library):
    """Whether each thread has a count of its own."""
    return getattr(library, "threading_layer", None) == "openmp"


def _set_threads(library, count):
    # threadpoolctl 3.8 lets only the first thread that asked change the count of OpenBLAS, silently
    getattr(library, "_real_set_num_threads", library.set_num_threads)(count)
