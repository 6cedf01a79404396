"""The benchmark's verdict: what the numbers say in words, and the short table behind it."""

import math
import textwrap

from ._names import SIMULATED
from ._text_report import origin

__all__ = ["comparison", "headline", "summary_text"]

WIDTH = 100
#: Mean score over base rate between which scores are called calibrated.
_CALIBRATED = (0.8, 1.25)
#: What to do with the classifier, by its best strategy without resampling.
_FIRST = {"tuned": "Tune the classifier", "weights": "Fit the classifier with class weights"}
_SAME = {"no difference": "same", "reference": "baseline"}


def comparison(result):
    """Say whether resampling helped the strongest learner.

    Parameters
    ----------
    result : BenchmarkResult
        Records to read.

    Returns
    -------
    found : dict or None
        None where no learner could be run without resampling. Else the learner's `rows`, its best
        row without resampling (`reference`), how many resampled rows were `tried`, the one with
        the largest gain of average precision, of those that are better if there are any (`best`,
        None without a resampled row), and whether average precision (`helps`) and the metric of
        alerts (`alerts`) are better.
    """
    references = [row for row in result.summary if row["verdict"] == "reference"]
    if not references:
        return None
    reference = max(references, key=lambda row: row["ap"])
    rows = [row for row in result.summary if row["learner"] == reference["learner"]]
    tried = [row for row in rows if row["resampled"] and row["verdict"]]
    better = [row for row in tried if row["verdict"] == "better"]
    best = max(better or tried, key=lambda row: row["d_ap"], default=None)
    return {
        "rows": rows,
        "reference": reference,
        "best": best,
        "tried": len(tried),
        "helps": bool(better),
        "alerts": best is not None and bool(best["d_alert_low"] > 0),
        "has_cards": result.info.get("alert_short") == "CP@100",
    }


def headline(result):
    """One sentence for the head of the table and the title of the plot; "" without a comparison.

    Parameters
    ----------
    result : BenchmarkResult
        Records to read.

    Returns
    -------
    sentence : str
        Whether resampling helped.
    """
    found = comparison(result)
    if found is None or found["best"] is None:
        return ""
    best, learner = found["best"], found["reference"]["learner_label"].partition(",")[0]
    if not found["helps"]:
        return (
            f"Resampling does not help {learner}: none of {found['tried']} variants is better than "
            "no resampling."
        )
    where = "and more is found" if found["alerts"] else "but no more is found"
    return (
        f"Rows of {_name(best)} raise the average precision of {learner} by {best['d_ap']:.3f}, "
        f"{where} in {_budget(found)}."
    )


def summary_text(result):
    """The verdict, what to do, and the table of the strongest learner.

    Parameters
    ----------
    result : BenchmarkResult
        Records to show.

    Returns
    -------
    text : str
        Lines of at most 100 characters, or more where the name of a sampler is long.
    """
    info, found = result.info, comparison(result)
    head = (info.get("description"), info.get("incomplete"))
    lines = [line for text in head if text for line in (*textwrap.wrap(text, WIDTH), "")]
    if found is None:
        reasons = dict.fromkeys(row["reason"] for row in result.summary if row["reason"])
        lines += ["VERDICT: none, as no classifier could be run without resampling."]
        lines += [f"  n/a: {reason}" for reason in reasons]
    else:
        lines += [*_in_words(result, found), "", *_table(found), ""]
        lines += _others(result, found["reference"]["learner"])
    for note in result.notes:
        lines += textwrap.wrap(f"Note: {note}", WIDTH, subsequent_indent="  ")
    lines += textwrap.wrap(origin(info), WIDTH, subsequent_indent="  ")
    return "\n".join(lines) + "\n"


def _in_words(result, found):
    """The verdict and what to do."""
    if found["best"] is None:
        return ["VERDICT: none, as there is no row with resampling."]
    lines = textwrap.wrap(f"VERDICT: {_lower(headline(result))}", WIDTH, subsequent_indent="  ")
    lines += textwrap.wrap(_numbers(found), WIDTH, initial_indent="  ", subsequent_indent="  ")
    lines += ["", "What to do:"]
    for text in [*_advice(found), *_also(result, found)]:
        lines += textwrap.wrap(f"- {text}", WIDTH, initial_indent="  ", subsequent_indent="    ")
    return lines


def _name(row):
    ratio = "" if row["ratio"] is None else f" at ratio {row['ratio']:g}"
    return f"{row['strategy_label']}{ratio}"


def _budget(found):
    """What the metric of alerts counts."""
    return "100 cards checked a day" if found["has_cards"] else "alerts at 1 % false positives"


def _alert(row, found):
    """The metric of alerts, per 100."""
    return "n/a" if math.isnan(row["alert"]) else f"{100 * row['alert']:.1f}"


def _numbers(found):
    best, reference = found["best"], found["reference"]
    low, high = best["d_ap_low"], best["d_ap_high"]
    what = "fraudulent cards in 100" if found["has_cards"] else "% of the class found in"
    return (
        f"{_name(best)}: average precision {best['ap']:.3f}, against {reference['ap']:.3f} without "
        f"resampling ({reference['strategy_label']}): {best['d_ap']:+.3f}, 95 % interval "
        f"{low:+.3f} to {high:+.3f}. {_alert(best, found)} {what}"
        f"{' checked' if found['has_cards'] else ' ' + _budget(found)}, against "
        f"{_alert(reference, found)} ({_same(best, 'alert')})."
    )


