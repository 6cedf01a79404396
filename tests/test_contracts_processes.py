"""Contracts I and E09 that need other processes, threads, or a process's memory to look at."""

import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from imblearn.pipeline import Pipeline
from sklearn.model_selection import GridSearchCV
from sklearn.tree import DecisionTreeClassifier

from contracts import Contracts, Refused, blobs, judge

CASES = contract = Contracts()
JOBS = Path(__file__).with_name("process_jobs.py")


@pytest.mark.parametrize("code", CASES)
def test_contract(code, sampler):
    judge(CASES[code], sampler)


def job(name, sampler, seconds=120, **environment):
    """Run a job of process_jobs.py in a new interpreter; a hang or an abort is a failure."""
    child = subprocess.run(
        [sys.executable, JOBS, name, type(sampler).__name__],
        env={**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path)), **environment},
        capture_output=True,
        text=True,
        timeout=seconds,
    )
    assert child.returncode == 0, child.stderr
    answer = json.loads(child.stdout.splitlines()[-1])
    if "refused" in answer:
        raise Refused(answer["refused"])
    return answer


@contract("I10", "ok", "GridSearchCV n_jobs=2, 6 MB data (memmapped)")
def grid_search(sampler):
    X, y = blobs((74_600, 400), d=10)
    assert X.nbytes == 6_000_000
    tree = DecisionTreeClassifier(max_depth=2, random_state=0)
    model = Pipeline([("sampler", sampler), ("tree", tree)])
    grid = {"sampler__sampling_strategy": [0.1, 0.3]}
    scores = []
    for n_jobs in (1, 2):
        search = GridSearchCV(model, grid, cv=2, n_jobs=n_jobs, refit=False, error_score="raise")
        scores.append(search.fit(X, y).cv_results_["mean_test_score"])
    assert np.array_equal(*scores)


@contract("I11", "ok", "fork after use in the parent")
def fork(sampler):
    assert job("fork_after_use", sampler)["same"]


@contract("I12", "ok", "four threads, own instances, same as serial")
def threads(sampler):
    assert job("four_threads", sampler)["same"]


@contract("I16", "ok", "1 or 2 BLAS/OMP threads, same result")
def thread_counts(sampler):
    names = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "NUMBA_NUM_THREADS")
    one, two = (job("digest", sampler, **dict.fromkeys(names, n)) for n in "12")
    assert one == two


@contract("I21", "ok", "n=20000 minority: never n x n memory")
def large_minority(sampler):
    answer = job("large_minority", sampler)
    assert answer["rows"] == 44_000 and answer["mb"] < 800, answer


@contract("I22", "either", "15000 distinct categories: bounded memory", cause="categor|text|string")
def many_categories(sampler):
    answer = job("many_categories", sampler)
    assert answer["rows"] == 40_000 and answer["mb"] < 900, answer


@contract("E09", "either", "wide sparse 300 x 1e6 must not be densified", cause="sparse|dense|MB|GB")
def wide_sparse(sampler):
    answer = job("wide_sparse", sampler)
    assert answer["rows"] == 480 and answer["sparse"] and answer["mb"] < 600, answer
