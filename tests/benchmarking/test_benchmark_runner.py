"""The benchmark's rows against hand-written loops, and its files."""

import csv
import json

import numpy as np
import pytest
from imblearn.over_sampling import SMOTE
from imblearn.pipeline import make_pipeline
from sklearn.datasets import make_classification
from sklearn.metrics import average_precision_score, brier_score_loss, roc_auc_score
from sklearn.model_selection import StratifiedKFold
from sklearn.tree import DecisionTreeClassifier

from skgensample.benchmarking import STRATEGIES, Strategy, run_benchmark
from skgensample.benchmarking import _learners as learners_module
from skgensample.benchmarking._runs import _later_days
from skgensample.metrics import card_precision_score

CV = StratifiedKFold(2, shuffle=True, random_state=0)


COLUMNS = {
    *("learner", "strategy", "ratio", "auroc", "ap", "alert", "brier_ref", "score_ratio"),
    *("fit_s", "peak_mb", "verdict", "reason"),
    *(f"d_{name}{end}" for name in ("ap", "auroc", "alert") for end in ("", "_low", "_high")),
}


@pytest.fixture(scope="module")
def data():
    return make_classification(n_samples=900, weights=[0.93], flip_y=0.05, random_state=0)


@pytest.fixture(scope="module")
def result(data):
    """Two learners, all strategies that need no torch, two ratios."""
    return run_benchmark(
        *data,
        cv=CV,
        learners=["tree", "logistic"],
        strategies=["none", "tuned", "weights", "smote", "numba-smote"],
        ratios=[0.2, 1.0],
        progress=False,
    )


def _row(result, learner, strategy, ratio=None):
    wanted = (learner, strategy, ratio)
    return next(r for r in result.summary if (r["learner"], r["strategy"], r["ratio"]) == wanted)


def test_every_promised_row_and_column_is_there(result):
    expected = [
        (learner, strategy, ratio)
        for learner in ("tree", "logistic")
        for strategy, ratios in {
            "none": [None],
            "tuned": [None],
            "weights": [None],
            "smote": [0.2, 1.0],
            "numba-smote": [0.2, 1.0],
        }.items()
        for ratio in ratios
    ]
    assert [(r["learner"], r["strategy"], r["ratio"]) for r in result.summary] == expected
    assert all(row.keys() >= COLUMNS and row["reason"] is None for row in result.summary)
    assert len(result.folds) == 2 * len(expected)
    assert set(result.curves) == set(expected)


@pytest.mark.parametrize(
    ("strategy", "ratio", "model"),
    [
        ("none", None, DecisionTreeClassifier(max_depth=5, random_state=0)),
        (
            "weights",
            None,
            DecisionTreeClassifier(max_depth=5, random_state=0, class_weight="balanced"),
        ),
        (
            "smote",
            0.2,
            make_pipeline(
                SMOTE(sampling_strategy=0.2, random_state=0),
                DecisionTreeClassifier(max_depth=5, random_state=0),
            ),
        ),
    ],
)
def test_row_equals_a_hand_written_loop(result, data, strategy, ratio, model):
    X, y = data
    found = []
    for train, test in CV.split(X, y):
        score = model.fit(X[train], y[train]).predict_proba(X[test])[:, 1]
        base = y[test].mean()
        found.append(
            [
                average_precision_score(y[test], score),
                roc_auc_score(y[test], score),
                brier_score_loss(y[test], score) / (base * (1 - base)),
                score.mean() / base,
            ]
        )
    row = _row(result, "tree", strategy, ratio)
    names = ("ap", "auroc", "brier_ref", "score_ratio")
    assert [row[name] for name in names] == pytest.approx(np.mean(found, axis=0))


def test_numba_smote_rows_equal_those_of_imblearn(result):
    for learner in ("tree", "logistic"):
        for ratio in (0.2, 1.0):
            ours = _row(result, learner, "numba-smote", ratio)
            theirs = _row(result, learner, "smote", ratio)
            assert ours["ap"] == pytest.approx(theirs["ap"], abs=1e-9)


def test_differences_are_to_the_best_row_that_adds_nothing(result):
    for learner in ("tree", "logistic"):
        rows = [row for row in result.summary if row["learner"] == learner]
        reference = next(row for row in rows if row["verdict"] == "reference")
        plain = [row["ap"] for row in rows if row["ratio"] is None]
        assert reference["ap"] == max(plain)
        assert (reference["d_ap"], reference["d_ap_low"], reference["d_ap_high"]) == (0, 0, 0)
        for row in rows:
            assert row["d_ap"] == pytest.approx(row["ap"] - reference["ap"])
            assert row["d_ap_low"] <= row["d_ap_high"]


def test_verdict_is_the_side_of_zero_on_which_the_interval_lies(result):
    words = {row["verdict"] for row in result.summary}
    assert words <= {"reference", "better", "worse", "no difference"}
    for row in result.summary:
        if row["verdict"] == "no difference":
            assert row["d_ap_low"] <= 0 <= row["d_ap_high"]
        if row["verdict"] in ("better", "worse"):
            assert row["d_ap_low"] * row["d_ap_high"] > 0


