"""Displays show what the tables and results hold."""

import dataclasses

import numpy as np
import pytest
from sklearn.datasets import make_classification
from sklearn.model_selection import StratifiedKFold

from skgensample import (
    GaussianCopulaResampler,
    MissingExtraError,
    NumbaRandomOverSampler,
    NumbaSMOTE,
    plotting,
)
from skgensample.benchmarking import run_benchmark
from skgensample.metrics import column_density_error
from skgensample.plotting import (
    ClassCountsDisplay,
    MarginalsDisplay,
    ProjectionDisplay,
    image_grid,
    plot_benchmark,
)


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
    monkeypatch.setattr(plotting._axes, "find_spec", lambda name: None)
    with pytest.raises(MissingExtraError, match=r"skgensample\[plot\]"):
        plot_benchmark(result)


def test_strategies_beyond_the_colours_look_different():
    styles = plotting._benchmark._styles([{"strategy": str(n)} for n in range(24)])
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


@pytest.fixture(name="plt")
def closing_pyplot():
    pytest.importorskip("matplotlib").use("agg")
    plt = pytest.importorskip("matplotlib.pyplot")
    yield plt
    plt.close("all")


def mixed_frame(n=200, seed=0):
    """Numbers, small integers, dates and categories, some missing; labels of two classes."""
    pandas = pytest.importorskip("pandas")
    rng = np.random.RandomState(seed)
    frame = pandas.DataFrame(
        {
            "amount ($ or $)": rng.lognormal(size=n),
            "count": rng.poisson(2, n),
            "when": pandas.date_range("2026-01-01", periods=90)[rng.randint(90, size=n)],
            "country": rng.choice(list("ABCDEFGHIJKL"), n),
            "empty": np.where(rng.rand(n) < 0.2, np.nan, rng.randn(n)),
        }
    )
    return frame, np.where(rng.rand(n) < 0.2, "fraud", "genuine")


def test_projection_uses_the_axes_of_the_given_rows(plt):
    rng = np.random.RandomState(0)
    given = rng.randn(300, 3) * [1, 1, 1e-3] + [0, 0, 5]
    given[:, 1] = 2 * given[:, 0] + 0.1 * given[:, 1]
    moved = given + [0, 0, 1]  # by a thousand standard deviations of the third column
    display = ProjectionDisplay.from_tables(given, moved, max_rows=300)
    assert display.given.shape == display.generated.shape == (300, 2)
    np.testing.assert_allclose(display.given.mean(axis=0), 0, atol=0.2)
    assert np.abs((display.generated - display.given).mean(axis=0)).max() > 100
    assert display.explained_variance_ratio.sum() == pytest.approx(1, abs=0.05)
    assert display.figure_ is display.ax_[0].figure and len(display.ax_) == 2


def test_projection_draws_so_many_rows_of_each_class(plt):
    X, y = make_classification(n_samples=400, weights=[0.9], random_state=0)
    display = ProjectionDisplay.from_sampler(NumbaSMOTE(random_state=0), X, y, max_rows=25)
    assert np.unique(display.y_given, return_counts=True)[1].tolist() == [25, 25]
    assert display.y_generated.tolist() == [1] * 25
    texts = [text.get_text() for text in display.ax_[0].get_legend().get_texts()]
    assert texts == ["0", "1"]
    again = ProjectionDisplay.from_sampler(NumbaSMOTE(random_state=0), X, y, max_rows=25)
    np.testing.assert_array_equal(again.generated, display.generated)


def test_marginals_are_ordered_by_error(plt):
    rng = np.random.RandomState(0)
    given = rng.randn(400, 14)
    made = rng.randn(400, 14) + np.arange(14) / 10
    display = MarginalsDisplay.from_tables(given, made)
    errors = column_density_error(given, made, average=False)
    drawn = [marginal.name for marginal in display.marginals]
    assert drawn == np.argsort(-errors)[:12].tolist()
    assert [m.error for m in display.marginals] == sorted(errors, reverse=True)[:12]
    assert len(display.ax_) == 12 and "12 worst of 14" in display.figure_.get_suptitle()
    for marginal in display.marginals:
        assert marginal.given.sum() == pytest.approx(1)
        assert marginal.generated.sum() == pytest.approx(1)


