"""Pictures of a report, as PNG; matplotlib is imported when one is drawn."""

import base64
import io

import numpy as np

#: Real and synthetic, held-out and independent: colour-blind safe (Okabe and Ito).
REAL, SYNTHETIC, HOLDOUT, INDEPENDENT = "#7f7f7f", "#0072b2", "#009e73", "#d55e00"
COLORS = {
    "synthetic": SYNTHETIC, "real": REAL, "both": "#56b4e9", "holdout": HOLDOUT,
    "independent": INDEPENDENT,
}  # fmt: skip
#: Marginals that are drawn, bars of one, and columns of the heat map.
MARGINALS, BARS, HEAT = 12, 8, 40
POINTS = 1_500
_DPI = 110


def pictures(report):
    """Pictures of a report, as data URLs.

    Parameters
    ----------
    report : QualityReport
        The report.

    Returns
    -------
    dict
        ``"marginals"``, a list of (caption, URL), and a URL for each of the other pictures.
    """
    tables, fidelity = report._tables, report._fidelity
    worst = np.argsort(-fidelity.column_errors["synthetic"], kind="stable")[:MARGINALS]
    found = {"marginals": [_marginal(tables, fidelity, j) for j in worst.tolist()]}
    if fidelity.pair_errors:
        found["pairs"] = _heat_map(tables, fidelity)
    found["projection"] = _projection(tables, report.random_state)
    found["roc"] = _roc(fidelity, report.measures["fidelity.c2st"].value)
    if report._utility.scores:
        found["utility"] = _bars(report._utility.scores)
    return found


def _figure(width, height):
    from matplotlib.figure import Figure

    figure = Figure(figsize=(width, height), layout="constrained")
    return figure, figure.subplots()


def _url(figure):
    """A figure as a data URL."""
    buffer = io.BytesIO()
    figure.savefig(buffer, format="png", dpi=_DPI, metadata={"Software": None})
    return "data:image/png;base64," + base64.b64encode(buffer.getvalue()).decode()


def _marginal(tables, fidelity, j):
    """One column: bars of levels, or histograms of numbers."""
    column = tables.columns[j]
    figure, axes = _figure(3.2, 2.1)
    draw = _levels if column.n_levels else _histogram
    draw(axes, tables, column)
    axes.tick_params(labelsize=8)
    axes.set_yticks([])
    for side in ("top", "right", "left"):
        axes.spines[side].set_visible(False)
    error, usual = (fidelity.column_errors[name][j] for name in ("synthetic", "holdout"))
    return f"{column.name}: error {error:.3f} (held-out {usual:.3f})", _url(figure)


def _levels(axes, tables, column):
    """Frequencies of the most frequent levels."""
    names = tables.levels(column)
    counts = [
        np.bincount(Z[:, column.index].astype(int), minlength=column.n_levels) / len(Z)
        for Z in (tables.real, tables.synthetic)
    ]
    shown = np.argsort(-counts[0], kind="stable")[:BARS]
    place = np.arange(len(shown))
    for shift, count, color in zip((-0.2, 0.2), counts, (REAL, SYNTHETIC)):
        axes.bar(place + shift, count[shown], 0.4, color=color)
    axes.set_xticks(place, [_short(names[i]) for i in shown], rotation=35, ha="right")


def _short(text, n=11):
    return text if len(text) <= n else text[: n - 1] + "…"


def _histogram(axes, tables, column):
    """Histograms over the middle 99 % of the real values, the rest in the end bins."""
    parts = [Z[:, column.index] for Z in (tables.real, tables.synthetic)]
    parts = [z[~np.isnan(z)] for z in parts]
    known = parts[0] if len(parts[0]) else parts[1]
    if not len(known):
        axes.text(0.5, 0.5, "missing", ha="center", transform=axes.transAxes)
        return
    low, high = np.quantile(known, [0.005, 0.995])
    if not low < high:
        low, high = known.min(), max(known.max(), known.min() + 1)
    values = np.unique(known)
    bins = np.linspace(low, high, 31)
    if len(values) <= 30:
        bins = np.concatenate([values[:1] - 0.5, (values[:-1] + values[1:]) / 2, values[-1:] + 0.5])
        low, high = values[0], values[-1]
    for z, color, filled in zip(parts, (REAL, SYNTHETIC), (True, False)):
        heights, _ = np.histogram(np.clip(z, bins[0], bins[-1]), bins)
        heights = heights / max(len(z), 1)
        if filled:
            axes.stairs(heights, bins, color=color, alpha=0.5, fill=True)
        else:
            axes.stairs(heights, bins, color=color, linewidth=1.4)
    ends = [low, (low + high) / 2, high]
    axes.set_xticks(ends, [_short(tables.spelled(column, end), 12) for end in ends])