def _same(row, metric):
    """Whether a difference is one, by its interval."""
    low, high = row[f"d_{metric}_low"], row[f"d_{metric}_high"]
    if math.isnan(low) or low <= 0 <= high:
        return "no difference"
    return "better" if low > 0 else "worse"


def _advice(found):
    """What to do, one sentence each."""
    best, budget = found["best"], _budget(found)
    strategy = found["reference"]["strategy"]
    first = _FIRST.get(strategy, "Fit the classifier as it is")
    if not found["helps"]:
        rest = "add no rows" if strategy == "weights" else "leave the classes as they are"
        return [f"{first}, and {rest}."]
    if found["alerts"]:
        lines = [f"Train on the rows of {_name(best)}."]
    else:
        lines = [
            f"If you act on {budget}: {_lower(first)}, and skip resampling.",
            f"If the whole ranking counts: train on the rows of {_name(best)}.",
        ]
    lines.append(
        f"Confirm it on other data first: it is the best of {found['tried']} variants on these "
        "test rows."
    )
    if not _is_calibrated(best):
        lines.append(
            "Recalibrate its scores before you use them as probabilities: their mean is "
            f"{best['score_ratio']:.1f} times the base rate."
        )
    return lines


def _lower(text):
    return text[0].lower() + text[1:]


def _is_calibrated(row):
    """Whether the mean score is near the base rate, or within its 95 % binomial interval."""
    ratio = row["score_ratio"]
    if _CALIBRATED[0] <= ratio <= _CALIBRATED[1]:
        return True
    found, n = row.get("n_test_minority", 0), row.get("n_test", 0)
    if not found or math.isnan(ratio):
        return False
    return abs(ratio - 1) * found <= 1.96 * math.sqrt(found * (1 - found / n))


def _also(result, found):
    """Advice that is not on the strongest learner."""
    lines = []
    top = max(row["ap"] for row in found["rows"] if row["verdict"])
    others = [
        row
        for row in result.summary
        if row["learner"] != found["reference"]["learner"]
        and row["resampled"]
        and row["verdict"]
        and row["ap"] > top
    ]
    if others:
        row, own = max(others, key=lambda row: row["ap"]), found["reference"]["learner_label"]
        lines.append(
            f"{row['learner_label']} on the rows of {_name(row)} has an average precision of "
            f"{row['ap']:.3f}, more than {own} at its best ({top:.3f}): compare the two on other "
            "data."
        )
    if str(result.info.get("description", "")).startswith(SIMULATED):
        lines.append(
            "On your own table: skgensample benchmark --csv FILE --target COLUMN --time DATE"
        )
    return lines


def _table(found):
    """Lines of the short table."""
    alert = (
        ("caught per 100", "cards checked")
        if found["has_cards"]
        else ("% found at 1 %", "false positives")
    )
    heads = (
        ("", "strategy"),
        ("", "ratio"),
        alert,
        ("average precision", "[95 % interval]"),
        ("than the", "baseline"),
        ("are scores", "probabilities?"),
        ("seconds", "to fit"),
    )
    rows = [_cells(row, found) for row in found["rows"] if row["reason"] is None]
    columns = zip(*zip(*heads), *rows)
    widths = [max(map(len, column)) for column in columns]
    right = (False, True, True, False, False, False, True)
    lines = [
        "  ".join(
            text.rjust(width) if is_right else text.ljust(width)
            for text, width, is_right in zip(cells, widths, right)
        ).rstrip()
        for cells in [*zip(*heads), *rows]
    ]
    title = f"{found['reference']['learner_label']}, the strongest classifier without resampling"
    not_run = [
        textwrap.shorten(f"{_name(row)}  n/a: {row['reason']}", WIDTH, placeholder="...")
        for row in found["rows"]
        if row["reason"]
    ]
    return [title, "", *lines[:2], "-" * max(map(len, lines)), *lines[2:], *not_run]


def _cells(row, found):
    ratio = "" if row["ratio"] is None else f"{row['ratio']:g}"
    interval = f"{row['ap']:.3f} [{row['ap_low']:.3f}, {row['ap_high']:.3f}]"
    calibrated = "yes" if _is_calibrated(row) else f"no, mean x {row['score_ratio']:.1f}"
    return (
        row["strategy_label"],
        ratio,
        _alert(row, found),
        interval,
        _SAME.get(row["verdict"], row["verdict"]),
        calibrated,
        f"{row['fit_s']:.1f}",
    )


def _others(result, strongest):
    """One line for each other learner: its best rows without and with resampling."""
    lines = []
    for reference in result.summary:
        learner = reference["learner"]
        if reference["verdict"] != "reference" or learner == strongest:
            continue
        resampled = [
            row
            for row in result.summary
            if row["learner"] == learner and row["resampled"] and row["verdict"]
        ]
        if resampled:
            best = max(resampled, key=lambda row: row["ap"])
            lines.append(
                f"  {reference['learner_label']}: {reference['ap']:.3f} without, {best['ap']:.3f} "
                f"with resampling ({_name(best)}; {_same(best, 'ap')})"
            )
    head = "Average precision of the other classifiers at their best:"
    return [head, *lines, ""] if lines else []
