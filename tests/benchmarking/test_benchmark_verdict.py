"""The verdict in words, on planted rows."""

import numpy as np
import pytest

from skgensample.benchmarking import BenchmarkResult

INFO = {
    "alert_short": "CP@100",
    "random_state": 0,
    "date": "2026-01-01T00:00:00",
    "python": "3.11",
    "versions": {"skgensample": "0"},
}


def _row(strategy, ap, verdict, *, ratio=None, d_ap=(-0.02, 0.01), d_alert=(-0.01, 0.01), **other):
    """One record, as `summarise` makes them."""
    return {
        "learner": "tree",
        "learner_label": "Tree, depth 5",
        "strategy": strategy,
        "strategy_label": strategy,
        "ratio": ratio,
        "resampled": ratio is not None,
        "reason": None,
        "ap": ap,
        "ap_low": ap - 0.02,
        "ap_high": ap + 0.02,
        "alert": 0.25,
        "score_ratio": 1.0,
        "fit_s": 2.0,
        "verdict": verdict,
        "d_ap": float(np.mean(d_ap)),
        "d_ap_low": d_ap[0],
        "d_ap_high": d_ap[1],
        "d_alert_low": d_alert[0],
        "d_alert_high": d_alert[1],
        **other,
    }


def _result(*rows, **info):
    return BenchmarkResult([], list(rows), {}, np.linspace(0, 1, 3), INFO | info)


BASELINE = _row("tuned", 0.5, "reference")
BETTER = {"ratio": 0.1, "d_ap": (0.01, 0.05)}


def _joined(result):
    return " ".join(result.to_summary().split())


def test_no_gain():
    result = _result(BASELINE, _row("SMOTE", 0.49, "worse", ratio=1.0, d_ap=(-0.05, -0.01)))
    assert result.headline() == (
        "Resampling does not help Tree: none of 1 variants is better than no resampling."
    )
    assert "Tune the classifier, and leave the classes as they are." in _joined(result)


def test_a_gain_in_the_ranking_but_not_in_the_alerts():
    result = _result(BASELINE, _row("SMOTE", 0.53, "better", score_ratio=4.0, **BETTER))
    text = _joined(result)
    assert "but no more is found in 100 cards checked a day" in result.headline()
    assert (
        "If you act on 100 cards checked a day: tune the classifier, and skip resampling." in text
    )
    assert "their mean is 4.0 times the base rate" in text
    assert "no, mean x 4.0" in text


def test_a_gain_in_the_alerts_too():
    row = _row("SMOTE", 0.53, "better", d_alert=(0.01, 0.02), alert=0.3, **BETTER)
    result = _result(BASELINE, row, alert_short="R@1%")
    assert "and more is found in alerts at 1 % false positives" in result.headline()
    assert "skip resampling" not in result.to_summary()
    assert "Recalibrate" not in result.to_summary()


def test_the_best_is_chosen_among_those_that_are_better():
    """A larger mean whose interval contains zero is no gain."""
    lucky = _row("lucky", 0.55, "no difference", ratio=1.0, d_ap=(-0.01, 0.11))
    result = _result(BASELINE, lucky, _row("SMOTE", 0.53, "better", **BETTER))
    assert result.headline().startswith("Rows of SMOTE at ratio 0.1 raise")


def test_the_strongest_learner_speaks_and_the_others_have_a_line():
    other = {"learner": "weak", "learner_label": "Weak"}
    weak = [
        _row("none", 0.3, "reference", **other),
        _row("SMOTE", 0.4, "better", **BETTER, **other),
    ]
    result = _result(*weak, BASELINE, _row("SMOTE", 0.5, "no difference", ratio=0.1))
    assert "does not help Tree" in result.headline()
    assert "Weak: 0.300 without, 0.400 with resampling (SMOTE at ratio 0.1; better)" in _joined(
        result
    )


@pytest.mark.parametrize("rows", [[], [_row("none", 0.5, "", reason="failed: no")], [BASELINE]])
def test_nothing_to_compare(rows):
    result = _result(*rows)
    assert result.headline() == ""
    assert "VERDICT: none" in result.to_summary()


def test_rows_that_were_not_run_give_the_reason():
    refused = _row("SMOTE", np.nan, "", ratio=0.01, reason="the training window has that ratio")
    assert "SMOTE at ratio 0.01 n/a: the training window has that ratio" in _joined(
        _result(BASELINE, refused)
    )


def test_class_weights_are_named_where_they_are_the_best():
    weights = _row("weights", 0.5, "reference")
    text = _joined(_result(weights, _row("SMOTE", 0.49, "worse", ratio=1.0)))
    assert "Fit the classifier with class weights, and add no rows." in text
    text = _joined(_result(weights, _row("SMOTE", 0.53, "better", **BETTER)))
    assert "checked a day: fit the classifier with class weights, and skip resampling" in text


@pytest.mark.parametrize(("n_found", "ratio", "word"), [(38, 0.7, "yes"), (3800, 0.7, "no, mean")])
def test_few_positives_prove_no_miscalibration(n_found, ratio, word):
    sizes = {"n_test": 100 * n_found, "n_test_minority": n_found}
    row = _row("SMOTE", 0.4, "worse", ratio=1.0, score_ratio=ratio, **sizes)
    lines = _result(BASELINE, row).to_summary().splitlines()
    (line,) = [line for line in lines if line.startswith("SMOTE  ") and "0.400 [" in line]
    assert word in line


def test_a_better_row_of_another_learner_is_named():
    other = {"learner": "weak", "learner_label": "Weak"}
    weak = [
        _row("none", 0.3, "reference", **other),
        _row("SMOTE", 0.6, "better", **BETTER, **other),
    ]
    plain = _row("SMOTE", 0.5, "no difference", ratio=0.1)
    text = _joined(_result(*weak, BASELINE, plain))
    assert "Weak on the rows of SMOTE at ratio 0.1 has an average precision of 0.600" in text
    weak[1]["ap"] = 0.45
    assert "Weak on the rows" not in _joined(_result(*weak, BASELINE, plain))


def test_simulated_data_point_to_ones_own():
    own = "skgensample benchmark --csv FILE --target COLUMN --time DATE"
    row = _row("SMOTE", 0.5, "no difference", ratio=0.1)
    assert own in _joined(
        _result(BASELINE, row, description="simulated card transactions (seed 0)")
    )
    assert own not in _joined(_result(BASELINE, row, description="loans.csv"))
