"""Which rows of a table each sampler reads."""

from dataclasses import dataclass
from numbers import Integral

import numpy as np
from sklearn.utils._param_validation import validate_parameter_constraints

from ..base import BaseGenerator, BaseOverSampler
from ..constraints._rules import checked_rules
from ..neighbors import (
    NumbaADASYN,
    NumbaBorderlineSMOTE,
    NumbaKMeansSMOTE,
    NumbaRandomOverSampler,
    NumbaSMOTE,
    NumbaSMOTEN,
    NumbaSMOTENC,
    NumbaSVMSMOTE,
    SafeLevelSMOTE,
)
from ..table import TableSchema

#: Options that look at all rows of a table, or change rows after they are made, with the value
#: under which they do nothing.
WHOLE_TABLE_OPTIONS = {"scale": None, "personal": "refuse"}

#: Kinds of columns in a schema whose new values are invented, from all given ones.
INVENTED = ("identifier", "personal", "text")


@dataclass(frozen=True)
class Needs:
    """What a sampler reads besides the rows of the sampled classes.

    Parameters
    ----------
    whole : bool
        All rows.
    k : int
        For each row of a sampled class, so many nearest rows of other classes; 0 for none.
    counts_only : bool
        Whether only the number of other classes' rows among the k nearest matters: then any k
        rows will do that are nearer than the nearest other row of the class.
    category_counts : bool
        How often each category occurs in each class.
    """

    whole: bool = False
    k: int = 0
    counts_only: bool = False
    category_counts: bool = False


def needs_of(sampler):
    """Rows that a sampler reads; all of them for a class of sampler that is not known here.

    Parameters
    ----------
    sampler : BaseOverSampler
        An unfitted sampler.

    Returns
    -------
    Needs

    Raises
    ------
    TypeError
        If it is not a sampler of this package.
    ValueError
        If its parameters are not valid, or cannot be used on a table in parts.
    """
    if not isinstance(sampler, BaseOverSampler):
        raise TypeError(f"A sampler of skgensample is needed, {_instead(sampler)}")
    validate_parameter_constraints(
        sampler._parameter_constraints, vars(sampler), caller_name=type(sampler).__name__
    )
    # a subclass may plan its rows in another way
    rule = _generator if isinstance(sampler, BaseGenerator) else _RULES.get(type(sampler))
    needs = rule(sampler) if rule else Needs(whole=True)
    _refuse_options(sampler, needs.whole)
    return needs


def _instead(given):
    """What was given for a sampler, and the way out."""
    if isinstance(given, type):
        return f"and the class {given.__name__} was given: give an instance, {given.__name__}()."
    if hasattr(given, "fit_resample"):
        return (
            f"and {type(given).__name__} is none: for imbalanced-learn's SMOTE take NumbaSMOTE, "
            "which gives the same rows."
        )
    return f"and {type(given).__name__} is none: give one such as NumbaSMOTE(random_state=0)."


def _refuse_options(sampler, whole):
    """Raise if an option looks at all rows, or acts on rows when they are decoded."""
    for option, idle in WHOLE_TABLE_OPTIONS.items():
        value = getattr(sampler, option, idle)
        if whole and option == "scale" and value == "standard":
            continue
        if not (value is idle or (isinstance(value, str) and value == idle)):
            raise ValueError(
                f"{type(sampler).__name__} with {option}= looks at the whole table, and is not "
                f"supported on a table in parts: leave {option} out, or use the sampler on a "
                "table in memory."
            )
    checked_rules(sampler.constraints)
    if sampler.constraints:
        _refuse_rules(sampler, whole)
    if sampler.schema is not None:
        _refuse_schema(sampler, TableSchema(sampler.schema))


def _refuse_rules(sampler, whole):
    """Raise under rules, unless a generator is trained on all rows, on which they are checked."""
    if not (isinstance(sampler, BaseGenerator) and whole):
        raise ValueError(
            f"{type(sampler).__name__} with constraints= looks at the whole table, and is not "
            "supported on a table in parts: take a generator that trains on all rows or a sample "
            "of them (max_rows=), such as GaussianCopulaResampler, or use the sampler on a table "
            "in memory."
        )
    aside = [rule for rule in sampler.constraints if getattr(rule, "sets_aside", False)]
    if aside:
        raise ValueError(
            f"{aside[0]!r} has its values invented from all given ones, which is not supported on "
            "a table in parts: drop the column, and the rule."
        )


def _refuse_schema(sampler, schema):
    """Raise if a schema calls columns something that all of their cells have to be known for."""
    if sampler._repeats_rows:
        raise ValueError(
            f"{type(sampler).__name__} repeats rows, and takes no schema= on a table in parts: "
            "leave schema out."
        )
    names = [name for name, finding in schema.items() if finding.kind in INVENTED]
    if names:
        raise ValueError(
            f"schema calls {', '.join(map(repr, names))} one of {', '.join(INVENTED)}: values are "
            "invented from all given ones, which is not supported on a table in parts. Drop such "
            "columns, or declare them as a category."
        )


def _generator(sampler):
    """What a generator reads."""
    return Needs(whole=_trains_on_all(sampler))


def _trains_on_all(sampler):
    """Whether a generator trains on rows of all classes, not of the sampled ones only."""
    if hasattr(sampler, "_trained_rows"):
        return bool(sampler._trained_rows(np.array([0, 1]), [1])[0])
    return getattr(sampler, "train_on", "all") == "all"


def _k(sampler, parameter):
    """Number of neighbours among all rows; estimators are refused."""
    k = getattr(sampler, parameter)
    if not isinstance(k, Integral):
        raise ValueError(
            f"{type(sampler).__name__} looks for {parameter} among all rows, partition by "
            f"partition, and cannot use the {type(k).__name__} given for it: give the number of "
            "neighbours."
        )
    return int(k)


def _borderline(sampler):
    m = _k(sampler, "m_neighbors")
    if sampler.kind == "borderline-1":
        return Needs(k=m, counts_only=True)
    return Needs(k=max(m, _k(sampler, "k_neighbors")))


def _svm(sampler):
    if sampler.svm_neighbors is None:
        return Needs(whole=True)
    return Needs(k=max(sampler.svm_neighbors, _k(sampler, "m_neighbors")))


_RULES = {
    NumbaSMOTE: lambda sampler: Needs(),
    NumbaSMOTENC: lambda sampler: Needs(),
    NumbaRandomOverSampler: lambda sampler: Needs(),
    NumbaSMOTEN: lambda sampler: Needs(category_counts=True),
    NumbaKMeansSMOTE: lambda sampler: Needs(whole=True),
    NumbaBorderlineSMOTE: _borderline,
    NumbaADASYN: lambda sampler: Needs(k=_k(sampler, "n_neighbors"), counts_only=True),
    SafeLevelSMOTE: lambda sampler: Needs(k=_k(sampler, "k_neighbors"), counts_only=True),
    NumbaSVMSMOTE: _svm,
}


def way_out(sampler):
    """What to do where a sampler reads all rows and they do not fit in memory."""
    if isinstance(sampler, BaseGenerator):
        return "give max_rows= to train on a stratified sample of the table, or more memory."
    if type(sampler) is NumbaSVMSMOTE:
        return "set svm_neighbors, e.g. to 50, so that the machine is trained near the class."
    if type(sampler) is NumbaKMeansSMOTE:
        return (
            "K-means clusters all rows; take NumbaSMOTE or NumbaBorderlineSMOTE, which read few, "
            "or give more memory."
        )
    return "give more memory, or take a sampler that reads the sampled classes only."
