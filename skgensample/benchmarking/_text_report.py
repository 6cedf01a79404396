"""The benchmark's table as plain text, 120 columns wide, with notes and a reading aid."""

import math
import textwrap

from ._learners import DEFAULT_LEARNERS, LEARNERS
from ._strategies import DEFAULT_STRATEGIES, STRATEGIES, sampler_names

__all__ = ["listing", "origin", "reading_aid", "table_text"]

WIDTH = 120
#: Mean score over base rate from which the reading aid speaks of it.
_INFLATED = 1.5
_HEADER = (
    ("", "strategy", 16),
    ("", "ratio", -5),
    ("", "AUROC", -5),
    ("", "AP", -5),
    ("", "{alert}", -6),
    ("Brier", "/ref", -5),
    ("score", "/base", -5),
    ("fit", "s", -6),
    ("peak", "MB", -5),
    ("dAP to reference", "[95 % interval]", 20),
    ("", "", 13),
    ("", "dAUROC", -6),
    ("", "d{alert}", -7),
)

#: Strategies in `listing` whose label alone does not say what they are.
_ABOUT = {
    "none": "no resampling, default settings",
    "tuned": "no resampling, settings of the learner chosen by grid search in the training window",
    "weights": "no resampling, both classes get the same total weight",
    "smote": "SMOTE of imbalanced-learn, after one-hot encoding of text",
    "numba-smote": "NumbaSMOTE, likewise: the same rows, faster",
    "smotenc": "NumbaSMOTENC, for tables with columns of text or categories",
    "copula": "GaussianCopulaResampler",
    "trees": "SequentialTreesResampler",
    "autoregressive": "AutoregressiveResampler",
    "leak": "SMOTE before the split, test rows included: data leakage, wrong on purpose",
}

_LEGEND = (
    "Means over folds; fit s and peak MB are medians over folds, sampler included. Brier/ref: "
    "Brier score over that of the base rate; above 1 is worse than predicting the base rate. "
    "score/base: mean score over base rate; 1 is calibrated. Differences are paired with the "
    "learner's best row without resampling; = marks an interval that contains 0, which is no "
    "difference."
)


def table_text(result):
    """The table of a result.

    Parameters
    ----------
    result : BenchmarkResult
        Records to show.

    Returns
    -------
    text : str
        Lines of at most 120 characters, or more where the name of a sampler is long.
    """
    alert = result.info.get("alert_short", "alert")
    head = (result.info.get("description"), result.info.get("incomplete"))
    lines = [line for text in head if text for line in (*textwrap.wrap(text, WIDTH), "")]
    widths = _widths(result.summary)
    for line in (0, 1):
        titles = [names[line].format(alert=alert) for names in _HEADER]
        lines.append(_line(zip(titles, widths)))
    lines.append("-" * len(lines[-1].rstrip()))
    learner = None
    for row in result.summary:
        if row["learner"] != learner:
            learner = row["learner"]
            lines += ["", row["learner_label"]]
        lines.append(_row_line(row, widths))
    lines.append("")
    for text in (_LEGEND, *(f"Note: {note}" for note in result.notes)):
        lines += textwrap.wrap(text, WIDTH, subsequent_indent="  ")
    lines.append("")
    for text in reading_aid(result):
        lines += textwrap.wrap(text, WIDTH, subsequent_indent="    ")
    lines += ["", *textwrap.wrap(origin(result.info), WIDTH)]
    return "\n".join(lines) + "\n"


def listing() -> str:
    """Names that `run_benchmark` and the command line take.

    Returns
    -------
    text : str
        Learners and strategies, one a line, then the class names of all samplers.

    Examples
    --------
    >>> from skgensample.benchmarking import listing
    >>> print(listing().splitlines()[0])
    Learners (* = default):
    """
    groups = (
        ("Learners", LEARNERS, DEFAULT_LEARNERS),
        ("Strategies", STRATEGIES, DEFAULT_STRATEGIES),
    )
    lines = []
    for title, registry, default in groups:
        lines.append(f"{title} (* = default):")
        for name, member in registry.items():
            star = "*" if name in default else " "
            missing = f"  [{member.missing} is not installed]" if member.missing else ""
            about = _ABOUT.get(name, member.label)
            lines.append(f"  {star} {name:14} {about}{missing}")
    for package, names in sampler_names().items():
        text = f"Samplers of {package} (--samplers): {', '.join(names)}"
        lines += textwrap.wrap(text, WIDTH, subsequent_indent="    ")
    return "\n".join(lines)


