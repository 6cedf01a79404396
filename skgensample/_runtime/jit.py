"""Just-in-time compilation of kernels: compiled when first needed, cached on disk where possible.

Kernels are serial and release the GIL; plain threads run them in parallel. numba's parallel target
is not used: its workqueue layer aborts when two Python threads enter it, its OpenMP layer kills a
forked child, and parallel code takes three times as long to compile.
"""

import os
from functools import cache

import numba

__all__ = ["FUSED", "PLAIN", "RELAXED", "compiled", "inlined", "loaded"]

#: Whether kernels are switched off, so that NumPy computes everything, more slowly. Read once.
PLAIN = os.environ.get("SKGENSAMPLE_PLAIN", "") not in ("", "0")

#: fastmath flags that allow reordering of sums; NaN and infinity keep their meaning.
RELAXED = frozenset({"contract", "reassoc", "nsz", "arcp"})
#: fastmath flag that allows fused multiply-add, nothing else.
FUSED = frozenset({"contract"})

_loaded: set[object] = set()


@cache
def compiled(kernel, signature, relaxed=False):
    """Compile a kernel for one signature; cached on disk where numba can write."""
    options = {"fastmath": set(RELAXED) if relaxed else False, "nogil": True}
    _loaded.add(kernel)
    try:
        return numba.njit(signature, cache=True, **options)(kernel)
    except (RuntimeError, OSError):  # not writable or disk full: compile in memory only
        return numba.njit(signature, **options)(kernel)


def loaded(kernel):
    """Whether this process has compiled the kernel or loaded it from the cache."""
    return kernel in _loaded


def inlined(relaxed=False, fused=False):
    """Decorator of functions that kernels call; fastmath flags are their own, not the caller's.

    With `fused`, division by zero gives infinity instead of an error.

    No wrappers for calls from Python are compiled, which would double the compile time. numba's
    cache checks the kernel's own file only: after editing such a function in another file, delete
    the cache.
    """
    options = {"fastmath": set(RELAXED) if relaxed else False}
    if fused:  # checks for division by zero would prevent vectorisation
        options = {"fastmath": set(FUSED), "error_model": "numpy"}
    return numba.njit(**options, no_cpython_wrapper=True, no_cfunc_wrapper=True)
