"""Samplers of images: augmentation, lesions set into images; networks load when first used."""

from importlib import import_module as _import_module
from importlib.util import find_spec as _find_spec

from ..exceptions import MissingExtraError as _MissingExtraError
from ._augmentation import AugmentationOversampler
from ._compositor import LesionCompositor

#: Where the samplers that need torch live.
_HOMES = {}

__all__ = ["AugmentationOversampler", "LesionCompositor"]
