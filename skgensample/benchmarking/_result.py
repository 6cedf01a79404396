"""What a benchmark leaves behind: records of folds and rows, curves, and their files."""

import csv
import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass, field
from importlib.util import find_spec
from pathlib import Path

import numpy as np

from skgensample.plotting import plot_benchmark

from .._typing import FilePath
from ._learners import LEARNERS
from ._ranking import interval
from ._strategies import find_strategy
from ._text_report import table_text
from ._verdict import headline, summary_text

__all__ = [
    "METRICS",
    "BenchmarkResult",
    "Cell",
    "base_score_effect",
    "names_of",
    "summarise",
]

#: Metrics with a paired difference, in the order of a cell's draws; `alert` is CP@100 or recall.
METRICS = ("ap", "auroc", "alert")
_AVERAGED = (*METRICS, "brier_ref", "score_ratio")
_COSTS = ("fit_s", "peak_mb")


@dataclass
class Cell:
    """One learner and strategy on one fold.

    Parameters
    ----------
    record : dict
        Names, sizes, metrics and costs; a `reason` where the cell could not be run.
    draws : ndarray of shape (3, n_draws) or None, default=None
        Bootstrap draws of `METRICS`, paired over the cells of the fold.
    curve : ndarray of shape (n_points,) or None, default=None
        Precision on a grid of recall.
    """

    record: dict
    draws: np.ndarray | None = None
    curve: np.ndarray | None = None


@dataclass
class BenchmarkResult:
    """Records of a benchmark, with a table as text, CSV and JSON.

    Parameters
    ----------
    folds : list of dict
        One record for each learner, strategy, ratio and fold.
    summary : list of dict
        One record for each learner, strategy and ratio, `resampled` or not: means over folds
        (`ap`, `auroc`, `alert`, `brier_ref`, `score_ratio`), medians of `fit_s` and `peak_mb`, and
        differences
        `d_ap`, `d_auroc`, `d_alert` to the learner's best row without resampling, all of these
        with the ends `_low` and `_high` of their 95 % intervals, and a `verdict` on average
        precision.
    curves : dict
        Mean precision at each value of `recall`, by (learner, strategy, ratio).
    recall : ndarray of shape (n_points,)
        Grid of the curves.
    info : dict
        Data description, versions, seed, date; the command where there was one, and how much is
        `incomplete` after an interruption.
    notes : list of str
        What was left out, filled in or warned about.

    See Also
    --------
    run_benchmark : Makes one.
    skgensample.plotting.plot_benchmark : Draws one.

    Examples
    --------
    >>> from sklearn.datasets import make_classification
    >>> from sklearn.model_selection import StratifiedKFold
    >>> from skgensample.benchmarking import run_benchmark
    >>> X, y = make_classification(n_samples=300, weights=[0.9], random_state=0)
    >>> result = run_benchmark(X, y, cv=StratifiedKFold(2), learners=["tree"],
    ...                        strategies=["none", "smote"], ratios=[1.0], progress=False)
    >>> [row["strategy"] for row in result.summary]
    ['none', 'smote']
    """

    folds: list
    summary: list
    curves: dict
    recall: np.ndarray
    info: dict = field(default_factory=dict)
    notes: list = field(default_factory=list)

    def to_text(self) -> str:
        """Return the table of all learners as plain text, 120 columns wide.

        Returns
        -------
        text : str
            Rows grouped by learner, notes and a reading aid.
        """
        return table_text(self)

    def to_summary(self) -> str:
        """Return the verdict, what to do, and the short table of the strongest learner.

        Returns
        -------
        text : str
            Lines of at most 100 characters.
        """
        return summary_text(self)

    def headline(self) -> str:
        """Return the verdict in one sentence, "" where nothing can be compared.

        Returns
        -------
        sentence : str
            Whether resampling helped.
        """
        return headline(self)

    def to_csv(self, path: FilePath, *, folds: bool = False) -> None:
        """Write one line for each row of the table.

        Parameters
        ----------
        path : str or path-like
            File to write.
        folds : bool, default=False
            Whether to write the records of the single folds instead.
        """
        records = self.folds if folds else self.summary
        columns = list(dict.fromkeys(name for record in records for name in record))
        with open(path, "w", newline="", encoding="utf-8") as file:
            writer = csv.DictWriter(file, columns, lineterminator="\n")
            writer.writeheader()
            writer.writerows(_finite(records))

    def to_json(self, path: FilePath) -> None:
        """Write everything: description, versions, notes, rows, folds and curves.

        Parameters
        ----------
        path : str or path-like
            File to write.
        """
        content = asdict(self)
        content["recall"] = self.recall.round(4).tolist()
        content["curves"] = [
            {"learner": key[0], "strategy": key[1], "ratio": key[2], "precision": curve.round(5)}
            for key, curve in self.curves.items()
        ]
        with open(path, "w", encoding="utf-8") as file:
            json.dump(_finite(content), file, indent=1)
            file.write("\n")

    def save(self, folder: FilePath) -> list[Path]:
        """Write text, CSV, JSON and the plot, where matplotlib is installed and a row ran.

        Parameters
        ----------
        folder : str or path-like
            Where; made where it does not exist.

        Returns
        -------
        paths : list of pathlib.Path
            Files written.
        """
        folder = Path(folder)
        folder.mkdir(parents=True, exist_ok=True)
        names = ("benchmark.txt", "benchmark.csv", "benchmark_folds.csv", "benchmark.json")
        text, rows, folds, everything = paths = [folder / name for name in names]
        text.write_text(f"{self.to_summary()}\n\n{self.to_text()}", encoding="utf-8")
        self.to_csv(rows)
        self.to_csv(folds, folds=True)
        self.to_json(everything)
        references = any(row["verdict"] == "reference" for row in self.summary)
        if references and find_spec("matplotlib") is not None:
            paths.append(folder / "benchmark.png")
            plot_benchmark(self, paths[-1])
        return paths