def test_marginals_of_all_kinds_of_columns(plt):
    X, y = mixed_frame()
    sampler = GaussianCopulaResampler(random_state=0)
    X_all, y_all = sampler.fit_resample(X, y)
    display = MarginalsDisplay.from_resampled(X_all, y_all, sampler.is_synthetic_)
    found = {marginal.name: marginal for marginal in display.marginals}
    assert display.label == "fraud" and set(found) == set(X.columns)
    own = X[y == "fraud"]
    assert found["empty"].missing[0] == pytest.approx(own["empty"].isna().mean())
    values = np.union1d(own["count"], X_all["count"][sampler.is_synthetic_])
    assert [text for _, text in found["count"].ticks] == [str(v) for v in values]
    assert found["count"].given[0] == pytest.approx((own["count"] == values[0]).mean())
    assert found["when"].ticks[0][1].startswith("2026-")
    names = [text for _, text in found["country"].ticks]
    assert names[-1].endswith(" others)") and len(names) == 9
    frequent = own["country"].eq(names[0]).mean()
    assert found["country"].given[0] == pytest.approx(frequent)
    low, high = found["amount ($ or $)"].edges[[0, -1]]
    assert own["amount ($ or $)"].min() <= low < high <= own["amount ($ or $)"].max()
    display.figure_.canvas.draw()  # two dollar signs are no formula


def test_integers_are_drawn_in_their_own_units(plt):
    given = np.arange(1000, 1100).reshape(-1, 1)
    (marginal,) = MarginalsDisplay.from_tables(given, given + 1).marginals
    assert marginal.edges[0] >= 999 and 1098 <= marginal.edges[-1] <= 1105


@pytest.mark.parametrize("display", [MarginalsDisplay, ProjectionDisplay])
def test_axes_of_the_users_own(plt, display):
    X, y = make_classification(n_samples=200, weights=[0.8], random_state=0)
    X = X[:, :2]
    _, axes = plt.subplots(1, 2)
    drawn = display.from_sampler(NumbaSMOTE(random_state=0), X, y, ax=axes)
    assert list(drawn.ax_) == list(axes)
    figure, ax = plt.subplots()
    assert drawn.plot(ax) is drawn and drawn.figure_ is figure and len(drawn.ax_) == 2
    with pytest.raises(ValueError, match="4 panels and got 2 axes"):
        plotting._axes.axes_for(axes, (2, 2), None)


def test_class_counts(plt):
    X, y = make_classification(n_samples=200, weights=[0.8], random_state=0)
    sampler = NumbaSMOTE(random_state=0)
    with pytest.raises(ValueError, match="keeps no counts"):
        ClassCountsDisplay.from_sampler(sampler)
    X_all, y_all = sampler.fit_resample(X, y)
    kept = ClassCountsDisplay.from_sampler(sampler)
    n = np.bincount(y).tolist()
    assert kept.before == dict(enumerate(n)) and kept.after == {0: n[0], 1: n[0]}
    assert [bar.get_width() for bar in kept.ax_.patches] == [*n, n[0], n[0]]
    for other in (
        ClassCountsDisplay.from_sampler(sampler, X, y),
        ClassCountsDisplay.from_resampled(X_all, y_all, sampler.is_synthetic_),
        ClassCountsDisplay.from_labels(y, y_all),
    ):
        assert (other.before, other.after) == (kept.before, kept.after)


def test_samplers_of_imbalanced_learn_are_drawn_too(plt):
    from imblearn.over_sampling import SMOTE
    from imblearn.under_sampling import RandomUnderSampler

    X, y = make_classification(n_samples=200, weights=[0.8], random_state=0)
    theirs = ProjectionDisplay.from_sampler(SMOTE(random_state=0), X, y)
    ours = ProjectionDisplay.from_sampler(NumbaSMOTE(random_state=0), X, y)
    np.testing.assert_allclose(theirs.generated, ours.generated)
    with pytest.raises(ValueError, match="RandomUnderSampler has added no row"):
        MarginalsDisplay.from_sampler(RandomUnderSampler(random_state=0), X, y)


