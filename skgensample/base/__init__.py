"""Base classes: `BaseOverSampler` with the only ``fit_resample``, and generators with `sample`."""

from ._callbacks import (
    CallbackSupport,
    CallbackTasks,
    begin_fit,
    has_callbacks,
    with_callbacks,
)
from ._conditional import ConditionedModel, RejectionSampling
from ._generator import BaseConditionalResampler, BaseGenerator
from ._over_sampler import BaseOverSampler, plain_label

__all__ = [
    "BaseConditionalResampler",
    "BaseGenerator",
    "BaseOverSampler",
    "CallbackSupport",
    "CallbackTasks",
    "ConditionedModel",
    "RejectionSampling",
    "begin_fit",
    "has_callbacks",
    "plain_label",
    "with_callbacks",
]
