"""Samplers of images: augmentation, lesions set into images, and networks.

`AugmentationOversampler` and `LesionCompositor` need NumPy and SciPy only; `DeepSMOTE` and
`ImageGANOversampler`, and with them PyTorch, are imported when one of their names is first used.
"""

from importlib import import_module as _import_module

from ..exceptions import MissingExtraError as _MissingExtraError
from ..generators import has_torch as has_torch
from ._augmentation import AugmentationOversampler
from ._compositor import LesionCompositor

#: Where the samplers that need torch live.
_HOMES = {"DeepSMOTE": "_deep_smote", "ImageGANOversampler": "_image_gan"}

__all__ = ["AugmentationOversampler", "LesionCompositor"]
if has_torch():
    __all__ += ["DeepSMOTE", "ImageGANOversampler"]


def __getattr__(name):
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    try:
        return getattr(_import_module(f".{_HOMES[name]}", __name__), name)
    except ModuleNotFoundError as error:
        if error.name is None or error.name.split(".")[0] != "torch":
            raise
        raise _MissingExtraError(
            f"{name} needs PyTorch: install it with `pip install 'skgensample[torch]'`."
        ) from None


def __dir__():
    return sorted({*__all__, *_HOMES})
