"""Learned generators (torch); loaded when one of the names is first used."""

from ._copula_gan import CopulaGANResampler
from ._ctgan import CTGANResampler
from ._gan import GANOversampler
from ._wgan import WGANOversampler

__all__ = ["CTGANResampler", "CopulaGANResampler", "GANOversampler", "WGANOversampler"]
