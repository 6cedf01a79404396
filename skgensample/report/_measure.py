"""One measure of a synthetic table, with what the reference rows reach."""

import math
from dataclasses import asdict, dataclass


@dataclass(frozen=True)
class Measure:
    """A value next to its references.

    Parameters
    ----------
    key : str
        Name in `QualityReport.to_dict`, ``"fidelity.c2st"``.
    label : str
        What a reader is shown.
    value : float
        Of the synthetic rows; NaN where it could not be measured.
    holdout, independent : float
        Of held-out real rows and of rows whose columns are independent; NaN where unknown.
    better : {"lower", "higher"}
        Direction.
    ideal : str
        The best value, in words.
    low, high : float
        95 % interval; NaN without one.
    sentence : str
        Judgement.
    """

    key: str
    label: str
    value: float
    holdout: float
    independent: float
    better: str
    ideal: str
    low: float = math.nan
    high: float = math.nan
    sentence: str = ""

    def to_dict(self):
        """The measure for JSON, which has no NaN."""
        return {name: clean(value) for name, value in asdict(self).items() if name != "key"}

    def fails(self, limit):
        """Whether the value is on the wrong side of a limit, or missing."""
        if math.isnan(self.value):
            return True
        return self.value > limit if self.better == "lower" else self.value < limit


def clean(value):
    """None in place of NaN."""
    return None if isinstance(value, float) and not math.isfinite(value) else value


def position(measure):
    """Place between the references: 1 as good as held-out real rows, 0 as independent columns.

    NaN where the references are too near each other to tell.
    """
    gap = abs(measure.independent - measure.holdout)
    if not gap > 0.02:
        return math.nan
    lost = measure.value - measure.holdout
    lost = lost if measure.better == "lower" else -lost
    return 1 - lost / gap
