"""torch tensors under scikit-learn's array API dispatch, which has to be asked for at start.

Run as a program, it compares the results of tensors with those of arrays, and prints one word for
each as JSON.
"""

import json
import os
import subprocess
import sys
import warnings
from functools import cache
from importlib.util import find_spec
from inspect import signature

import numpy as np
import pytest
from sklearn import config_context

from conftest import SAMPLERS
from contracts import blobs
from skgensample import NumbaNearestNeighbors, metrics

NAMES = [
    *SAMPLERS,
    *metrics.__all__,
    *(f"{way} {kind}" for way in ("kneighbors", "radius_neighbors", "kneighbors_graph")
      for kind in ("euclidean", "manhattan")),
]  # fmt: skip


def resampled(name):
    """Function of a table and its labels: table and labels of one sampler."""
    return lambda X, y: SAMPLERS[name]().fit_resample(X, y)


def searched(way, kind):
    """Function of a table and its labels: what a search among its rows finds."""

    def search(X, y):
        found = getattr(NumbaNearestNeighbors(metric=kind).fit(X), way)(X[:9])
        return [found.toarray()] if way == "kneighbors_graph" else map(np.concatenate, found)

    return search


def measured(name):
    """Function of a table and its labels: one measure."""
    measure = getattr(metrics, name)
    if name == "card_precision_score":
        return lambda X, y: [measure(y, X[:, 0], day=y, card=y, k=1)]
    if name == "tstr_score":
        return lambda X, y: [measure(X + 1, y, X, y)]
    options = {"random_state": 0} if "random_state" in signature(measure).parameters else {}
    wanted = [p for p in signature(measure).parameters.values() if p.default is p.empty]
    return lambda X, y: [np.ravel(measure(*(X + i for i, _ in enumerate(wanted)), **options))]


def compared(name):
    """Whether tensors give what arrays give, or the error that they give."""
    import torch

    if name in SAMPLERS:
        call = resampled(name)
    else:
        call = measured(name) if hasattr(metrics, name) else searched(*name.split())
    X, y = blobs()
    expected = call(X, y)
    try:
        with config_context(array_api_dispatch=True):
            found = call(torch.tensor(X), torch.tensor(y))
    except Exception as error:
        return repr(error)
    same = (np.array_equal(np.asarray(a), np.asarray(b)) for a, b in zip(found, expected))
    return "same" if all(same) else "other"


@cache
def answers():
    """One word for each name, from an interpreter of its own."""
    command = [sys.executable, __file__]
    environment = {**os.environ, "SCIPY_ARRAY_API": "1"}
    child = subprocess.run(command, capture_output=True, text=True, env=environment, timeout=600)
    return json.loads(child.stdout) if child.returncode == 0 else dict.fromkeys(NAMES, child.stderr)


@pytest.mark.parametrize("name", NAMES)
def test_tensors_give_what_arrays_give(name):
    pytest.importorskip("torch")
    if find_spec("sklearn.externals.array_api_compat") is None:  # before scikit-learn 1.7
        pytest.importorskip("array_api_compat")
    assert answers()[name] == "same"


if __name__ == "__main__":
    warnings.simplefilter("ignore")
    sys.stdout.write(json.dumps({name: compared(name) for name in NAMES}))
