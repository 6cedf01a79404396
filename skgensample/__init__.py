"""Synthetic rows for scarce classes, next to scikit-learn and imbalanced-learn.

The neighbours wing (numba) and the Gaussian copula load with the package; the torch wing loads
when one of its names is first used.
"""

from importlib import import_module as _import_module

from .exceptions import MissingExtraError, ResamplingWarning, SmallClassWarning
from .generators import GaussianCopulaResampler
from .generators import has_torch as _has_torch
from .neighbors import (
    NumbaADASYN,
    NumbaBorderlineSMOTE,
    NumbaKMeansSMOTE,
    NumbaNearestNeighbors,
    NumbaRandomOverSampler,
    NumbaSMOTE,
    NumbaSMOTEN,
    NumbaSMOTENC,
    NumbaSVMSMOTE,
    SafeLevelSMOTE,
)

__version__ = "0.1.0"

_TORCH_WING = (
    "CTGANResampler",
    "CopulaGANResampler",
    "GANOversampler",
    "TVAEResampler",
    "WGANOversampler",
)

__all__ = [
    "GaussianCopulaResampler",
    "MissingExtraError",
    "NumbaADASYN",
    "NumbaBorderlineSMOTE",
    "NumbaKMeansSMOTE",
    "NumbaNearestNeighbors",
    "NumbaRandomOverSampler",
    "NumbaSMOTE",
    "NumbaSMOTEN",
    "NumbaSMOTENC",
    "NumbaSVMSMOTE",
    "ResamplingWarning",
    "SafeLevelSMOTE",
    "SmallClassWarning",
    "__version__",
]
if _has_torch():  # `from skgensample import *` takes what can be had
    __all__ += [
        "CTGANResampler",
        "CopulaGANResampler",
        "GANOversampler",
        "TVAEResampler",
        "WGANOversampler",
    ]


def __getattr__(name):
    if name not in _TORCH_WING:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    try:
        return getattr(_import_module(".generators", __name__), name)
    except ModuleNotFoundError as error:
        if error.name is None or error.name.split(".")[0] != "torch":
            raise
        raise MissingExtraError(
            f"{name} needs PyTorch: install it with `pip install 'skgensample[torch]'`."
        ) from None


def __dir__():
    return sorted({*__all__, *_TORCH_WING})
