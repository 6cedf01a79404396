"""Result of a comparison on images: a table with intervals, files, a picture grid and a plot."""

import csv
import json
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
from scipy.stats import t as student

from .._typing import FilePath
from ..plotting import image_grid, plot_image_benchmark
from ._image_strategies import IMAGE_LEARNERS, IMAGE_STRATEGIES

__all__ = ["ImageBenchmarkResult"]

SCORES = {"auroc": "AUROC", "balanced_accuracy": "bal. acc.", "recall_95": "recall@95%spec"}
QUALITY = {
    "c2st": "C2ST",
    "c2st_reference": "(real)",
    "c2st_lesion": "C2ST lesion",
    "c2st_lesion_reference": "(real)",
    "closest_share": "nearest train",
    "seconds": "seconds",
}


@dataclass(frozen=True)
class ImageBenchmarkResult:
    """Scores of strategies on images.

    Parameters
    ----------
    cells : list of dict
        One for each seed, strategy and learner: "auroc", "balanced_accuracy", "recall_95" (recall
        at 95 % specificity) and "seconds"; for the learner "quality": "c2st" and "c2st_lesion"
        (AUROC of telling made from real images, 0.5 is best), the same of real training against
        real test images ("..._reference"), and "closest_share" (0.5 where made images are as near
        to test as to training images).
    grid : dict of str to ndarray
        Some images of each strategy, and "real" ones.
    """

    cells: list
    grid: dict

    def summary(self, reference: str = "none") -> list[dict[str, Any]]:
        """Means over seeds, and paired differences to a strategy, with 95 % intervals.

        Parameters
        ----------
        reference : str, default="none"
            Strategy that others are compared with, seed by seed.

        Returns
        -------
        rows : list of dict
            For each learner and strategy: ``<score>``, ``<score>_half`` (half the width of the
            interval of the mean), ``<score>_difference`` and ``<score>_difference_half``.
        """
        rows = []
        for learner in IMAGE_LEARNERS:
            for strategy in IMAGE_STRATEGIES:
                own, base = self._scores(learner, strategy), self._scores(learner, reference)
                if not own:
                    continue
                row = {"learner": learner, "strategy": strategy, "n_seeds": len(own)}
                for score in SCORES:
                    values = [cell[score] for cell in own.values()]
                    row[score], row[f"{score}_half"] = _mean_and_half(values)
                    pairs = [own[s][score] - base[s][score] for s in own if s in base]
                    mean, half = _mean_and_half(pairs)
                    row[f"{score}_difference"], row[f"{score}_difference_half"] = mean, half
                rows.append(row)
        return rows

    def _scores(self, learner, strategy):
        """Cells of a learner and strategy by seed."""
        return {
            cell["seed"]: cell
            for cell in self.cells
            if (cell["learner"], cell["strategy"]) == (learner, strategy)
        }

    def to_text(self, reference: str = "none") -> str:
        """The table as text.

        Parameters
        ----------
        reference : str, default="none"
            Strategy that others are compared with.

        Returns
        -------
        text : str
            Means with half the width of their 95 % interval (t distribution over seeds); a star
            marks a difference to the reference whose interval is above 0, a minus one below 0.
        """
        lines, table = [], self.summary(reference)
        for learner, title in IMAGE_LEARNERS.items():
            rows = [row for row in table if row["learner"] == learner]
            if rows:
                head = "".join(f"{name:>20}" for name in SCORES.values())
                lines += [f"{title} ({rows[0]['n_seeds']} seeds)", f"{'':34}{head}"]
                lines += [_score_line(row, rows[0]["n_seeds"]) for row in rows] + [""]
        lines += self._quality_lines()
        lines.append(
            "+/-: half the 95 % interval of the mean over seeds. * (-): better (worse) than "
            f"{IMAGE_STRATEGIES[reference]},\nthe interval of the paired difference excludes 0."
        )
        return "\n".join(lines) + "\n"

    def _quality_lines(self):
        """Lines that compare made images with real ones."""
        found = {s: self._scores("quality", s).values() for s in IMAGE_STRATEGIES}
        found = {strategy: cells for strategy, cells in found.items() if cells}
        if not found:
            return []
        lines = ["Made images against real ones (0.5 is best)"]
        lines.append(f"{'':34}" + "".join(f"{name:>14}" for name in QUALITY.values()))
        for strategy, cells in found.items():
            means = [np.mean([cell[k] for cell in cells if k in cell] or [np.nan]) for k in QUALITY]
            texts = ["" if np.isnan(mean) else f"{mean:.3f}" for mean in means]
            lines.append(f"{IMAGE_STRATEGIES[strategy]:34}" + "".join(f"{t:>14}" for t in texts))
        return [*lines, ""]

    def save(self, folder: FilePath) -> list[Path]:
        """Write table, cells, summary, picture grid and plot.

        Parameters
        ----------
        folder : str or path-like
            Folder, made if it is not there.

        Returns
        -------
        paths : list of Path
            Files written; no pictures without matplotlib.
        """
        folder = Path(folder)
        folder.mkdir(parents=True, exist_ok=True)
        paths = [folder / name for name in ("table.txt", "cells.json", "summary.csv")]
        paths[0].write_text(self.to_text(), encoding="utf-8")
        paths[1].write_text(json.dumps(self.cells, indent=1), encoding="utf-8")
        rows = self.summary()
        with paths[2].open("w", newline="", encoding="utf-8") as file:
            writer = csv.DictWriter(file, list(rows[0]))
            writer.writeheader()
            writer.writerows(rows)
        if find_spec("matplotlib") is not None:
            paths += [folder / "grid.png", folder / "plot.png"]
            made = {IMAGE_STRATEGIES[s]: x for s, x in self.grid.items() if s != "real"}
            image_grid(self.grid["real"], made, path=paths[-2])
            plot_image_benchmark(self, path=paths[-1])
        return paths


def _mean_and_half(values):
    """Mean of some numbers and half the width of its 95 % interval."""
    if not values:
        return float("nan"), float("nan")
    mean, n = float(np.mean(values)), len(values)
    if n == 1:
        return mean, float("nan")
    return mean, float(student.ppf(0.975, n - 1) * np.std(values, ddof=1) / np.sqrt(n))


def _score_line(row, n_seeds):
    """One line of the table; it says so where the row has other seeds than the first."""
    texts = []
    for score in SCORES:
        difference, half = row[f"{score}_difference"], row[f"{score}_difference_half"]
        mark = "*" if difference - half > 0 else "-" if difference + half < 0 else " "
        spread = row[f"{score}_half"]
        mean = f"{row[score]:.3f}" if np.isnan(spread) else f"{row[score]:.3f} +/- {spread:.3f}"
        texts.append(f"{mean} {mark}")
    other = "" if row["n_seeds"] == n_seeds else f"  ({row['n_seeds']} seeds)"
    name = IMAGE_STRATEGIES[row["strategy"]]
    return f"{name:34}" + "".join(f"{text:>20}" for text in texts) + other
