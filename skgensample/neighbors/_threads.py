"""Kernels as machine code, compiled on first use and run on blocks of rows in plain threads.

Kernels are serial and release the interpreter lock; threads share the blocks. numba's own
parallel layers are left alone: one aborts when two Python threads enter it, another kills a
forked child, and parallel code takes three times as long to compile.
"""

from functools import cache

import numba

from ..threads import each
from ._filters import RELAXED

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


def run(code, n, grain, *arrays, threads=None):
    """Call ``code(start, stop, *arrays)`` on blocks of at most `grain` of n rows."""
    blocks = range(0, n, grain)
    each(lambda start: code(start, min(n, start + grain), *arrays), blocks, most=threads)
