"""Synthetic rows for minority classes, compatible with scikit-learn and imbalanced-learn.

The SMOTE family (numba), the Gaussian copula and sequential trees are imported with the package;
the neural generators, and with them PyTorch, are imported when one of their names is first used.
"""

from importlib import import_module as _import_module
from typing import TYPE_CHECKING as _TYPE_CHECKING
from typing import Any as _Any

from ._suggestions import did_you_mean as _did_you_mean
from ._synthesize import synthesize
from .distributed import DaskResampler, resample_dataset
from .exceptions import (
    MemoryLimitError,
    MissingExtraError,
    ModelFileError,
    ResamplingWarning,
    SmallClassWarning,
)
from .generators import GaussianCopulaResampler, SequentialTreesResampler
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
from .persistence import load
from .table import FakeColumns, TableSchema, table_schema

if _TYPE_CHECKING:  # type checkers see what `__getattr__` loads
    from .generators import (
        AutoregressiveResampler,
        CopulaGANResampler,
        CTGANResampler,
        GANOversampler,
        TVAEResampler,
        WGANOversampler,
    )
    from .report import QualityReport

__version__ = "0.1.0"

_NEEDS_TORCH = (
    "AutoregressiveResampler",
    "CTGANResampler",
    "CopulaGANResampler",
    "GANOversampler",
    "TVAEResampler",
    "WGANOversampler",
)

#: What is imported when it is first used, as it needs more than samplers do.
_LATE = {"QualityReport": ".report"}

__all__ = [
    "DaskResampler",
    "FakeColumns",
    "GaussianCopulaResampler",
    "MemoryLimitError",
    "MissingExtraError",
    "ModelFileError",
    "NumbaADASYN",
    "NumbaBorderlineSMOTE",
    "NumbaKMeansSMOTE",
    "NumbaNearestNeighbors",
    "NumbaRandomOverSampler",
    "NumbaSMOTE",
    "NumbaSMOTEN",
    "NumbaSMOTENC",
    "NumbaSVMSMOTE",
    "QualityReport",
    "ResamplingWarning",
    "SafeLevelSMOTE",
    "SequentialTreesResampler",
    "SmallClassWarning",
    "TableSchema",
    "__version__",
    "load",
    "resample_dataset",
    "synthesize",
    "table_schema",
]
if _has_torch():  # `from skgensample import *` must not fail without torch
    __all__ += [
        "AutoregressiveResampler",
        "CTGANResampler",
        "CopulaGANResampler",
        "GANOversampler",
        "TVAEResampler",
        "WGANOversampler",
    ]


def __getattr__(name: str) -> _Any:
    if name in _LATE:
        return getattr(_import_module(_LATE[name], __name__), name)
    if name not in _NEEDS_TORCH:
        end = _did_you_mean(name, __dir__(), otherwise="")
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}{end}")
    try:
        return getattr(_import_module(".generators", __name__), name)
    except ModuleNotFoundError as error:
        if error.name is None or error.name.split(".")[0] != "torch":
            raise
        raise MissingExtraError(
            f"{name} needs PyTorch: install it with `pip install 'skgensample[torch]'`."
        ) from None


def __dir__() -> list[str]:
    return sorted({*__all__, *_NEEDS_TORCH, *_LATE})
