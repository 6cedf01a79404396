"""``python -m skgensample.warmup``: compile every kernel now, into numba's cache, and say so."""

import sys
import time

import numpy as np

from .compiling import compiled
from .neighbors import _base, _exact, _filter, _kernels, _mutual, _vote, _whole

__all__ = ["main"]

_SINGLE, _DOUBLE = np.dtype(np.float32), np.dtype(np.float64)

#: Kernel, name of the float width, signature, and whether its arithmetic is relaxed.
_PLAN = [
    *(
        (kernel, kind.name, signature(kind), relaxed)
        for kernel, signature, relaxed in (
            (_kernels.interpolate, _base._signature, False),
            (_kernels.vote, _vote._signature, False),
            (_kernels.pack, _filter._pack_types, True),
            (_kernels.nearest, _filter._nearest_types, True),
            (_mutual.mutual, _mutual._types, True),
        )
        for kind in (_SINGLE, _DOUBLE)
    ),
    (_kernels.nearest_grouped, _DOUBLE.name, _exact._GROUPED, False),
]
if _whole.lanes():
    _PLAN += [
        (_whole.farthest, _DOUBLE.name, _filter._FARTHEST, True),
        (_whole.pack_whole, "16 bits", _filter._pack_types(_whole.WHOLE), True),
        (_kernels.nearest, "16 bits", _filter._nearest_types(_whole.WHOLE), True),
        (_mutual.mutual, "16 bits", _mutual._types(_whole.WHOLE), True),
    ]


def main():
    """Compile what is not in the cache yet, and print each kernel with its seconds.

    Returns
    -------
    status : int
        0.
    """
    total = time.perf_counter()
    for kernel, width, signature, relaxed in _PLAN:
        start = time.perf_counter()
        code = compiled(kernel, signature, relaxed=relaxed)
        seconds = time.perf_counter() - start
        origin = "read from the cache" if sum(code.stats.cache_hits.values()) else "compiled"
        sys.stdout.write(f"{kernel.__name__:16} {width:8} {seconds:6.2f} s  {origin}\n")
    sys.stdout.write(f"{'all':25} {time.perf_counter() - total:6.2f} s\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