def reading_aid(result):
    """Up to three sentences: a stronger baseline, whether resampling helped, calibration.

    Parameters
    ----------
    result : BenchmarkResult
        Records to read.

    Returns
    -------
    lines : list of str
        One sentence each, and only those that the numbers of the table bear out.
    """
    rows = [row for row in result.summary if row["reason"] is None]
    effect = result.info.get("base_score_effect")
    lines = [_stronger_baseline(rows, effect), _help(rows), _calibration(rows)]
    return [f"({n}) {line}" for n, line in enumerate([line for line in lines if line], start=1)]


def _stronger_baseline(rows, effect):
    """Said where base_score and a sampler both raise the average precision of the default."""
    if effect is None or min(effect["d_ap_low"], effect["resampling_d_ap_low"]) <= 0:
        return ""
    found = {(row["learner"], row["strategy"]): row["ap"] for row in rows}
    default, half = found["xgboost", "none"], found["xgboost-half", "none"]
    return (
        f"Stronger baseline: base_score=.5 alone raises XGBoost's AP from {_plain(default)} to "
        f"{_plain(half)}, without a synthetic row; compare samplers with that."
    )


def _help(rows):
    verdicts = [row["verdict"] for row in rows if row["resampled"] and row["verdict"]]
    if not verdicts:
        return ""
    counts = {word: verdicts.count(word) for word in ("better", "worse", "no difference")}
    return (
        "Did resampling help? AP compared with the best row without resampling: "
        f"{counts['better']} better, {counts['worse']} worse, "
        f"{counts['no difference']} no difference."
    )


def _calibration(rows):
    full = [row["score_ratio"] for row in rows if row["ratio"] == 1 and row["verdict"]]
    if not full or max(full) < _INFLATED:
        return ""
    ends = dict.fromkeys([f"{min(full):.1f}", f"{max(full):.1f}"])
    return (
        f"At ratio 1 mean scores are {' to '.join(ends)} times the base rate: they are not "
        "calibrated; recalibrate them before use as probabilities."
    )


def origin(info):
    """How a result came about, in a sentence each.

    Parameters
    ----------
    info : dict
        Of a `BenchmarkResult`.

    Returns
    -------
    text : str
        Command, seed, date and versions.
    """
    command = f"Command: {info['command']}. " if "command" in info else ""
    versions = ", ".join(f"{name} {number}" for name, number in info["versions"].items())
    day = info["date"].partition("T")[0]
    return f"{command}Seed {info['random_state']}, {day}, Python {info['python']}, {versions}."


def _widths(rows):
    """Widths of the columns; the first one has room for the longest name."""
    first, *others = [width for *_, width in _HEADER]
    return [max([first, *(len(row["strategy_label"]) for row in rows)]), *others]


def _row_line(row, widths):
    """One row; n/a and the reason where it was not run."""
    ratio = "" if row["ratio"] is None else f"{row['ratio']:g}".lstrip("0")
    if row["reason"]:
        cells = [row["strategy_label"], ratio]
        line = _line(list(zip(cells, widths))) + f"    n/a: {row['reason']}"
        return line if len(line) <= WIDTH else line[: WIDTH - 3] + "..."
    cells = [
        row["strategy_label"],
        ratio,
        _plain(row["auroc"]),
        _plain(row["ap"]),
        _plain(row["alert"]),
        _short(row["brier_ref"]),
        _short(row["score_ratio"]),
        _short(row["fit_s"]),
        _short(row["peak_mb"], digits=0),
        _difference(row, "ap"),
        row["verdict"],
        _marked(row, "auroc"),
        _marked(row, "alert"),
    ]
    return _line(list(zip(cells, widths))).rstrip()


def _line(cells):
    """Cells side by side; a negative width aligns to the right."""
    return " ".join(text.rjust(-width) if width < 0 else text.ljust(width) for text, width in cells)


def _plain(value):
    return "n/a" if math.isnan(value) else f"{value:.3f}".removeprefix("0")


def _short(value, digits=2):
    if math.isnan(value):
        return "n/a"
    return f"{value:.{digits if abs(value) < 10 else min(1, digits)}f}"


def _signed(value):
    # Adding 0.0 turns -0.0 into 0.0.
    return f"{value + 0.0:+.3f}".replace("0.", ".", 1)


def _difference(row, metric):
    if row["verdict"] in ("reference", ""):
        return ""
    low, high = row[f"d_{metric}_low"], row[f"d_{metric}_high"]
    return f"{_signed(row[f'd_{metric}'])} [{_signed(low)},{_signed(high)}]"


def _marked(row, metric):
    """A difference, followed by = where its interval contains zero."""
    if row["verdict"] in ("reference", "") or math.isnan(row[f"d_{metric}"]):
        return ""
    equal = row[f"d_{metric}_low"] <= 0 <= row[f"d_{metric}_high"]
    return _signed(row[f"d_{metric}"]) + ("=" if equal else " ")
