"""Contracts I and E09 that need other processes, threads, or a process's memory to look at."""

import functools
import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from imblearn.pipeline import Pipeline
from sklearn.model_selection import GridSearchCV
from sklearn.tree import DecisionTreeClassifier

from conftest import slow_except
from contracts import Contracts, Refused, blobs, judge

CASES = contract = Contracts()
JOBS = Path(__file__).with_name("process_jobs.py")


@slow_except(("NumbaSMOTE", "CTGANResampler"))
@pytest.mark.parametrize("code", CASES)
def test_contract(code, sampler):
    judge(CASES[code], sampler)


#: In one process, as most of a job's time goes into starting it.
TOGETHER = (
    "digest",
    "fork_after_use",
    "four_threads",
    "wide_sparse",
    "large_minority",
    "many_categories",
)
THREADS = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "NUMBA_NUM_THREADS")


@functools.cache
def answers(name, jobs=TOGETHER, threads=2, seconds=150):
    """Answers of jobs in a new interpreter, and what it complained of; see process_jobs.py."""
    command = [sys.executable, JOBS, name, *jobs]
    path = {"PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
    limits = dict.fromkeys(THREADS, str(threads))
    child = subprocess.Popen(
        command,
        env={**os.environ, **path, **limits},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    try:
        out, err = child.communicate(timeout=seconds)
    except subprocess.TimeoutExpired:
        os.killpg(child.pid, signal.SIGKILL)  # its forked children too
        out, err = child.communicate()
        err += f"\nstopped after {seconds} s"
    found = {}
    for line in filter(None, out.splitlines()):
        found.update(json.loads(line))
    return found, f"exit status {child.returncode}: {err}"


def answer_to(job, sampler, **options):
    """The answer to one job; a hang or an abort before it is a failure."""
    found, complaint = answers(type(sampler).__name__, **options)
    assert job in found, complaint
    if "refused" in found[job]:
        raise Refused(found[job]["refused"])
    return found[job]


@contract("I10", "ok", "GridSearchCV n_jobs=2, 2 MB data (memmapped)")
def grid_search(sampler):
    X, y = blobs((24_600, 400), d=10)
    assert X.nbytes == 2_000_000  # joblib maps from 1 MB
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
    assert answer_to("fork_after_use", sampler) == {"same": True}


@contract("I12", "ok", "four threads, own instances, same as serial")
def threads(sampler):
    assert answer_to("four_threads", sampler) == {"same": True}


@contract("I16", "ok", "1 or 2 BLAS/OMP threads, same result")
def thread_counts(sampler):
    one = answer_to("digest", sampler, jobs=("digest",), threads=1)
    assert "sha256" in one and one == answer_to("digest", sampler)


@contract("I21", "ok", "n=20000 minority: never n x n memory")
def large_minority(sampler):
    answer = answer_to("large_minority", sampler)
    assert answer.get("rows") == 44_000 and answer["mb"] < 800, answer


@contract("I22", "either", "15000 distinct categories: bounded memory", cause="categor|text|string")
def many_categories(sampler):
    answer = answer_to("many_categories", sampler)
    assert answer.get("rows") == 40_000 and answer["mb"] < 900, answer


@contract(
    "E09", "either", "wide sparse 300 x 1e6 must not be densified", cause="sparse|dense|MB|GB"
)
def wide_sparse(sampler):
    answer = answer_to("wide_sparse", sampler)
    assert answer.get("rows") == 480 and answer["sparse"] and answer["mb"] < 600, answer
