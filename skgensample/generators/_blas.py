"""BLAS on one thread, for kernels that several Python threads run at once."""

import os
import threading
from contextlib import contextmanager

import scipy.linalg.cython_blas  # noqa: F401  what np.dot calls in kernels: to be there for a limit
from threadpoolctl import ThreadpoolController

_lock = threading.Lock()
#: Scopes that are open, and each library of the process with the count that it is to get back.
_open, _common = set(), []
_own = threading.local()


@contextmanager
def one_blas_thread():
    """Let BLAS compute on one thread inside; see `hold_one_blas_thread`.

    The count outside is restored when the last of several such scopes ends, whichever thread that
    is in.
    """
    scope, before = object(), []
    try:
        with _lock:
            libraries = _libraries()
            before += [(one, one.get_num_threads()) for one in libraries if _is_per_thread(one)]
            if not _open:
                _common[:] = [
                    [one, one.get_num_threads()] for one in libraries if not _is_per_thread(one)
                ]
            _open.add(scope)
            for one in libraries:
                _set_threads(one, 1)
            _own.limited = True
        yield
    finally:
        with _lock:
            last = _open == {scope}
            _open.discard(scope)
            _own.limited = False
            for one, count in [*before, *(_common if last else ())]:
                _set_threads(one, count)
            if last:
                _common.clear()


def hold_one_blas_thread():
    """Put the count back to one, wherever somebody else has changed it meanwhile.

    What it was changed to is what it will be at the end of the scope. With more threads than one,
    kernels side by side would stand in each other's way: a step takes fifteen times as long.
    """
    for kept in _common:
        count = kept[0].get_num_threads()
        if count != 1:
            kept[1] = count
            _set_threads(kept[0], 1)


def join_one_blas_thread():
    """To be called by a thread that computes for another's scope, and ends with it."""
    if not getattr(_own, "limited", False):
        _own.limited = True
        for one in filter(_is_per_thread, _libraries()):
            _set_threads(one, 1)


def _libraries():
    return ThreadpoolController().select(user_api="blas").lib_controllers


def _is_per_thread(library):
    """Whether each thread has a count of its own."""
    return getattr(library, "threading_layer", None) == "openmp"


def _set_threads(library, count):
    # threadpoolctl 3.8 lets only the first thread that asked set OpenBLAS's count, silently
    getattr(library, "_real_set_num_threads", library.set_num_threads)(count)


def _forked():
    """A child has none of its parent's scopes: it begins with the counts from before them."""
    global _lock
    _lock = threading.Lock()
    if _open:
        _open.clear()
        for one, count in _common:
            _set_threads(one, count)


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_forked)
