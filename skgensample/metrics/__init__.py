"""Metrics of fraud detection and of synthetic tables."""

from ._fidelity import column_density_error
from ._fraud import card_precision_score

__all__ = ["card_precision_score", "column_density_error"]
