"""Samplers by class name: which are known, which table they fit, and what their rows hold."""

import numpy as np
import pytest
from imblearn.over_sampling import SMOTENC
from sklearn.datasets import make_classification
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import StratifiedKFold
from sklearn.preprocessing import OneHotEncoder
from sklearn.tree import DecisionTreeClassifier

import skgensample
from skgensample.benchmarking import (
    DEFAULT_STRATEGIES,
    LEARNERS,
    STRATEGIES,
    Learner,
    Strategy,
    listing,
    run_benchmark,
)
from skgensample.benchmarking._strategies import canonical_sampler, find_strategy, sampler_names

CV = StratifiedKFold(2)
SMALL = {"cv": CV, "learners": ["tree"], "ratios": [1.0], "max_steps": 2, "progress": False}


@pytest.fixture(scope="module")
def data():
    return make_classification(n_samples=400, weights=[0.85], flip_y=0.05, random_state=0)


def test_every_public_sampler_is_known_by_its_class_name():
    names = sampler_names()
    resampling = {name for name in skgensample.__all__ if name[0].isupper()}
    others = {"MissingExtraError", "ModelFileError", "ResamplingWarning", "SmallClassWarning"}
    others |= {"DaskResampler", "FakeColumns", "MemoryLimitError", "NumbaNearestNeighbors"}
    others |= {"QualityReport", "TableSchema"}
    assert set(names["skgensample"]) == resampling - others
    assert {"SMOTENC", "ClusterCentroids", "SMOTEENN"} <= set(names["imbalanced-learn"])
    assert all(name in listing() for found in names.values() for name in found)


def test_a_class_name_is_another_name_of_a_registered_strategy():
    names = {"SMOTE": "smote", "TVAEResampler": "tvae", "GaussianCopulaResampler": "copula"}
    assert {name: canonical_sampler(name) for name in names} == names
    assert canonical_sampler("ADASYN") == "ADASYN"
    assert canonical_sampler("numba-smote") == "numba-smote"


@pytest.mark.parametrize(
    ("name", "suggestion"),
    [("TomekLink", "TomekLinks"), ("GaussianCopula", "GaussianCopulaResampler")],
)
def test_an_unknown_sampler_is_refused_with_the_one_that_was_meant(data, name, suggestion):
    with pytest.raises(ValueError, match=rf"sampler {name} \(did you mean \w*{suggestion}\?\)"):
        run_benchmark(*data, samplers=[name], **SMALL)


def test_only_samplers_are_samplers():
    for name in ("none", "weights", "leak", "NumbaNearestNeighbors", "__version__"):
        with pytest.raises(ValueError, match="Unknown sampler"):
            canonical_sampler(name)


def test_samplers_take_the_place_of_those_of_the_default(data):
    found = run_benchmark(*data, samplers=["ADASYN", "SMOTE", "ADASYN"], **SMALL)
    names = [row["strategy"] for row in found.summary]
    assert names == ["none", "tuned", "weights", "ADASYN", "smote"]
    both = run_benchmark(*data, strategies=["weights"], samplers=["ADASYN"], **SMALL)
    assert [row["strategy"] for row in both.summary] == ["none", "weights", "ADASYN"]


def test_defaults_are_what_they_were():
    names = ("none", "tuned", "weights", "smote", "numba-smote", "trees", "autoregressive")
    assert names == DEFAULT_STRATEGIES
    assert {"copula", "trees", "tvae", "smotenc"} <= set(STRATEGIES)


@pytest.mark.parametrize("name", sampler_names()["imbalanced-learn"])
def test_samplers_of_imblearn_run_or_say_why_not(data, name):
    found = run_benchmark(*data, strategies=[], samplers=[name], **SMALL)
    row = found.summary[-1]
    if name in ("SMOTEN", "SMOTENC"):
        assert row["reason"] == "no column of the table holds categories"
    elif name == "KMeansSMOTE" and row["reason"]:  # depends on the version of scikit-learn
        assert "No clusters found" in row["reason"]
    else:
        assert row["reason"] is None and 0 < row["ap"] <= 1
    assert (row["ratio"] is None) == (not find_strategy(name).has_ratio)
    assert row["resampled"] and row["verdict"] != "reference"


@pytest.mark.parametrize("name", sampler_names()["skgensample"])
def test_own_samplers_take_a_mixed_table(mixed_frame, name):
    X, y = mixed_frame
    if find_strategy(canonical_sampler(name)).requires == "torch":
        pytest.importorskip("torch")
    found = run_benchmark(X, y, strategies=[], samplers=[name], **SMALL)
    reason = found.summary[-1]["reason"]
    numbers = "some columns of the table hold numbers, and not categories"
    assert reason == (numbers if name == "NumbaSMOTEN" else None)


