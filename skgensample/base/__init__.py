"""Base classes: `BaseOverSampler` with the only ``fit_resample``, and generators with `sample`."""

from ._conditional import ConditionedModel, RejectionSampling
from ._generator import BaseConditionalResampler, BaseGenerator
from ._over_sampler import BaseOverSampler
from ._valid_rows import plain_label

__all__ = [
    "BaseConditionalResampler",
    "BaseGenerator",
    "BaseOverSampler",
    "ConditionedModel",
    "RejectionSampling",
    "plain_label",
]
