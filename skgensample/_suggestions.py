"""Names that are not known, and the known one that was probably meant."""

from collections.abc import Callable
from difflib import get_close_matches
from functools import wraps
from inspect import Parameter, signature
from types import FunctionType
from typing import Any, Self, TypeVar, cast

from sklearn.utils._param_validation import (
    InvalidParameterError,
    StrOptions,
    validate_parameter_constraints,
)

__all__ = [
    "SuggestingParameters",
    "check_parameters",
    "closest",
    "did_you_mean",
    "plain",
    "suggesting",
    "suggesting_keywords",
]

Constructor = TypeVar("Constructor")


def closest(name, known):
    """Return the known name that is spelt most like another, or None.

    Parameters
    ----------
    name : object
        What was asked for. Something that is not text has to be spelt the same, as 1 and "1" are.
    known : iterable of object
        What there is.

    Returns
    -------
    closest : object or None
        An item of `known`; upper and lower case count as the same letter.
    """
    by_folded = {str(one).casefold(): one for one in known}
    folded = str(name).casefold()
    found = get_close_matches(folded, by_folded, n=1) if isinstance(name, str) else [folded]
    return by_folded.get(found[0]) if found else None


def did_you_mean(name, known, otherwise="."):
    """Return the end of an error about an unknown name.

    Parameters
    ----------
    name : object
        What was asked for.
    known : iterable of object
        What there is.
    otherwise : str, default="."
        The end if nothing is spelt alike.

    Returns
    -------
    end : str
        ``": did you mean 'name'?"``, or `otherwise`.
    """
    near = closest(name, known)
    return otherwise if near is None else f": did you mean {plain(near)!r}?"


def plain(value):
    """Return a NumPy scalar as a Python object, so that messages show it as it is typed."""
    return value.item() if hasattr(value, "dtype") and hasattr(value, "item") else value


def check_parameters(constraints, params, caller_name):
    """Check parameters as scikit-learn does; an error suggests the nearest of several words.

    Parameters
    ----------
    constraints : dict
        scikit-learn's constraints of each parameter.
    params : dict
        Values of the parameters.
    caller_name : str
        Class or function, for the error.

    Raises
    ------
    InvalidParameterError
        If a parameter has a type or value that its constraints do not admit.
    """
    try:
        validate_parameter_constraints(constraints, params, caller_name=caller_name)
    except InvalidParameterError as error:
        for name, value in params.items():
            words = _words(constraints.get(name, ()))
            near = closest(value, words) if isinstance(value, str) else None
            if near is not None and near != value and f"The {name!r} parameter" in str(error):
                raise InvalidParameterError(f"{error} Did you mean {near!r}?") from None
        raise


def _words(constraints):
    """All words that the constraints of one parameter admit."""
    if not isinstance(constraints, list | tuple):
        return set()
    options = [one.options for one in constraints if isinstance(one, StrOptions)]
    return set().union(*options)


class SuggestingParameters:
    """Mixin of estimators: `set_params` suggests the nearest name for one that is not known."""

    def set_params(self, **params: Any) -> Self:
        """Set parameters of this estimator, and of estimators among them.

        Parameters
        ----------
        **params : dict
            Values by name; ``name__parameter`` is a parameter of the estimator `name`.

        Returns
        -------
        self : object
            The estimator.

        Raises
        ------
        ValueError
            If a name is not known; the message suggests the nearest one.
        """
        estimator: Any = self
        inherited: Any = super()
        try:
            return inherited.set_params(**params)
        except ValueError as error:
            known = estimator.get_params(deep=False)
            unknown = [name for name in params if name.partition("__")[0] not in known]
            near = closest(unknown[0].partition("__")[0], known) if unknown else None
            if near is None:
                raise
            raise ValueError(f"{error} Did you mean {near!r}?") from None


def suggesting(init: Constructor) -> Constructor:
    """Make errors about unknown parameters of a constructor suggest the nearest name.

    Parameters
    ----------
    init : function
        The constructor.

    Returns
    -------
    wrapped : function
        With the same signature; `init` is its attribute `written`.
    """
    if not isinstance(init, FunctionType):
        return init
    written: Any = init

    def __init__(self, *args, **kwargs):
        try:
            written(self, *args, **kwargs)
        except TypeError:
            error = _unknown_keyword(written, kwargs)
            if error is None:
                raise
            raise error from None

    wrapped: Any = wraps(written)(__init__)
    wrapped.written = written
    return wrapped


def suggesting_keywords(**meant: str) -> Callable[[Constructor], Constructor]:
    """Make errors about unknown keywords of a function suggest the nearest name.

    Parameters
    ----------
    **meant : str
        Keyword that other packages have -> the one that is meant.

    Returns
    -------
    decorator : function
    """

    def decorate(function: Constructor) -> Constructor:
        written: Any = function

        @wraps(written)
        def wrapped(*args, **kwargs):
            error = _unknown_keyword(written, kwargs, meant)
            if error is not None:
                raise error
            return written(*args, **kwargs)

        return cast(Any, wrapped)

    return decorate


def _unknown_keyword(function, keywords, meant=None):
    """The error about the first keyword that a function does not take, or None."""
    known = signature(function).parameters
    if any(one.kind is Parameter.VAR_KEYWORD for one in known.values()):
        return None
    unknown = [name for name in keywords if name not in known]
    if not unknown:
        return None
    if unknown[0] in (meant or {}):
        end = f": did you mean {meant[unknown[0]]!r}?"
    else:
        end = did_you_mean(unknown[0], [name for name in known if name != "self"], otherwise="")
    return TypeError(
        f"{function.__qualname__}() got an unexpected keyword argument {unknown[0]!r}{end}"
    )
