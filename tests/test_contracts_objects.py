"""Contracts I: the sampler as an object: copies, pickles, repeated calls, what it leaves behind."""

import contextlib
import io
import logging
import os
import pickle
import random
import sys
import warnings

import numpy as np
import pytest
from imblearn.pipeline import make_pipeline
from sklearn.base import clone
from sklearn.tree import DecisionTreeClassifier

from conftest import ONE_NETWORK, slow_except
from contracts import Contracts, blobs, judge, leaves_range, refusals, repeats_rows, resample

CASES = contract = Contracts()


@slow_except(ONE_NETWORK)
@pytest.mark.parametrize("code", CASES)
def test_contract(code, sampler):
    judge(CASES[code], sampler)


def rows(sampler, X, y):
    """The result's table, from this very instance."""
    return sampler.fit_resample(X, y)[0]


def state(sampler):
    """What the instance remembers, as text that can be compared."""
    return {name: repr(value) for name, value in vars(sampler).items()}


@contract("I01", "ok", "sklearn clone")
def cloned(sampler):
    X, y = blobs()
    first = rows(sampler, X, y)
    copy = clone(sampler)
    assert not [name for name in vars(copy) if name.endswith("_")]
    assert np.array_equal(rows(copy, X, y), first)


@contract("I02", "ok", "pickle before fit: same result after")
def pickled_before(sampler):
    X, y = blobs()
    copy = pickle.loads(pickle.dumps(sampler))
    assert np.array_equal(rows(copy, X, y), rows(sampler, X, y))


@contract("I03", "ok", "pickle after fit")
def pickled_after(sampler):
    X, y = blobs()
    first = rows(sampler, X, y)
    copy = pickle.loads(pickle.dumps(sampler))
    assert copy.sampling_strategy_ == sampler.sampling_strategy_
    if hasattr(sampler, "sample"):
        assert np.array_equal(copy.sample(7, y=1)[0], sampler.sample(7, y=1)[0])
    assert np.array_equal(rows(copy, X, y), first)


def holds_a_row(blob, X):
    """Whether all the cells of some row stand in the bytes, in either float width."""
    return any(
        all(cell.tobytes() in blob for cell in row.astype(width))
        for row in X
        for width in (np.float64, np.float32)
    )


@contract("I04", "ok", "pickle after fit holds no training row")
def no_row_in_pickle(sampler):
    X, y = blobs()
    assert holds_a_row(pickle.dumps(X), X)
    for learn in (sampler.fit, sampler.fit_resample):
        learn(X, y)
        assert not holds_a_row(pickle.dumps(sampler), X)


@contract("I05", "either", "error text does not quote a cell's value")
def errors_without_values(sampler):
    secret = 48151.6234
    X, y = blobs()
    X[:, 1] = secret
    broken = {"NaN": np.nan, "inf": np.inf, "text": f"DE{secret}", "object": {"iban": secret}}
    for value in broken.values():
        table = X.astype(object)
        table[5, 2], table[6, 2] = value, secret
        try:
            sampler.fit_resample(table, y)
        except (ValueError, TypeError) as error:
            assert str(secret) not in f"{error} {error.__cause__}", "a value is quoted"


@contract("I06", "ok", "repr and HTML repr")
def representations(sampler):
    for _ in range(2):
        assert type(sampler).__name__ in repr(sampler)
        assert type(sampler).__name__ in sampler._repr_html_()
        sampler.fit_resample(*blobs())


@contract("I07", "ok", "get_params / set_params round trip")
def parameters(sampler):
    given = sampler.get_params()
    other = type(sampler)().set_params(**given)
    assert other.get_params() == given
    assert other.set_params(random_state=9).random_state == 9


@contract("I08", "error", "set_params of an unknown name", cause="invalid parameter")
def unknown_parameter(sampler):
    with refusals():
        sampler.set_params(neighbours=5)


@contract("I09", "ok", "in imblearn Pipeline")
def in_pipeline(sampler):
    X, y = blobs()
    model = make_pipeline(sampler, DecisionTreeClassifier(random_state=0)).fit(X, y)
    alone = DecisionTreeClassifier(random_state=0).fit(*clone(sampler).fit_resample(X, y))
    assert np.array_equal(model.predict_proba(X), alone.predict_proba(X))


@contract("I13", "ok", "second call on one instance equals the first")
def second_call(sampler):
    X, y = blobs()
    assert np.array_equal(rows(sampler, X, y), rows(sampler, X, y))


@contract("I14", "ok", "another data set after the first")
def other_data(sampler):
    rows(sampler, *blobs())
    X, y = blobs((50, 30, 10), d=6, seed=5)
    assert np.array_equal(rows(sampler, X, y), rows(clone(sampler), X, y))
    assert sampler.n_features_in_ == 6 and len(sampler.sampling_strategy_) == 2


