"""``python -m skgensample.warmup``: compile all numba kernels into the on-disk cache."""

import sys
import time
from typing import Any

import numpy as np

from ._runtime.jit import compiled
from .neighbors import _base, _vote
from .neighbors import _kernels as _sampling
from .search import _int16, _kernels, _knn, _packed, _self_join

__all__ = ["main"]

_SINGLE, _DOUBLE = np.dtype(np.float32), np.dtype(np.float64)

#: Kernel, name of its number type, signature, and whether it is compiled with fastmath.
_PLAN: list[tuple[Any, str, Any, bool]] = [
    *(
        (kernel, kind.name, signature(kind), relaxed)
        for kernel, signature, relaxed in (
            (_sampling.interpolate, _base._signature, False),
            (_sampling.vote, _vote._signature, False),
            (_kernels.pack, _packed._pack_types, True),
            (_kernels.nearest, _packed._nearest_types, True),
            (_self_join.self_join, _self_join._types, True),
        )
        for kind in (_SINGLE, _DOUBLE)
    ),
    (_kernels.nearest_grouped, _DOUBLE.name, _knn._GROUPED, False),
]
if _int16.lanes():
    _PLAN += [
        (_int16.max_squared_norms, _DOUBLE.name, _packed._MAX_NORM_TYPES, True),
        (_int16.pack_int16, "16 bits", _packed._pack_types(_int16.INT16X2), True),
        (_kernels.nearest, "16 bits", _packed._nearest_types(_int16.INT16X2), True),
        (_self_join.self_join, "16 bits", _self_join._types(_int16.INT16X2), True),
    ]


def main() -> int:
    """Compile the kernels that are not cached yet, and print the seconds of each.

    Returns
    -------
    status : int
        Exit status, always 0.
    """
    total = time.perf_counter()
    for kernel, width, signature, relaxed in _PLAN:
        start = time.perf_counter()
        code = compiled(kernel, signature, relaxed=relaxed)
        seconds = time.perf_counter() - start
        origin = "read from the cache" if sum(code.stats.cache_hits.values()) else "compiled"
        sys.stdout.write(f"{kernel.__name__:18} {width:8} {seconds:6.2f} s  {origin}\n")
    sys.stdout.write(f"{'all':27} {time.perf_counter() - total:6.2f} s\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
