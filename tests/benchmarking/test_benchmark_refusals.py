"""What the benchmark leaves out, refuses or notes, and the leak that it shows on request."""

from importlib.util import find_spec

import numpy as np
import pytest
from imblearn.over_sampling import SMOTE
from sklearn.datasets import make_classification
from sklearn.model_selection import StratifiedKFold

from skgensample.benchmarking import DEFAULT_STRATEGIES, STRATEGIES, Strategy, run_benchmark
from skgensample.benchmarking import _learners as learners_module
from skgensample.benchmarking._selection import chosen_names

CV = StratifiedKFold(2, shuffle=True, random_state=0)


@pytest.fixture(scope="module")
def data():
    return make_classification(n_samples=900, weights=[0.93], flip_y=0.05, random_state=0)


def _row(result, learner, strategy, ratio=None):
    wanted = (learner, strategy, ratio)
    return next(r for r in result.summary if (r["learner"], r["strategy"], r["ratio"]) == wanted)


def test_ratio_that_the_data_have_already_is_not_applicable(data):
    found = run_benchmark(
        *data,
        cv=CV,
        learners=["tree"],
        strategies=["smote"],
        ratios=[0.01, 0.5],
        progress=False,
    )
    below, above = _row(found, "tree", "smote", 0.01), _row(found, "tree", "smote", 0.5)
    assert "already has a ratio" in below["reason"]
    assert np.isnan(below["ap"])
    assert above["reason"] is None
    assert "n/a: the training window already" in found.to_text()


def test_planted_leak_fires_and_is_called_what_it_is():
    X, y = make_classification(
        n_samples=3000, n_features=12, weights=[0.97], flip_y=0.02, random_state=0
    )
    found = run_benchmark(
        X,
        y,
        cv=StratifiedKFold(2),
        learners=["forest"],
        strategies=["none"],
        show_leak=True,
        progress=False,
    )
    assert _row(found, "forest", "none")["ap"] < 0.8
    leak = _row(found, "forest", "leak")
    assert leak["ap"] > 0.99
    assert leak["verdict"] == ""
    assert np.isnan(leak["d_ap"])
    assert "DEMONSTRATION ONLY" in found.to_text()


def test_leak_is_off_unless_asked_for():
    assert "leak" not in DEFAULT_STRATEGIES
    assert "leak" not in chosen_names(None, ["all"], None, show_leak=False)[1]
    assert "leak" in chosen_names(None, ["none"], None, show_leak=True)[1]


def test_a_sampler_that_refuses_costs_its_own_row_only(monkeypatch, data):
    class Refusing(SMOTE):
        def fit_resample(self, X, y):
            if X.shape[1] > 3:
                raise ValueError("not with me")
            return super().fit_resample(X, y)

    monkeypatch.setitem(STRATEGIES, "refusing", Strategy("refusing", lambda *_: Refusing()))
    found = run_benchmark(
        *data, cv=CV, learners=["tree"], strategies=["refusing"], ratios=[1.0], progress=False
    )
    assert _row(found, "tree", "none")["reason"] is None
    assert _row(found, "tree", "refusing", 1.0)["reason"] == "failed: not with me"


def test_warnings_of_samplers_become_notes():
    X, y = make_classification(n_samples=300, weights=[0.95], random_state=0)
    rare = np.flatnonzero(y == 1)[:4]
    rows = np.concatenate([np.flatnonzero(y == 0), rare])
    found = run_benchmark(
        X[rows],
        y[rows],
        cv=StratifiedKFold(2),
        learners=["tree"],
        strategies=["numba-smote"],
        ratios=[1.0],
        progress=False,
    )
    assert any("numba-smote: SmallClassWarning" in note for note in found.notes)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"learners": ["oracle"]}, "Unknown learner oracle"),
        ({"strategies": ["magic"]}, "Unknown strategy magic"),
    ],
)
def test_unknown_names_are_refused_with_those_known(data, options, message):
    with pytest.raises(ValueError, match=message + ": choose from"):
        run_benchmark(*data, cv=CV, progress=False, **options)


def test_three_classes_are_refused(data):
    X, _ = data
    with pytest.raises(ValueError, match="two classes, found 3"):
        run_benchmark(X, np.arange(len(X)) % 3, cv=CV, progress=False)


def test_learners_without_their_module_are_left_out_with_a_notice(monkeypatch, data):
    monkeypatch.setattr(
        learners_module, "find_spec", lambda name: None if name == "xgboost" else find_spec(name)
    )
    found = run_benchmark(
        *data, cv=CV, learners=["tree", "xgboost"], strategies=["none"], progress=False
    )
    assert [row["learner"] for row in found.summary] == ["tree"]
    assert "xgboost is left out: xgboost is not installed" in found.to_text()
    with pytest.raises(ValueError, match="No learner can be run"):
        run_benchmark(*data, cv=CV, learners=["xgboost"], progress=False)


def test_mixed_table_with_gaps_runs_with_every_sampler(mixed_frame):
    pytest.importorskip("torch")
    X, y = mixed_frame
    X = X.assign(amount=X["amount"].mask(np.arange(len(X)) % 9 == 0))
    X["country"] = X["country"].astype(object).mask(np.arange(len(X)) % 7 == 0)
    found = run_benchmark(
        X,
        y,
        cv=StratifiedKFold(2),
        learners=["tree"],
        ratios=[1.0],
        max_steps=2,
        progress=False,
    )
    assert [row["reason"] for row in found.summary] == [None] * 7
    assert any("one-hot" in note for note in found.notes)
    assert any("missing cells" in note for note in found.notes)
