"""Plots of benchmark results."""

from typing import Any

from .._typing import Figure, FilePath
from ._axes import require_matplotlib

#: Colour-blind safe palette of Okabe and Ito, without yellow, which is too pale for lines.
_COLORS = ("#000000", "#7f7f7f", "#e69f00", "#0072b2", "#56b4e9", "#009e73", "#d55e00", "#cc79a7")
_DASHES = ("-", (0, (5, 2)), (0, (1, 1)), "-", (0, (4, 1.5)), "-", "-", "-.")
_MARKERS = ("o", "s", "^", "D", "v", "P")
_SPREAD = 0.75
_ROW_INCHES = 0.3


def plot_benchmark(result: Any, path: FilePath | None = None) -> Figure:
    """Plot precision-recall curves and paired differences of average precision.

    The left panel shows precision-recall curves of the learner with the highest average precision
    without resampling, each strategy at its best ratio. The right panel shows the difference of
    every result to the best result without resampling of its learner, with a 95 % interval; an
    interval that contains 0 means no difference.

    Parameters
    ----------
    result : skgensample.benchmarking.BenchmarkResult
        Result of `skgensample.benchmarking.run_benchmark`.
    path : str or path-like, default=None
        File to save the figure to; the suffix determines the format. None saves nothing.

    Returns
    -------
    figure : matplotlib.figure.Figure
        Figure, not registered with pyplot and not shown.

    Raises
    ------
    MissingExtraError
        If matplotlib is not installed.
    ValueError
        If no learner could be run without resampling, so that there is no reference.

    Examples
    --------
    >>> from sklearn.datasets import make_classification
    >>> from sklearn.model_selection import StratifiedKFold
    >>> from skgensample.benchmarking import run_benchmark
    >>> from skgensample.plotting import plot_benchmark
    >>> X, y = make_classification(n_samples=300, weights=[0.9], random_state=0)
    >>> result = run_benchmark(X, y, cv=StratifiedKFold(2), learners=["tree"],
    ...                        strategies=["none", "smote"], ratios=[1.0], progress=False)
    >>> len(plot_benchmark(result).axes)
    2
    """
    require_matplotlib()
    from matplotlib.figure import Figure

    rows = [row for row in result.summary if row["reason"] is None]
    if not any(row["verdict"] == "reference" for row in rows):
        raise ValueError(
            "There is nothing to draw: no learner could be run without resampling. See `reason` in "
            "result.summary."
        )
    styles = _styles(rows)
    lines = _forest_lines(rows)
    figure = Figure(figsize=(13, max(5, 1.6 + _ROW_INCHES * len(lines))), layout="constrained")
    curves, differences = figure.subplots(1, 2, width_ratios=(1, 1.15))
    _draw_curves(curves, result, rows, styles)
    _draw_differences(differences, lines, styles)
    info = result.info
    head = (result.headline(), info.get("description"), info.get("incomplete"))
    figure.suptitle("\n".join(text for text in head if text), fontsize=11)
    if path is not None:
        figure.savefig(path, dpi=150)
    return figure


def _styles(rows):
    """Colour and line style of each strategy."""
    names = dict.fromkeys(row["strategy"] for row in rows)
    styles = {}
    for n, name in enumerate(names):
        again, place = divmod(n, len(_COLORS))
        # When colours repeat, lines are distinguished by longer dashes with dots.
        dashes = (0, (2 + 2 * again, 1, 1, 1)) if again else _DASHES[place]
        styles[name] = {"color": _COLORS[place], "dashes": dashes}
    return styles


def _ratio_text(ratio):
    return "" if ratio is None else f", ratio {ratio:g}"


def _draw_curves(axes, result, rows, styles):
    """Plot precision-recall curves of the learner with the highest AP without resampling."""
    strongest = max(
        (row for row in rows if row["verdict"] == "reference"), key=lambda row: row["ap"]
    )["learner"]
    ours = [row for row in rows if row["learner"] == strongest and row["verdict"]]
    for strategy in dict.fromkeys(row["strategy"] for row in ours):
        best = max((r for r in ours if r["strategy"] == strategy), key=lambda r: r["ap"])
        axes.plot(
            result.recall,
            result.curves[strongest, strategy, best["ratio"]],
            color=styles[strategy]["color"],
            linestyle=styles[strategy]["dashes"],
            label=f"{best['strategy_label']}{_ratio_text(best['ratio'])}  (AP {best['ap']:.3f})",
        )
    axes.set(
        xlabel="Recall",
        ylabel="Precision",
        xlim=(0, 1),
        ylim=(0, 1.02),
        title=f"{ours[0]['learner_label']}: each strategy at its best ratio",
    )
    axes.grid(alpha=0.3)
    axes.legend(fontsize=8.5, frameon=True, framealpha=0.9)


def _forest_lines(rows):
    """Lines of the right panel: the name of a learner, or the results of a strategy."""
    lines = []
    for learner in dict.fromkeys(row["learner"] for row in rows):
        ours = [row for row in rows if row["learner"] == learner and row["verdict"]]
        if ours:
            lines.append((ours[0]["learner_label"], []))
        for strategy in dict.fromkeys(row["strategy"] for row in ours):
            found = [row for row in ours if row["strategy"] == strategy]
            lines.append((found[0]["strategy_label"], found))
    return lines


def _draw_differences(axes, lines, styles):
    """Plot differences of average precision with intervals, one line for each strategy."""
    ratios = list(dict.fromkeys(r["ratio"] for _, found in lines for r in found))
    markers = dict(zip(ratios, _MARKERS * len(ratios)))
    for place, (_, found) in enumerate(lines):
        for n, row in enumerate(found):
            shift = _SPREAD * (n - (len(found) - 1) / 2) / max(1, len(found))
            _draw_difference(axes, row, place + shift, styles, markers)
    axes.axvline(0, color="#444444", linewidth=1, zorder=0)
    axes.set_ylim(len(lines) - 0.4, -0.6)
    axes.set_yticks(range(len(lines)), [label for label, _ in lines])
    for tick, (_, found) in zip(axes.get_yticklabels(), lines):
        tick.set_fontweight("normal" if found else "bold")
    axes.tick_params(axis="y", length=0, labelsize=9)
    axes.grid(axis="x", alpha=0.3)
    axes.set(
        xlabel="Difference of average precision (95 % interval)",
        title="Against the learner's best row without resampling",
    )
    handles = [
        axes.plot([], [], color="#444444", marker=marker, linestyle="none", markersize=5)[0]
        for marker in markers.values()
    ]
    bare = any(row["resampled"] and row["ratio"] is None for _, found in lines for row in found)
    plain = "no ratio" if bare else "no resampling"
    labels = [plain if ratio is None else f"ratio {ratio:g}" for ratio in ratios]
    hollow = {"marker": markers[None], "markerfacecolor": "white", "markersize": 5}
    handles += axes.plot([], [], color="#444444", linestyle="none", **hollow)
    labels.append("reference")
    axes.figure.legend(
        handles, labels, loc="outside lower right", ncols=len(labels), fontsize=8.5, frameon=False
    )


def _draw_difference(axes, row, height, styles, markers):
    """Plot one point with its interval; the reference is a hollow point at zero."""
    color = styles[row["strategy"]]["color"]
    reference = row["verdict"] == "reference"
    if not reference:
        axes.plot([row["d_ap_low"], row["d_ap_high"]], [height, height], color=color, linewidth=1.5)
    axes.plot(
        row["d_ap"],
        height,
        marker=markers[row["ratio"]],
        color=color,
        markerfacecolor="white" if reference else color,
        markersize=5,
    )
