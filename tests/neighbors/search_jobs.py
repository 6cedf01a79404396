"""Jobs of test_processes.py that need a process of their own; each prints JSON.

Run as ``python search_jobs.py JOB``.
"""

import hashlib
import json
import multiprocessing
import sys
import threading

import numpy as np
from joblib import Parallel, delayed

from skgensample import NumbaNearestNeighbors


def found(X, Q, metric="euclidean"):
    """Digest of a search that the kernels answer."""
    distances, indices = NumbaNearestNeighbors(6, metric=metric).fit(X).kneighbors(Q)
    return hashlib.sha256(distances.tobytes() + indices.tobytes()).hexdigest()


def table():
    """1,500 rows, of which every pair is looked at."""
    return np.random.RandomState(0).standard_normal((1_500, 9))


def fork():
    """The parent, and children forked after use in it, from the main thread and from another."""
    X = table()
    digests = [found(X, X)]

    def children():
        with multiprocessing.get_context("fork").Pool(2) as pool:
            digests.extend(pool.starmap(found, [(X, X)] * 2))

    children()
    other = threading.Thread(target=children)
    other.start()
    other.join()
    return digests


def loky():
    """The parent, and two workers that get the rows as read-only memory maps."""
    X = table()
    workers = Parallel(n_jobs=2, backend="loky", max_nbytes="10K")
    return [found(X, X), *workers(delayed(found)(X, X) for _ in range(4))]


def caches():
    """How the kernel of one search came into the process: hits and misses of numba's cache."""
    from skgensample._runtime import jit

    dispatchers, compile_ = [], jit.numba.njit

    def noted(*arguments, **options):
        def decorate(kernel):
            dispatchers.append(compile_(*arguments, **options)(kernel))
            return dispatchers[-1]

        return decorate

    jit.numba.njit = noted
    X = table()[:900]
    return {
        "digest": found(X, X, "manhattan"),  # whose kernel is soon compiled
        "hits": [sum(one.stats.cache_hits.values()) for one in dispatchers],
        "misses": [sum(one.stats.cache_misses.values()) for one in dispatchers],
    }


def homeless():
    """As `caches`, where numba finds no folder that it could write to."""
    from numba.core.caching import CacheImpl

    CacheImpl._locator_classes = []
    return caches()


def full():
    """As `caches`, where the disk is full."""
    from numba.core.caching import IndexDataCacheFile

    def save(*arguments):
        raise OSError(28, "No space left on device")

    IndexDataCacheFile.save = save
    return caches()


if __name__ == "__main__":
    sys.stdout.write(json.dumps(globals()[sys.argv[1]]()) + "\n")
