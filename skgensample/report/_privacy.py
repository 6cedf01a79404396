"""Privacy: what some attacks find. It is not a guarantee that others find nothing."""

import numpy as np

from ..metrics._copies import copy_rates_of_tables
from ..metrics._memorisation import closest_share_of_tables, membership_of_tables
from ._given import sampled
from ._measure import Measure
from ._reconstruction import LEAST_COLUMNS, MOST_ROWS, matched, reconstruct, unrounded

#: Rows of each table for the searches.
SEARCHED_ROWS, CANDIDATES = 50_000, 10_000
MAX_FPR = 0.01
#: Held-out rows without which no attack is tried.
LEAST_HELD_OUT = 20

#: Label, direction and best value of each measure.
KNOWN = {
    "copies": ("Rows that are copies of training rows", "lower", "as held-out rows"),
    "closest": ("Rows closer to a training than to a held-out row", "lower", "0.5"),
    "membership": ("Membership attack (AUROC)", "lower", "0.5"),
    "membership_tpr": ("Members found at 1 % false alarms", "lower", "0.01"),
    "reconstructed": ("Training rows rebuilt from interpolated rows", "lower", "0"),
}


class Privacy:
    """Copies, closest records, membership inference and reconstruction.

    Parameters
    ----------
    tables : Tables
        The rows.
    rng : RandomState
        Source of the samples.
    step : callable
        Called with the name of each step.

    Attributes
    ----------
    measures : list of Measure
        The measures.
    notes : list of str
        What could not be tried, and why.
    """

    def __init__(self, tables, rng, step):
        self.tables, self.measures, self.notes = tables, [], []
        self.train, self.holdout, self.synthetic, self.independent = (
            sampled(Z, SEARCHED_ROWS, rng)
            for Z in (tables.real, tables.holdout, tables.synthetic, tables.independent)
        )
        step("copies")
        self._copies()
        if tables.is_split:
            self.notes.append(
                "No attack on membership was tried: it needs real rows that the generator was not "
                "trained on. Keep some back and give them, too (holdout)."
            )
        elif len(self.holdout) < LEAST_HELD_OUT:
            self.notes.append(
                f"No attack on membership was tried: {len(self.holdout)} held-out rows are too "
                f"few, {LEAST_HELD_OUT} or more are needed."
            )
        else:
            step("closest records and membership")
            self._attacks(rng)
        step("reconstruction")
        self._reconstruction(rng)

    def _add(self, key, values, low=np.nan, high=np.nan, sentence=""):
        self.measures.append(
            Measure(f"privacy.{key}", KNOWN[key][0], *map(float, values), *KNOWN[key][1:],
                    low, high, sentence)
        )  # fmt: skip

    def _copies(self):
        """Copies of whole rows, next to how often held-out rows repeat training rows."""
        tables, columns = (self.train, self.holdout), self.tables.columns
        found = copy_rates_of_tables((*tables, self.synthetic), columns)
        other = copy_rates_of_tables((*tables, self.independent), columns)
        more = found.rows - found.natural_rows
        if more > 0.01:
            text = f"{found.rows:.1%} of the rows are training rows, word for word."
        elif found.rows > 0:
            text = "Copies are no more frequent than among held-out real rows."
        else:
            text = "No row is a copy of a training row."
        self._add("copies", (found.rows, found.natural_rows, other.rows), sentence=text)

    def _attacks(self, rng):
        """Distance to the closest record, and membership inference from the same distances."""
        half = len(self.holdout) // 2
        # held-out rows stand for synthetic ones against the other half of them
        tables = {
            "synthetic": (self.train, self.holdout, self.synthetic),
            "holdout": (self.train, self.holdout[half:], self.holdout[:half]),
            "independent": (self.train, self.holdout, self.independent),
        }
        columns = self.tables.columns
        try:
            share = {
                name: closest_share_of_tables(part, columns, CANDIDATES, rng)
                for name, part in tables.items()
            }
            attack = {
                name: membership_of_tables(part, columns, MAX_FPR, CANDIDATES, rng)
                for name, part in tables.items()
            }
        except ValueError as error:
            self.notes.append(f"No attack on membership was tried. {error}")
            return
        nearer, deviation = share["synthetic"]
        low, high = nearer - 1.96 * deviation, nearer + 1.96 * deviation
        text = "Rows are as near to training rows as to held-out rows."
        if low > 0.5:
            text = f"Rows are drawn to the training rows: {nearer:.0%} are nearer to one."
        rates = [found for found, _ in share.values()]
        self._add("closest", rates, max(low, 0), min(high, 1), text)
        m = min(CANDIDATES, len(self.train), len(self.holdout))
        spread = 1.96 * np.sqrt((2 * m + 1) / (12.0 * m * m))
        area = [found.auroc for found in attack.values()]
        if area[0] > 0.6 and area[0] - spread > 0.5:
            text = "An attacker with these rows tells who was in the training data."
        elif area[0] - spread > 0.5:
            text = "An attacker with these rows guesses a little better than by chance."
        else:
            text = "This attacker only guesses."
        self._add("membership", area, max(area[0] - spread, 0), min(area[0] + spread, 1), text)
        rates = [found.tpr for found in attack.values()]
        text = f"Of the surest guesses, {rates[0]:.1%} of the training rows are right ones."
        self._add("membership_tpr", rates, sentence=text)

    def _reconstruction(self, rng):
        """Training rows in which lines through synthetic rows meet."""
        chosen = unrounded(self.synthetic, self.tables.columns)
        if len(chosen) < LEAST_COLUMNS:
            self.notes.append(
                "Reconstruction from lines (arXiv 2510.15083) was not tried: it needs three "
                "columns of numbers with many decimals."
            )
            return
        train = self.train[:, chosen]
        train = train[~np.isnan(train).any(axis=1)]
        low, width = train.min(axis=0), np.ptp(train, axis=0)
        width = np.where(width > 0, width, 1.0)
        found = []
        for Z in (self.synthetic, self.holdout, self.independent):
            rows = sampled(Z[:, chosen], MOST_ROWS, rng)
            rows = (rows[~np.isnan(rows).any(axis=1)] - low) / width
            lines, points = reconstruct(rows, rng)
            found.append((lines, len(points), *matched(points, (train - low) / width)))
        lines, n_points, hits, n_rows = found[0]
        if hits:
            text = (
                f"{n_rows:,} training rows were computed from the synthetic rows alone: {lines:,} "
                f"lines meet in {n_points:,} points, {hits / n_points:.0%} of them training rows."
            )
        else:
            text = f"No training row was found from {lines:,} lines through synthetic rows."
        values = [part[3] / max(len(train), 1) for part in found]
        self._add("reconstructed", values, sentence=text)
