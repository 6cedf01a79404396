"""Learned generators (torch); loaded when one of the names is first used."""

from ._ctgan import CTGANResampler
from ._gan import GANOversampler

__all__ = ["CTGANResampler", "GANOversampler"]