def _heat_map(tables, fidelity):
    """Errors of all pairs of the columns with the largest ones."""
    errors = fidelity.pair_errors["synthetic"]
    shown = np.sort(np.argsort(-errors.mean(axis=0), kind="stable")[:HEAT])
    size = min(max(3.4, 0.26 * len(shown) + 1.6), 9)
    figure, axes = _figure(size + 0.6, size)
    top = max(0.1, float(errors.max()))
    image = axes.imshow(errors[np.ix_(shown, shown)], cmap="cividis", vmin=0, vmax=top)
    names = [_short(str(tables.columns[j].name), 14) for j in shown]
    axes.set_xticks(range(len(shown)), names, rotation=90, fontsize=8)
    axes.set_yticks(range(len(shown)), names, fontsize=8)
    figure.colorbar(image, shrink=0.8)
    return _url(figure)


def _projection(tables, seed):
    """The first two principal components of the real rows."""
    from ..metrics._tables import unit_scaled

    rng = np.random.RandomState(seed)
    real, synthetic = unit_scaled(tables.pair(tables.synthetic, POINTS, rng, real=tables.real))
    centre = real.mean(axis=0)
    _, _, axes_of = np.linalg.svd(real - centre, full_matrices=False)
    figure, axes = _figure(4.4, 3.6)
    for rows, color, label in ((real, REAL, "real"), (synthetic, SYNTHETIC, "synthetic")):
        points = (rows - centre) @ axes_of[:2].T
        points = np.column_stack([points, np.zeros(len(points))])[:, :2]
        axes.scatter(*points.T, s=5, color=color, alpha=0.45, label=label, linewidths=0)
    limits = np.quantile((real - centre) @ axes_of[:2].T, [0, 1], axis=0)
    pad = 0.25 * np.maximum(limits[1] - limits[0], 1e-9)
    axes.set_xlim(limits[0][0] - pad[0], limits[1][0] + pad[0])
    if limits.shape[1] > 1:
        axes.set_ylim(limits[0][1] - pad[1], limits[1][1] + pad[1])
    axes.set(xticks=[], yticks=[])
    axes.legend(fontsize=9, markerscale=3, frameon=False, loc="best")
    return _url(figure)


def _roc(fidelity, area):
    """ROC of the classifier between real and synthetic rows."""
    figure, axes = _figure(4.0, 3.6)
    axes.plot([0, 1], [0, 1], color=REAL, linestyle="--", linewidth=1, label="guessing (0.5)")
    axes.plot(*fidelity.roc, color=SYNTHETIC, label=f"synthetic rows ({area:.2f})")
    axes.set(xlabel="real rows taken for synthetic", ylabel="synthetic rows found")
    axes.set(xlim=(0, 1), ylim=(0, 1.01))
    axes.legend(fontsize=9, frameon=False, loc="lower right")
    return _url(figure)


def _bars(scores):
    """Scores by the rows on which the model was trained."""
    names = {name: name for name in ("real", "synthetic", "both")}
    names["independent"] = "independent\ncolumns"
    figure, axes = _figure(4.4, 2.6)
    values = [scores[name] for name in names]
    shown = [0 if np.isnan(value) else max(value, 0) for value in values]
    axes.barh(range(len(names)), shown, color=[COLORS[name] for name in names])
    for place, value in enumerate(values):
        text = "none" if np.isnan(value) else f"{value:.3f}"
        axes.text(shown[place] + 0.01, place, text, va="center", fontsize=9)
    axes.set_yticks(range(len(names)), names.values(), fontsize=9)
    axes.invert_yaxis()
    axes.set_xlim(0, max(1.12, max(shown) * 1.15))
    for side in ("top", "right"):
        axes.spines[side].set_visible(False)
    return _url(figure)
