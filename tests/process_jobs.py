"""Jobs that need a process of their own; prints what the parent test wants to know.

Run as ``python process_jobs.py SAMPLER JOB [JOB ...]``: one line of JSON for each job, as soon as
it is done, so that a later hang or abort leaves the earlier answers. See test_contracts_processes.
"""

import hashlib
import json
import multiprocessing
import resource
import sys
from concurrent.futures import ThreadPoolExecutor

import numpy as np
from scipy import sparse
from sklearn.svm import SVC

from conftest import PEERS, SAMPLERS
from contracts import Refused, blobs, refusals

#: Iterations of a support vector machine on a large table; far from converged.
MAX_ITER = 200


def large():
    """A table whose result is above the size from which the kernels run in parallel."""
    return blobs((13_500, 500), d=8)


def run(name, seed=0):
    """One result from a fresh instance."""
    sampler = {**SAMPLERS, **PEERS}[name]().set_params(random_state=seed)
    return sampler.fit_resample(*large())[0]


def fork_after_use(name):
    """Use in the parent, then in a forked child."""
    here = run(name)
    with multiprocessing.get_context("fork").Pool(1) as pool:
        return {"same": bool(np.array_equal(pool.apply(run, (name,)), here))}


def four_threads(name):
    """Four threads with an instance each, against the same four in turn."""
    serial = [run(name, seed) for seed in range(4)]
    with ThreadPoolExecutor(4) as pool:
        threaded = list(pool.map(lambda seed: run(name, seed), range(4)))
    return {"same": all(np.array_equal(a, b) for a, b in zip(serial, threaded))}


def digest(name):
    """A digest of one result, to compare between processes."""
    return {"sha256": hashlib.sha256(run(name).tobytes()).hexdigest()}


def peak_of(name, X, y):
    """MB that the process's peak grows by during one call; loading and compiling do not count."""
    sampler = {**SAMPLERS, **PEERS}[name]()
    sampler.fit_resample(*large())
    if "svm_estimator" in sampler.get_params() and len(y) > 10_000:
        # its time grows with the square of the rows, its memory does not: a minute without a limit
        sampler.set_params(svm_estimator=SVC(gamma="scale", max_iter=MAX_ITER))
    # the largest table so far hides as much; what is looked for is larger
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    # a table that is densified by mistake ends in a MemoryError, not in a dead machine
    resource.setrlimit(resource.RLIMIT_AS, (12 * 2**30, resource.RLIM_INFINITY))
    with refusals():
        X_res, _ = sampler.fit_resample(X, y)
    after = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return {"mb": (after - before) / 1024, "rows": X_res.shape[0], "sparse": sparse.issparse(X_res)}


def large_minority(name):
    """20,000 minority rows: distances of all pairs would take 1.6 GB in float32."""
    return peak_of(name, *blobs((22_000, 20_000), d=4))


def many_categories(name):
    """15,000 categories in 30,000 rows: one-hot of the table would take 1.8 GB in float32."""
    import pandas as pd

    X, y = blobs((20_000, 10_000), d=2)
    frame = pd.DataFrame(X, columns=["amount", "age"])
    return peak_of(name, frame.assign(merchant=[f"m{i % 15_000}" for i in range(len(y))]), y)


def wide_sparse(name):
    """300 x 1,000,000 with 50 numbers a row: dense it would take 2.4 GB in float64."""
    rng = np.random.RandomState(0)
    columns = rng.randint(0, 10**6, 300 * 50)
    table = sparse.csr_array((rng.rand(300 * 50), columns, np.arange(301) * 50), (300, 10**6))
    table.sum_duplicates()
    return peak_of(name, table, np.repeat([0, 1], [240, 60]))


if __name__ == "__main__":
    for job in sys.argv[2:]:
        try:
            answer = globals()[job](sys.argv[1])
        except Refused as refusal:
            answer = {"refused": str(refusal)}
        except Exception as error:
            answer = {"failed": repr(error)}
        sys.stdout.write(json.dumps({job: answer}) + "\n")
        sys.stdout.flush()
