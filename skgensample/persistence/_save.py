"""A fitted generator as a file."""

import json
import platform
import sys
import warnings
from importlib.metadata import PackageNotFoundError, version

import numpy as np
from sklearn.utils.validation import check_is_fitted

from ..exceptions import ResamplingWarning
from ._archive import packed, write_file
from ._arrow_kinds import ARROW_KINDS
from ._graph import Writer
from ._objects import OBJECT_KINDS
from ._pandas_kinds import PANDAS_KINDS
from ._plain import PLAIN_KINDS
from ._polars_kinds import POLARS_KINDS
from ._registry import SAMPLERS, is_registered
from ._tensors import tensors_to_bytes

KINDS = [*PLAIN_KINDS, *OBJECT_KINDS, *PANDAS_KINDS, *POLARS_KINDS, *ARROW_KINDS]

#: Parameters that belong to one program: they are at their default after loading.
OF_ONE_PROGRAM = ("callbacks", "memory")

#: Packages whose versions a file names, if they are loaded.
PACKAGES = ("numpy", "scipy", "scikit-learn", "imbalanced-learn", "torch", "pandas", "polars")
MODULES = {"scikit-learn": "sklearn", "imbalanced-learn": "imblearn"}


def save_model(sampler, file):
    """Save a fitted generator; see `BaseGenerator.save`.

    Parameters
    ----------
    sampler : BaseGenerator
        The generator.
    file : str, path-like or file object
        Where to.
    """
    check_is_fitted(sampler, "model_")
    if not is_registered(sampler, SAMPLERS):
        raise TypeError(
            f"{type(sampler).__qualname__} cannot be saved: only the generators of tables of this "
            f"package can ({', '.join(sorted(SAMPLERS))}). Keep others with pickle or joblib, and "
            "load such files only from sources that you trust."
        )
    parameters = _parameters(sampler)
    fitted = {name: one for name, one in vars(sampler).items() if name not in parameters}
    writer = Writer(KINDS)
    model = {
        "parameters": {name: writer.value(one) for name, one in parameters.items()},
        "fitted": {name: writer.value(one) for name, one in fitted.items()},
    }
    manifest = {
        "class": type(sampler).__name__,
        "library": _versions(),
        "parameters": {name: _shown(one) for name, one in parameters.items()},
        "columns": [_described(column) for column in sampler.codec_.columns],
    }
    write_file(
        file, packed(manifest, {**model, "nodes": writer.nodes}, tensors_to_bytes(writer.arrays))
    )


def _parameters(sampler):
    """Constructor parameters as they are saved; a warning names those that are not."""
    found = sampler.get_params(deep=False)
    lost = [name for name in OF_ONE_PROGRAM if found.get(name) is not None]
    found.update(dict.fromkeys(lost))
    if callable(found["sampling_strategy"]):
        found["sampling_strategy"] = "auto"
        lost.append("sampling_strategy")
    if lost:
        warnings.warn(
            f"{', '.join(lost)} cannot be kept in a file: after loading, set again what you need "
            "with set_params. What was fitted is complete.",
            ResamplingWarning,
            stacklevel=4,
        )
    return found


def _versions():
    """Versions of this package, of Python and of the packages that are loaded."""
    own = sys.modules["skgensample"].__version__
    found = {"skgensample": own, "python": platform.python_version()}
    for name in PACKAGES:
        if MODULES.get(name, name) in sys.modules:
            try:
                found[name] = version(name)
            except PackageNotFoundError:
                found[name] = "unknown"
    return found


def _shown(value):
    """A parameter for a reader of the manifest: itself if JSON has it, else its type."""
    try:
        return json.loads(json.dumps(value, allow_nan=False))
    except (TypeError, ValueError):
        return type(value).__name__


def _described(column):
    """A column for a reader of the manifest: its name and kind, none of its values."""
    name = column.name.item() if isinstance(column.name, np.generic) else column.name
    name = name if isinstance(name, str | int) else str(name)
    return {"name": name, "kind": column.kind, "missing": bool(column.missing)}
