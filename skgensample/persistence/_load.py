"""A file as a fitted generator."""

from typing import Any

from ..exceptions import MissingExtraError, ModelFileError
from ._archive import parse, read_file, unpack
from ._graph import Reader, attributes
from ._registry import ADDED, SAMPLERS, class_named
from ._save import KINDS
from ._tensors import tensors_from_bytes


def load(file: Any) -> Any:
    """Load a generator saved with its method `save`.

    Parameters
    ----------
    file : str, path-like or file object
        A path, or a file opened in binary mode.

    Returns
    -------
    sampler : BaseGenerator
        The fitted generator: `sample` returns what it returned before saving, for the same
        `random_state`, and `fit` and `fit_resample` learn anew with the same parameters.

    Raises
    ------
    ModelFileError
        If the file is no model file, was written by a newer version, or is incomplete or altered.
    MissingExtraError
        If the model needs PyTorch, pandas or polars, and it is not installed.
    OSError
        If the file cannot be read.

    See Also
    --------
    SequentialTreesResampler : One of the generators.

    Notes
    -----
    A file is a zip of JSON and of numbers in the safetensors format. Loading runs nothing that is
    in the file and imports nothing that it names: it can only name classes of this package, from
    a fixed list. The digests in a file show that it was not changed by accident; they are no
    signature, so that a file from a stranger may hold a model of anything.

    Networks are loaded on the CPU, wherever they were trained.

    Examples
    --------
    >>> from sklearn.datasets import make_classification
    >>> import skgensample
    >>> X, y = make_classification(n_samples=300, weights=[0.9], random_state=0)
    >>> model = skgensample.GaussianCopulaResampler(random_state=0).fit(X, y)
    >>> model.save("model.skg")
    >>> kept = skgensample.load("model.skg")
    >>> bool((kept.sample(5, y=1)[0] == model.sample(5, y=1)[0]).all())
    True
    """
    data = read_file(file)
    try:
        return _sampler(*unpack(data))
    except (ModelFileError, MissingExtraError):
        raise
    except Exception as error:  # whatever a wrong file leads to is a wrong file
        raise ModelFileError(
            f"The model file is damaged or was altered ({type(error).__name__} in reading it). "
            "Copy the file again, or save the model again."
        ) from None


def _sampler(manifest, model, arrays):
    """The generator that the parts of a file describe."""
    kind = class_named(manifest["class"], SAMPLERS)
    reader = Reader(KINDS, model["nodes"], tensors_from_bytes(arrays, parse))
    given = {name: reader.value(value) for name, value in model["parameters"].items()}
    known = kind._get_param_names()
    unknown = sorted(set(given) - set(known))
    if unknown:
        raise ModelFileError(
            f"The model file has the parameters {', '.join(unknown)[:200]}, which this version of "
            f"{manifest['class']} has not: update skgensample to load it."
        )
    made = kind(**given)
    vars(made).update(ADDED.get(manifest["class"], {}))
    for name, value in attributes(model["fitted"]).items():
        if name in known:
            raise ModelFileError("The model file has a parameter among what was fitted.")
        vars(made)[name] = reader.value(value)
    return made
