"""Generators of whole tables: a Gaussian copula, trees, and networks that load when first used."""

from importlib import import_module
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any

from ._gaussian_copula import GaussianCopulaResampler
from ._sequential_trees import SequentialTreesResampler

if TYPE_CHECKING:  # type checkers see what `__getattr__` loads
    from ._autoregressive import AutoregressiveResampler
    from ._copula_gan import CopulaGANResampler
    from ._ctgan import CTGANResampler
    from ._gan import GANOversampler
    from ._tvae import TVAEResampler
    from ._wgan import WGANOversampler

#: Where the samplers that need torch live.
_HOMES = {
    "AutoregressiveResampler": "_autoregressive",
    "CTGANResampler": "_ctgan",
    "CopulaGANResampler": "_copula_gan",
    "GANOversampler": "_gan",
    "TVAEResampler": "_tvae",
    "WGANOversampler": "_wgan",
}

__all__ = ["GaussianCopulaResampler", "SequentialTreesResampler"]

#: Names of all generators, those that need torch last.
NAMES = (*__all__, *_HOMES)


def has_torch():
    """Whether torch is installed; it is not loaded."""
    try:
        return find_spec("torch") is not None
    except (ImportError, ValueError):  # a finder that refuses; a stub among the modules
        return False


if has_torch():
    __all__ += [
        "AutoregressiveResampler",
        "CTGANResampler",
        "CopulaGANResampler",
        "GANOversampler",
        "TVAEResampler",
        "WGANOversampler",
    ]


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f".{_HOMES[name]}", __name__), name)
