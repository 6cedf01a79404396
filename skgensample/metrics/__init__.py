"""Metrics for fraud detection and for synthetic tables."""

from ._copies import cell_copy_rate, copy_rates
from ._coverage import alpha_precision_score, beta_recall_score, exact_copy_rate
from ._fidelity import c2st_auroc, column_density_error, pair_error
from ._fraud import card_precision_score
from ._memorisation import closest_record_share, membership_inference_score
from ._utility import tstr_score

__all__ = [
    "alpha_precision_score",
    "beta_recall_score",
    "c2st_auroc",
    "card_precision_score",
    "cell_copy_rate",
    "closest_record_share",
    "column_density_error",
    "copy_rates",
    "exact_copy_rate",
    "membership_inference_score",
    "pair_error",
    "tstr_score",
]
