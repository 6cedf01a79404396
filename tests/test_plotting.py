"""The benchmark's figure shows what the result holds."""

import dataclasses

import numpy as np
import pytest
from sklearn.datasets import make_classification
from sklearn.model_selection import StratifiedKFold

from skgensample import MissingExtraError, plotting
from skgensample.benchmarking import run_benchmark
from skgensample.plotting import plot_benchmark


@pytest.fixture(scope="module")
def result():
    X, y = make_classification(n_samples=500, weights=[0.9], flip_y=0.05, random_state=0)
    return run_benchmark(
        X,
        y,
        cv=StratifiedKFold(2),
        learners=["tree", "logistic"],
        strategies=["none", "weights", "smote"],
        ratios=[0.01, 0.5, 1.0],
        show_leak=True,
        progress=False,
    )


def test_file_is_written_and_no_global_state_is_touched(result, tmp_path):
    plt = pytest.importorskip("matplotlib.pyplot")
    before = plt.get_fignums(), plt.get_backend()
    plot_benchmark(result, tmp_path / "figure.png")
    assert (tmp_path / "figure.png").read_bytes().startswith(b"\x89PNG")
    assert (plt.get_fignums(), plt.get_backend()) == before


def test_curves_are_those_of_the_strongest_learner_without_the_leak(result):
    pytest.importorskip("matplotlib")
    curves, _ = plot_benchmark(result).axes
    references = [row for row in result.summary if row["verdict"] == "reference"]
    strongest = max(references, key=lambda row: row["ap"])
    assert curves.get_title().startswith(strongest["learner_label"])
    lines = curves.get_lines()
    assert [line.get_label().split(",")[0].split("  ")[0] for line in lines] == [
        "none",
        "class weights",
        "SMOTE (imblearn)",
    ]
    expected = result.curves[strongest["learner"], "none", None]
    np.testing.assert_array_equal(lines[0].get_ydata(), expected)


def test_differences_have_a_point_and_an_interval_each(result):
    pytest.importorskip("matplotlib")
    _, differences = plot_benchmark(result).axes
    labels = [tick.get_text() for tick in differences.get_yticklabels()]
    per_learner = ["none", "class weights", "SMOTE (imblearn)"]
    assert labels == [
        "Decision tree, depth 5",
        *per_learner,
        "Logistic regression",
        *per_learner,
    ]
    rows = [row for row in result.summary if row["verdict"] not in ("", "reference")]
    drawn = [tuple(line.get_xdata()) for line in differences.get_lines()]
    for row in rows:
        assert (row["d_ap_low"], row["d_ap_high"]) in drawn


def test_without_matplotlib_the_extra_is_named(result, monkeypatch):
    monkeypatch.setattr(plotting, "find_spec", lambda name: None)
    with pytest.raises(MissingExtraError, match=r"skgensample\[plot\]"):
        plot_benchmark(result)


def test_strategies_beyond_the_colours_look_different():
    styles = plotting._styles([{"strategy": str(n)} for n in range(24)])
    assert len({str(style) for style in styles.values()}) == 24


def test_nothing_to_compare_with_is_said(result):
    pytest.importorskip("matplotlib")
    empty = dataclasses.replace(result, summary=[{**row, "verdict": ""} for row in result.summary])
    with pytest.raises(ValueError, match="nothing to draw"):
        plot_benchmark(empty)


@pytest.mark.parametrize(("resampled", "label"), [(False, "no resampling"), (True, "no ratio")])
def test_a_sampler_without_ratio_is_not_called_no_resampling(result, resampled, label):
    pytest.importorskip("matplotlib")
    rows = [{**row, "resampled": resampled or row["resampled"]} for row in result.summary]
    legend = plot_benchmark(dataclasses.replace(result, summary=rows)).legends[0]
    assert label in [text.get_text() for text in legend.get_texts()]
