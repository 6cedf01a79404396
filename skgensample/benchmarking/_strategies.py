"""What may be done about the minority class: nothing, tuning, weights, resampling."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache, partial
from importlib.util import find_spec
from inspect import signature

import imblearn.combine
import imblearn.over_sampling
import imblearn.under_sampling
from imblearn.under_sampling.base import BaseCleaningSampler

import skgensample

from ._names import unknown_name

__all__ = [
    "DEFAULT_STRATEGIES",
    "STRATEGIES",
    "Strategy",
    "canonical_sampler",
    "find_strategy",
    "sampler_names",
]

_IMBLEARN = (imblearn.over_sampling, imblearn.under_sampling, imblearn.combine)
#: Samplers of imbalanced-learn that take columns of text; the package's own all do.
_TAKE_TEXT = {"RandomOverSampler", "RandomUnderSampler", "SMOTEN", "SMOTENC"}
#: Columns of categories that a sampler cannot do without.
_NEEDS = dict.fromkeys(["SMOTENC", "NumbaSMOTENC"], "some") | dict.fromkeys(
    ["SMOTEN", "NumbaSMOTEN"], "all"
)


@dataclass(frozen=True)
class Strategy:
    """One way of treating the training window; the test window is never touched.

    Parameters
    ----------
    label : str
        Name in tables and plots.
    sampler : callable or None, default=None
        ``sampler(ratio, random_state, max_steps)`` returns an unfitted sampler.
    categorical : bool, default=False
        Whether the sampler takes text and categories itself; otherwise they are one-hot encoded
        before it.
    tuned : bool, default=False
        Whether the learner's grid is searched inside the training window.
    weighted : bool, default=False
        Whether rows are weighted so that both classes weigh the same.
    leaky : bool, default=False
        Whether rows are resampled before the split: the planted fault.
    requires : str or None, default=None
        Module without which the strategy is left out.
    needs : {"some", "all"} or None, default=None
        Whether some columns, or all, must hold categories; on other tables it is not applicable.
    has_ratio : bool, default=True
        Whether the sampler takes a ratio of the classes; those that remove noisy or redundant
        rows take none and run once.
    warm_up : int, default=20000
        Rows on which the sampler runs once before its time is taken.
    class_name : str or None, default=None
        Sampler class that is another name of this strategy.
    """

    label: str
    sampler: Callable | None = None
    categorical: bool = False
    tuned: bool = False
    weighted: bool = False
    leaky: bool = False
    requires: str | None = None
    needs: str | None = None
    has_ratio: bool = True
    warm_up: int = 20_000
    class_name: str | None = None

    @property
    def missing(self) -> str | None:
        """The module that the strategy needs and does not find, or None."""
        return self.requires if self.requires and find_spec(self.requires) is None else None

    @property
    def resamples(self) -> bool:
        """Whether the strategy adds rows to the training window."""
        return self.sampler is not None and not self.leaky


def _make(name, ratio, random_state, max_steps):
    """Sampler of that class name, with those of the arguments that its constructor has."""
    sampler_class = _sampler_class(name)
    given = {"random_state": random_state}
    if max_steps is not None:
        given["max_steps"] = max_steps
    if not issubclass(sampler_class, BaseCleaningSampler):
        given["sampling_strategy"] = ratio
    if name == "SMOTENC":  # which has no default; the cell names the table's columns
        given["categorical_features"] = "auto"
    known = signature(sampler_class).parameters
    return sampler_class(**{key: value for key, value in given.items() if key in known})


def _sampler_class(name):
    """Public sampler class of this package or of imbalanced-learn."""
    if name in dir(skgensample):
        return getattr(skgensample, name)
    return next(getattr(module, name) for module in _IMBLEARN if name in module.__all__)


def _sampler(label, class_name, **options):
    """Strategy of a sampler class."""
    return Strategy(label, partial(_make, class_name), class_name=class_name, **options)


#: Every strategy by the name that `run_benchmark` and the command line take.
STRATEGIES = {
    "none": Strategy("none"),
    "tuned": Strategy("none, tuned", tuned=True),
    "weights": Strategy("class weights", weighted=True),
    "smote": _sampler("SMOTE (imblearn)", "SMOTE"),
    "numba-smote": _sampler("NumbaSMOTE", "NumbaSMOTE"),
    "smotenc": _sampler("NumbaSMOTENC", "NumbaSMOTENC", categorical=True, needs="some"),
    "copula": _sampler("Gaussian copula", "GaussianCopulaResampler", categorical=True),
    "trees": _sampler("Sequential trees", "SequentialTreesResampler", categorical=True),
    "autoregressive": _sampler(
        "Autoregressive net", "AutoregressiveResampler", categorical=True, requires="torch"
    ),
    "gan": _sampler("GANOversampler", "GANOversampler", categorical=True, requires="torch"),
    "ctgan": _sampler("CTGANResampler", "CTGANResampler", categorical=True, requires="torch"),
    "tvae": _sampler("TVAEResampler", "TVAEResampler", categorical=True, requires="torch"),
    "leak": Strategy("SMOTE, LEAKED", partial(_make, "SMOTE"), leaky=True),
}

#: Strategies that run where none are named.
DEFAULT_STRATEGIES = (
    "none", "tuned", "weights", "smote", "numba-smote", "trees", "autoregressive"
)  # fmt: skip

_BY_CLASS = {one.class_name: name for name, one in STRATEGIES.items() if one.class_name}


def sampler_names():
    """Return the class names of all public samplers.

    Returns
    -------
    names : dict
        Lists of class names, by the name of their package.
    """
    own = [name for name in dir(skgensample) if _is_sampler(name)]
    theirs = [name for module in _IMBLEARN for name in module.__all__]
    return {"skgensample": sorted(own), "imbalanced-learn": sorted(theirs)}


def _is_sampler(name):
    """Whether a public name is a sampler's; those that need torch are not loaded for it."""
    needs_torch = name in skgensample._NEEDS_TORCH
    member = vars(skgensample).get(name)  # DaskResampler wraps a sampler and is none
    return needs_torch or "sampling_strategy" in getattr(member, "_parameter_constraints", ())


