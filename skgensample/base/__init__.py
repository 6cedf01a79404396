"""The only ``fit_resample`` body, and the bases of samplers and of generators."""

from ._generator import BaseConditionalResampler, BaseGenerator
from ._over_sampler import BaseOverSampler, plain_label

__all__ = ["BaseConditionalResampler", "BaseGenerator", "BaseOverSampler", "plain_label"]