def test_a_plainly_worse_row_is_called_worse(monkeypatch, data):
    """A "sampler" that hides the labels makes a row that is plainly worse."""

    class Shuffled(SMOTE):
        def fit_resample(self, X, y):
            X_all, y_all = super().fit_resample(X, y)
            return X_all, np.random.RandomState(0).permutation(y_all)

    monkeypatch.setitem(STRATEGIES, "shuffled", Strategy("shuffled", lambda *_: Shuffled()))
    found = run_benchmark(
        *data, cv=CV, learners=["logistic"], strategies=["shuffled"], ratios=[1.0], progress=False
    )
    assert [row["verdict"] for row in found.summary] == ["reference", "worse"]


def test_same_seed_same_numbers(result, data):
    again = run_benchmark(
        *data,
        cv=CV,
        learners=["tree"],
        strategies=["none", "tuned", "weights", "smote"],
        ratios=[1.0],
        progress=False,
    )
    names = ("ap", "auroc", "alert", "d_ap", "d_ap_low", "d_ap_high")
    for row in again.summary:
        before = _row(result, "tree", row["strategy"], row["ratio"])
        assert [row[name] for name in names] == [before[name] for name in names]


def test_samplers_see_the_training_window_and_nothing_else(monkeypatch, data):
    X, y = data
    seen = []

    class Watched(SMOTE):
        def fit_resample(self, X, y):
            seen.append(X)
            return super().fit_resample(X, y)

    monkeypatch.setitem(STRATEGIES, "watched", Strategy("watched", lambda *_: Watched()))
    run_benchmark(
        X,
        y,
        cv=CV,
        learners=["tree", "logistic"],
        strategies=["watched"],
        ratios=[1.0],
        progress=False,
    )
    windows = [X[train] for train, _ in CV.split(X, y)]
    # The first call warms up; afterwards each window is resampled once for both learners.
    assert len(seen) == 1 + len(windows)
    for window, given in zip(windows, seen[1:]):
        np.testing.assert_array_equal(window, given)


def test_alerts_are_scored_by_cards_where_days_and_cards_are_known(data):
    X, y = data
    rng = np.random.default_rng(0)
    day, card = rng.integers(9, size=len(y)), rng.integers(150, size=len(y))
    found = run_benchmark(
        X, y, cv=CV, day=day, card=card, learners=["tree"], strategies=["none"], progress=False
    )
    expected = []
    for train, test in CV.split(X, y):
        model = DecisionTreeClassifier(max_depth=5, random_state=0).fit(X[train], y[train])
        score = model.predict_proba(X[test])[:, 1]
        expected.append(card_precision_score(y[test], score, day=day[test], card=card[test]))
    assert found.summary[0]["alert"] == pytest.approx(np.mean(expected))
    assert "CP@100" in found.to_text()


def test_tuning_fits_on_the_first_days_and_chooses_on_the_last():
    day = np.array([3, 1, 2, 5, 4, 6, 7, 7])
    ((fit, choose),) = _later_days(day)
    assert sorted(day[fit]) == [1, 2, 3, 4, 5]
    assert sorted(day[choose]) == [6, 7, 7]
    assert _later_days(np.ones(4)) is None
    assert _later_days(None) is None


def test_tuned_row_reports_what_was_chosen_from_the_grid(result):
    chosen = [
        r["chosen"] for r in result.folds if (r["learner"], r["strategy"]) == ("tree", "tuned")
    ]
    grid = learners_module.LEARNERS["tree"].grid
    assert len(chosen) == 2
    assert all(found[name] in grid[name] for found in chosen for name in grid)


def test_minority_class_is_the_positive_one_whatever_its_name(data):
    X, y = data
    names = np.where(y == 1, "bad", "good")
    found = run_benchmark(X, names, cv=CV, learners=["tree"], strategies=["none"], progress=False)
    numbers = run_benchmark(X, y, cv=CV, learners=["tree"], strategies=["none"], progress=False)
    assert found.info["minority_class"] == "bad"
    assert found.summary[0]["ap"] == numbers.summary[0]["ap"]


def test_xgboost_default_base_score_is_a_row_of_its_own(data):
    pytest.importorskip("xgboost")
    found = run_benchmark(
        *data, cv=CV, learners=["xgboost", "xgboost-half"], strategies=["none"], progress=False
    )
    assert [row["learner"] for row in found.summary] == ["xgboost", "xgboost-half"]


def test_csv_parses_back(result, tmp_path):
    result.to_csv(tmp_path / "rows.csv")
    with open(tmp_path / "rows.csv", newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == len(result.summary)
    assert [float(row["ap"]) for row in rows] == [row["ap"] for row in result.summary]
    result.to_csv(tmp_path / "folds.csv", folds=True)
    with open(tmp_path / "folds.csv", newline="", encoding="utf-8") as file:
        assert len(list(csv.DictReader(file))) == len(result.folds)


def test_json_parses_back_with_versions_and_seed(result, tmp_path):
    result.to_json(tmp_path / "all.json")
    content = json.loads((tmp_path / "all.json").read_text(encoding="utf-8"))
    assert [row["ap"] for row in content["summary"]] == [row["ap"] for row in result.summary]
    assert content["info"]["random_state"] == 0
    assert {"scikit-learn", "imbalanced-learn", "numpy"} <= content["info"]["versions"].keys()
    assert len(content["curves"][0]["precision"]) == len(content["recall"])


def test_text_fits_120_columns(result):
    assert max(map(len, result.to_text().splitlines())) <= 120
