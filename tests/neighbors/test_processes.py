"""The search in threads, forked children and workers; the cache of its kernels; the warm-up."""

import inspect
import json
import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numba
import numpy as np
import pytest

from conftest import needs_kernels
from skgensample import NumbaNearestNeighbors, NumbaSMOTE, warmup
from skgensample.neighbors import _base, _vote
from skgensample.neighbors import _kernels as _sampling
from skgensample.search import _int16, _kernels, _knn, _self_join

JOBS = Path(__file__).with_name("search_jobs.py")


def in_child(job, **environment):
    """What a job prints, in a new interpreter."""
    path = os.pathsep.join(filter(None, sys.path))
    found = subprocess.run(
        [sys.executable, JOBS, job],
        env={**os.environ, "PYTHONPATH": path, **environment},
        capture_output=True,
        text=True,
        timeout=150,
    )
    assert found.returncode == 0, found.stderr
    return json.loads(found.stdout)


def search(X, metric="euclidean"):
    return NumbaNearestNeighbors(6, metric=metric).fit(X).kneighbors()


@pytest.mark.parametrize("metric", ["euclidean", "manhattan"])
def test_same_result_on_any_number_of_threads(rng, monkeypatch, metric):
    X = rng.randint(0, 5, (1_100, 7)).astype(float)
    results = []
    for threads in (1, 2, 5):
        monkeypatch.setattr(numba.config, "NUMBA_NUM_THREADS", threads)
        results.append(search(X, metric))
    for other in results[1:]:
        np.testing.assert_array_equal(results[0], other)


def test_four_threads_at_once(rng):
    tables = [rng.standard_normal((1_000, 8)) for _ in range(8)]
    with ThreadPoolExecutor(4) as pool:
        threaded = list(pool.map(search, tables))
    for table, found in zip(tables, threaded):
        np.testing.assert_array_equal(found, search(table))


@pytest.mark.skipif(not hasattr(os, "fork"), reason="no fork here")
def test_fork():
    digests = in_child("fork")
    assert len(digests) == 5 and len(set(digests)) == 1


def test_loky():
    digests = in_child("loky")
    assert len(digests) == 5 and len(set(digests)) == 1


@needs_kernels
def test_second_process_compiles_nothing(tmp_path):
    first = in_child("caches", NUMBA_CACHE_DIR=str(tmp_path))
    second = in_child("caches", NUMBA_CACHE_DIR=str(tmp_path))
    assert first["misses"] == [1] and second["hits"] == [1]
    assert second["misses"] == [0]
    assert first["digest"] == second["digest"]


@pytest.mark.parametrize("job", [pytest.param("homeless", marks=pytest.mark.slow), "full"])
def test_a_cache_that_cannot_be_written_is_no_fault(job, tmp_path):
    assert in_child(job, NUMBA_CACHE_DIR=str(tmp_path))["digest"] == in_child("caches")["digest"]


def test_small_inputs_wait_for_no_compiler(rng, monkeypatch):
    def refuse(*arguments, **options):
        raise AssertionError("a compiler was asked for")

    for room in (_base, _knn, _vote):
        monkeypatch.setattr(room, "compiled", refuse)
    monkeypatch.setattr(_knn, "loaded", lambda kernel: False)
    X, y = rng.standard_normal((1_000, 30)), np.arange(1_000) % 10 == 0
    assert len(NumbaSMOTE(random_state=0).fit_resample(X, y)[0]) == 1_800
    assert NumbaNearestNeighbors(5).fit(X).kneighbors(X[:300])[1].shape == (300, 5)


#: First parameters of kernels: a block of rows, or pairs of panels.
STARTS = (["start"], ["pairs"])


def test_warmup_knows_every_kernel():
    kernels = {
        thing
        for module in (_kernels, _sampling, _self_join, *([_int16] if _int16.lanes() else []))
        for thing in vars(module).values()
        if inspect.isfunction(thing) and [*inspect.signature(thing).parameters][:1] in STARTS
    }
    assert kernels == {kernel for kernel, *_ in warmup._PLAN}


def test_warmup_says_what_it_does(capsys):
    assert warmup.main() == 0
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) == len(warmup._PLAN) + 1
    assert lines[0].startswith("interpolate") and lines[-1].startswith("all")
