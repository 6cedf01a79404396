"""Kernels as machine code: compiled when first needed, kept on disk where numba can write.

Kernels are serial and release the interpreter lock; plain threads run them. numba's own parallel
layers are left alone: one aborts when two Python threads enter it, another kills a forked child,
and parallel code takes three times as long to compile.
"""

from functools import cache

import numba

__all__ = ["FUSED", "RELAXED", "compiled", "inlined", "loaded"]

#: Relaxed arithmetic: sums may be reordered, NaN and infinity keep their meaning.
RELAXED = frozenset({"contract", "reassoc", "nsz", "arcp"})
#: Products and sums in one rounding, nothing else.
FUSED = frozenset({"contract"})

_loaded = set()


@cache
def compiled(kernel, signature, relaxed=False):
    """Machine code of a kernel for one signature, kept on disk where numba can write."""
    options = {"fastmath": set(RELAXED) if relaxed else False, "nogil": True}
    _loaded.add(kernel)
    try:
        return numba.njit(signature, cache=True, **options)(kernel)
    except (RuntimeError, OSError):  # no folder to write to, or a full one: for this process only
        return numba.njit(signature, **options)(kernel)


def loaded(kernel):
    """Whether this process has compiled a kernel, or read it from disk, already."""
    return kernel in _loaded


def inlined(relaxed=False, fused=False):
    """Decorator of functions that kernels call; their arithmetic is said, not the caller's.

    In `fused` ones what is divided by 0 is infinite, and no error.

    Without the wrappers for calls from Python, which take as long to compile as the function. On
    disk a kernel is kept until its own file changes: after a change of a part that lies in another
    one, touch it.
    """
    options = {"fastmath": set(RELAXED) if relaxed else False}
    if fused:  # a test of each divisor would keep the processor from computing in vectors
        options = {"fastmath": set(FUSED), "error_model": "numpy"}
    return numba.njit(**options, no_cpython_wrapper=True, no_cfunc_wrapper=True)