def test_rows_with_categories_equal_a_hand_written_loop(mixed_frame):
    """SMOTENC on the frame itself, then one-hot encoding, then the tree."""
    X, y = mixed_frame
    texts = ["channel", "country"]
    X = X[["amount", "visits", *texts]].assign(channel=X["channel"].astype(object))
    found = run_benchmark(X, y, strategies=[], samplers=["SMOTENC"], **SMALL)
    scores = []
    for train, test in CV.split(X, y):
        sampler = SMOTENC(texts, sampling_strategy=1.0, random_state=0)
        X_all, y_all = sampler.fit_resample(X.iloc[train], y.iloc[train])
        encoder = OneHotEncoder(sparse_output=False).fit(X_all[texts])
        tables = [
            np.hstack([encoder.transform(rows[texts]), rows[["amount", "visits"]]])
            for rows in (X_all, X.iloc[test])
        ]
        tree = DecisionTreeClassifier(max_depth=5, random_state=0).fit(tables[0], y_all)
        scores.append(tree.predict_proba(tables[1])[:, 1].mean() / y.iloc[test].mean())
    assert found.summary[-1]["score_ratio"] == pytest.approx(np.mean(scores))


def test_samplers_that_clean_run_once_and_count_as_resampling(data):
    found = run_benchmark(
        *data, strategies=[], samplers=["TomekLinks"], **{**SMALL, "ratios": [0.5, 1.0]}
    )
    assert [row["strategy"] for row in found.summary] == ["none", "TomekLinks"]
    assert "(1) Did resampling help?" in found.to_text()


def test_long_names_widen_the_column_and_keep_the_table_in_line(data):
    name = "RepeatedEditedNearestNeighbours"
    text = run_benchmark(*data, strategies=[], samplers=[name], **SMALL).to_text()
    lines = text.splitlines()
    head = next(line for line in lines if line.startswith("strategy"))
    row = next(line for line in lines if line.startswith(name))
    assert row[head.index("AUROC") + 1 : head.index("AUROC") + 5].strip(" .").isdigit()


def test_an_error_of_any_kind_costs_its_own_row_only(monkeypatch, data):
    class Refusing(SMOTENC):
        def fit_resample(self, X, y):
            raise RuntimeError("no clusters")

    monkeypatch.setitem(STRATEGIES, "refusing", Strategy("refusing", lambda *_: Refusing([0])))
    found = run_benchmark(*data, strategies=["refusing"], **SMALL)
    assert [row["reason"] for row in found.summary] == [None, "failed: RuntimeError: no clusters"]


def test_one_row_at_ratio_one_has_one_number(data):
    found = run_benchmark(*data, strategies=["smote"], **SMALL)
    found.summary[-1]["score_ratio"] = 3.21
    assert "mean scores are 3.2 times the base rate" in found.to_text()


class Timid(LogisticRegression):
    """Ranks at random where positives are few, as a booster that starts from their base rate."""

    def fit(self, X, y):
        self.timid_ = y.mean() < 0.2
        return super().fit(X, y)

    def predict_proba(self, X):
        score = super().predict_proba(X)
        return np.random.RandomState(0).rand(*score.shape) if self.timid_ else score


@pytest.mark.parametrize(
    ("default", "half", "strategies", "told"),
    [
        (Timid, LogisticRegression, ["smote"], True),
        (Timid, LogisticRegression, ["none"], False),
        (Timid, Timid, ["smote"], False),
        (LogisticRegression, LogisticRegression, ["smote"], False),
        (LogisticRegression, Timid, ["smote"], False),
    ],
)
def test_the_stronger_baseline_is_named_where_both_raise_the_precision(
    monkeypatch, data, default, half, strategies, told
):
    """Base_score and a sampler: neither a gain of one alone nor no gain is enough."""
    monkeypatch.setitem(LEARNERS, "xgboost", Learner("default", lambda *_: default()))
    monkeypatch.setitem(LEARNERS, "xgboost-half", Learner("half", lambda *_: half()))
    options = {**SMALL, "learners": ["xgboost", "xgboost-half"]}
    found = run_benchmark(*data, strategies=strategies, **options)
    text = found.to_text()
    assert ("(1) Stronger baseline: base_score=.5 alone" in text) == told
    assert ("Stronger" in text) == told


def test_no_stronger_baseline_is_named_on_a_table_of_many_positives(data):
    pytest.importorskip("xgboost")
    options = {**SMALL, "learners": ["xgboost", "xgboost-half"]}
    assert (
        "Stronger baseline" not in run_benchmark(*data, strategies=["smote"], **options).to_text()
    )