def test_whole_synthetic_tables_are_compared_with_the_given_one(plt):
    X, y = make_classification(n_samples=200, weights=[0.8], random_state=0)
    sampler = GaussianCopulaResampler(output="synthetic", random_state=0)
    display = ProjectionDisplay.from_sampler(sampler, X, y)
    assert len(display.given) == 200 and set(display.y_generated) == {0, 1}
    marginals = MarginalsDisplay.from_sampler(sampler, X, y, label=0)
    assert marginals.label == 0 and "of class 0" in marginals.figure_.get_suptitle()


def test_copies_have_the_marginals_of_the_given_rows(plt):
    X, y = make_classification(n_samples=4_000, weights=[0.9], random_state=0)
    display = MarginalsDisplay.from_sampler(NumbaRandomOverSampler(random_state=0), X, y)
    assert display.marginals[0].error < 0.05


def test_wrong_input_of_displays_is_refused(plt):
    X, y = make_classification(n_samples=60, weights=[0.8], random_state=0)
    with pytest.raises(ValueError, match="labels of both tables, or of none"):
        ProjectionDisplay.from_tables(X, X, y)
    with pytest.raises(ValueError, match="59 values for 60 rows"):
        ProjectionDisplay.from_resampled(X, y, np.arange(59) > 3)
    with pytest.raises(ValueError, match="no generated row"):
        MarginalsDisplay.from_resampled(X, y, np.zeros(60))
    with pytest.raises(ValueError, match=r"label=7 has no rows .* \[1\]"):
        MarginalsDisplay.from_sampler(NumbaSMOTE(random_state=0), X, y, label=7)
    with pytest.raises(ValueError, match="different columns"):
        ProjectionDisplay.from_tables(X, X[:, :3])


def test_one_column_and_polars(plt):
    polars = pytest.importorskip("polars")
    X, y = make_classification(n_samples=60, weights=[0.8], random_state=0)
    frame = polars.DataFrame(X[:, :1], schema=["x"])
    sampler = NumbaSMOTE(random_state=0)
    X_all, y_all = sampler.fit_resample(frame, y)
    display = ProjectionDisplay.from_resampled(X_all, y_all, sampler.is_synthetic_)
    assert (display.given[:, 1] == 0).all() and np.ptp(display.given[:, 0]) > 1
    assert MarginalsDisplay.from_resampled(X_all, y_all, sampler.is_synthetic_).n_columns == 1


def test_grids_of_images_of_any_kind(plt):
    """Lists, other channels than three, values outside of the real ones; flat rows are refused."""
    grey = np.arange(4 * 6 * 5).reshape(4, 6, 5)
    colours = np.stack([grey] * 3, axis=3)
    for real, made in (
        (grey, {"real": grey, "more": grey[:0]}),
        (list(grey), list(grey)),
        (grey[..., None], grey),
        (np.stack([grey] * 2, axis=3), np.stack([grey] * 4, axis=3)),
        (colours, colours * 3.0),
        (np.where(grey == 7, np.nan, grey), grey > 3),
    ):
        figure = image_grid(real, made, n_columns=5)
        n_made = sum(len(rows) for rows in made.values()) if isinstance(made, dict) else len(made)
        assert sum(len(axes.images) for axes in figure.axes) == 4 + n_made
        figure.canvas.draw()
    shown = image_grid(colours, colours * 3.0).axes[15].images[0].get_array()
    assert 0 <= shown.min() and shown.max() <= 1
    with pytest.raises(ValueError, match="Reshape flat rows"):
        image_grid(grey.reshape(4, -1), grey)
    with pytest.raises(ValueError, match="no real images"):
        image_grid(grey[:0], grey)