def canonical_sampler(name):
    """Return the strategy's name of a sampler; an unknown sampler is refused.

    Parameters
    ----------
    name : str
        Class name, or a name in `STRATEGIES` that has a sampler.

    Returns
    -------
    strategy : str
        Name for `find_strategy`.

    Raises
    ------
    ValueError
        If no such sampler is known.
    """
    registered = {key for key, one in STRATEGIES.items() if one.resamples}
    classes = {one for names in sampler_names().values() for one in names}
    if name in registered:
        return name
    if name not in classes:
        end = "choose a class name that `skgensample benchmark --list` names"
        raise ValueError(unknown_name("Unknown sampler", name, registered | classes, end))
    return _BY_CLASS.get(name, name)


def find_strategy(name):
    """Return the strategy of a name that `canonical_sampler` returned or that is registered.

    Parameters
    ----------
    name : str
        Name in `STRATEGIES`, or the class name of a sampler.

    Returns
    -------
    strategy : Strategy
        How the training window is treated.
    """
    return STRATEGIES[name] if name in STRATEGIES else _of_class(name)


@cache
def _of_class(name):
    """Strategy of a sampler that is not registered."""
    own = name in dir(skgensample)
    requires = "torch" if own and name not in vars(skgensample) else None
    cleans = not own and issubclass(_sampler_class(name), BaseCleaningSampler)
    return _sampler(
        name,
        name,
        categorical=own or name in _TAKE_TEXT,
        requires=requires,
        needs=_NEEDS.get(name),
        has_ratio=not cleans,
        # imbalanced-learn's have nothing to compile; SVMs and clusterings take long on many rows.
        warm_up=2_000 if own else 0,
    )