@contract("I15", "ok", "renaming labels changes nothing else")
def renamed(sampler):
    for counts, names in (((60, 20), ["legit", "fraud"]), ((60, 30, 15), ["a", "b", "c"])):
        X, y = blobs(counts)
        plain, y_plain = resample(sampler, X, y)
        X_res, y_res = resample(sampler, X, np.array(names)[y])
        assert np.array_equal(X_res, plain) and np.array_equal(y_res, np.array(names)[y_plain])


@contract("I17", "ok", "nothing printed or logged on clean data")
def silent(sampler):
    heard = io.StringIO()
    handler = logging.StreamHandler(heard)
    root = logging.getLogger()
    level = root.level
    root.addHandler(handler)
    root.setLevel(logging.INFO)
    try:
        with contextlib.redirect_stdout(heard), contextlib.redirect_stderr(heard):
            rows(sampler, *blobs())
    finally:
        root.setLevel(level)
        root.removeHandler(handler)
    assert heard.getvalue() == ""


@contract("I18", "ok", "no warning on clean data")
def unwarned(sampler):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        rows(sampler, *blobs((600, 200)))


@contract("I19", "ok", "KeyboardInterrupt mid-run, then usable")
def interrupted(sampler):
    def interrupt(self, *args):
        raise KeyboardInterrupt

    X, y = blobs()
    for hook in ("_fit_generator", "_generate"):
        fresh = clone(sampler)
        before, kind = state(fresh), type(fresh)
        assert hasattr(kind, hook)
        fresh.__class__ = type(kind.__name__, (kind,), {hook: interrupt})
        with pytest.raises(KeyboardInterrupt):
            fresh.fit_resample(X, y)
        fresh.__class__ = kind
        assert state(fresh) == before
        assert np.array_equal(rows(fresh, X, y), rows(clone(sampler), X, y))


@contract("I20", "either", "sample_weight is refused or used, never dropped", cause="sample_weight")
def weights(sampler):
    X, y = blobs()
    weight = np.where(np.arange(80) < 40, 1.0, 0.0)
    with refusals():
        X_res = clone(sampler).fit_resample(X, y, sample_weight=weight)[0]
    assert not np.array_equal(X_res, rows(sampler, X, y))


@contract("I23", "ok", "feature_names_in_ and n_features_in_ after a frame")
def feature_names(sampler):
    pd = pytest.importorskip("pandas")
    X, y = blobs()
    sampler.fit_resample(pd.DataFrame(X, columns=list("abcd")), y)
    assert sampler.feature_names_in_.tolist() == list("abcd") and sampler.n_features_in_ == 4
    sampler.fit_resample(X, y)
    assert not hasattr(sampler, "feature_names_in_")


@contract("I24", "ok", "a failed call leaves no half-fitted state")
def failed_call(sampler):
    X, y = blobs()
    broken = X.copy()
    broken[7, 1] = np.inf
    if repeats_rows(sampler):  # no cell is a fault there
        broken = X[:-1]
    for learn in (sampler.fit, sampler.fit_resample):
        before = state(sampler)
        with pytest.raises(ValueError):
            learn(broken, y)
        assert state(sampler) == before
        rows(sampler, X, y)


@contract("I25", "ok", "row order of the majority does not move the minority's synthesis range")
def majority_order(sampler):
    X, y = blobs()
    order = np.arange(80)
    order[y == 0] = np.random.RandomState(2).permutation(order[y == 0])
    for table, labels in ((X, y), (X[order], y[order])):
        new = resample(sampler, table, labels)[0][80:]
        own = X[y == 1]
        slack = np.ptp(own, axis=0) if leaves_range(sampler) else 1e-12
        assert (new >= own.min(axis=0) - slack).all() and (new <= own.max(axis=0) + slack).all()


def interpreter_state():
    """Global settings that a library must leave as they are."""
    torch = sys.modules.get("torch")
    of_torch = torch and (
        torch.get_num_threads(),
        torch.is_grad_enabled(),
        torch.get_default_dtype(),
    )
    return {
        "filters": list(warnings.filters),
        "folder": sorted(os.listdir()),
        "errors": np.geterr(),
        "print": np.get_printoptions(),
        "random": random.getstate(),
        "environment": dict(os.environ),
        "torch": of_torch,
    }


@contract("I26", "ok", "global interpreter state (warnings filters, cwd files) untouched")
def global_state(sampler):
    rows(sampler, *blobs())  # a first call may import and compile
    before = interpreter_state()
    rows(sampler, *blobs((100, 40)))
    assert interpreter_state() == before