def names_of(cell):
    """Learner, strategy and ratio of a cell."""
    return tuple(cell.record[name] for name in ("learner", "strategy", "ratio"))


def base_score_effect(cells):
    """Whether XGBoost's base_score does what resampling seems to do, by paired intervals.

    Parameters
    ----------
    cells : list of Cell
        All folds of all rows.

    Returns
    -------
    effect : dict or None
        Interval of the difference of average precision that ``base_score=.5`` makes without a new
        row, and the best lower end of what a sampler adds to the default; None where the rows
        that it takes are not there.
    """
    rows = _by_row(cells)
    complete = {
        names: _mean_draws(found)[0]
        for names, found in rows.items()
        if all(cell.draws is not None for cell in found)
    }
    plain = complete.get(("xgboost", "none", None))
    half = complete.get(("xgboost-half", "none", None))
    lows = [
        interval(draws - plain)[0]
        for (learner, strategy, _), draws in complete.items()
        if plain is not None and learner == "xgboost" and find_strategy(strategy).resamples
    ]
    if half is None or not lows:
        return None
    low, high = interval(half - plain)
    return {"d_ap_low": low, "d_ap_high": high, "resampling_d_ap_low": max(lows)}


def _by_row(cells):
    """Cells of each learner, strategy and ratio."""
    rows = {}
    for cell in cells:
        rows.setdefault(names_of(cell), []).append(cell)
    return rows


def summarise(cells):
    """Rows and curves from cells.

    Parameters
    ----------
    cells : list of Cell
        All folds of all rows.

    Returns
    -------
    summary : list of dict
        Rows, grouped by learner.
    curves : dict
        Mean precision, by (learner, strategy, ratio).
    """
    rows = _by_row(cells)
    summary, curves = [], {}
    for learner in dict.fromkeys(names[0] for names in rows):
        ours = {names: found for names, found in rows.items() if names[0] == learner}
        records = {names: _row(names, found) for names, found in ours.items()}
        _compare(records, ours)
        summary += records.values()
        curves |= {
            names: np.mean([cell.curve for cell in found], axis=0)
            for names, found in ours.items()
            if records[names]["reason"] is None
        }
    return summary, curves


def _row(names, cells):
    """Means over folds; nothing but a reason where a fold could not be run."""
    learner, strategy, ratio = names
    records = [cell.record for cell in cells]
    reason = next((record["reason"] for record in records if record["reason"]), None)
    row = {
        "learner": learner,
        "learner_label": LEARNERS[learner].label,
        "strategy": strategy,
        "strategy_label": find_strategy(strategy).label,
        "ratio": ratio,
        "resampled": find_strategy(strategy).resamples,
        "n_folds": len(cells),
        "reason": reason,
    }
    for name in _AVERAGED + _COSTS:
        middle = np.median if name in _COSTS else np.mean
        values = [record.get(name, np.nan) for record in records]
        row[name] = float("nan") if reason else float(middle(values))
    for name in ("n_test", "n_test_minority"):
        row[name] = 0 if reason else sum(record.get(name, 0) for record in records)
    return row


def _compare(records, cells):
    """Add differences to the best row that adds nothing, paired over bootstrap draws."""
    plain = [
        names
        for names, record in records.items()
        if find_strategy(names[1]).sampler is None and record["reason"] is None
    ]
    reference = max(plain, key=lambda names: records[names]["ap"], default=None)
    for names, record in records.items():
        comparable = reference and record["reason"] is None and cells[names][0].draws is not None
        if not comparable:
            draws = np.full((len(METRICS), 1), np.nan)
        else:
            draws = _mean_draws(cells[names]) - _mean_draws(cells[reference])
        for metric, drawn in zip(METRICS, _own_draws(cells[names])):
            record[f"{metric}_low"], record[f"{metric}_high"] = interval(drawn)
        for metric, drawn in zip(METRICS, draws):
            change = record[metric] - records[reference][metric] if comparable else float("nan")
            record[f"d_{metric}"] = change
            record[f"d_{metric}_low"], record[f"d_{metric}_high"] = interval(drawn)
        record["verdict"] = "reference" if names == reference else _verdict(record, "ap")


def _own_draws(cells):
    """Draws of one row's metrics; NaN where a fold has none."""
    if any(cell.draws is None for cell in cells):
        return np.full((len(METRICS), 1), np.nan)
    return _mean_draws(cells)


def _mean_draws(cells):
    """Mean over folds of the bootstrap draws of one row."""
    return np.mean([cell.draws for cell in cells], axis=0)


def _verdict(record, metric):
    """In words, whether the interval of a difference leaves zero out."""
    low, high = record[f"d_{metric}_low"], record[f"d_{metric}_high"]
    if not np.isfinite(low):
        return ""
    if low <= 0 <= high:
        return "no difference"
    return "better" if low > 0 else "worse"


def _finite(content):
    """Plain Python values, with None for what is not a finite number."""
    if isinstance(content, dict):
        return {name: _finite(value) for name, value in content.items()}
    if isinstance(content, np.generic | np.ndarray):
        return _finite(content.tolist())
    if isinstance(content, float):
        return content if np.isfinite(content) else None
    if isinstance(content, Iterable) and not isinstance(content, str):
        return [_finite(value) for value in content]
    return content
