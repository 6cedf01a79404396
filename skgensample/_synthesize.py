"""`synthesize`: a whole frame in, a synthetic one of the same columns and dtypes out."""

from collections.abc import Hashable, Mapping
from numbers import Integral
from typing import Any, Literal, overload

import numpy as np
from sklearn.base import BaseEstimator, clone

from . import generators
from ._suggestions import did_you_mean, suggesting_keywords
from ._typing import Conditions, Constraints, Estimator, Frame, Personal, Schema, Seed
from .table import FakeColumns, column_names, give_one_of, is_frame, table_schema

#: Fewer rows than this for each column are too few for trees or a network.
ROWS_PER_COLUMN = 40


@overload
def synthesize(
    frame: Frame,
    target: Any = None,
    *,
    n: int | None = None,
    model: str | Estimator = "auto",
    conditions: Conditions | None = None,
    random_state: Seed = None,
    personal: Personal | None = None,
    schema: Schema = None,
    constraints: Constraints = None,
    return_model: Literal[False] = False,
) -> Frame: ...


@overload
def synthesize(
    frame: Frame,
    target: Any = None,
    *,
    n: int | None = None,
    model: str | Estimator = "auto",
    conditions: Conditions | None = None,
    random_state: Seed = None,
    personal: Personal | None = None,
    schema: Schema = None,
    constraints: Constraints = None,
    return_model: Literal[True],
) -> tuple[Frame, Any]: ...


@suggesting_keywords(
    num_rows="n", n_rows="n", rows="n", n_samples="n", size="n", seed="random_state"
)
def synthesize(
    frame: Frame,
    target: Any = None,
    *,
    n: int | None = None,
    model: str | Estimator = "auto",
    conditions: Conditions | None = None,
    random_state: Seed = None,
    personal: Personal | None = None,
    schema: Schema = None,
    constraints: Constraints = None,
    return_model: bool = False,
) -> Any:
    """Make a synthetic table like a given one.

    Parameters
    ----------
    frame : pandas or polars DataFrame or pyarrow Table of shape (n_samples, n_columns)
        The table, label included. Columns that identify people are refused
        unless `personal` says otherwise.
    target : object, default=None
        Name of the column of class labels, whose frequencies are kept exactly. None: all columns
        are alike.
    n : int, default=None
        Number of rows; None for as many as given.
    model : str or estimator, default="auto"
        Name of a generator of this package, or an unfitted one with parameters of its own.
        ``"auto"`` takes `GaussianCopulaResampler` for tables of fewer than 40 rows for each
        column that is learned, else `SequentialTreesResampler`.
    conditions : dict, default=None
        What every row satisfies, by column: a value, a list of values, or an interval
        ``(low, high)``; see `BaseGenerator.sample`. It may name the target.
    random_state : int, RandomState instance or None, default=None
        Seed of training and sampling.
    personal : {"refuse", "fake"} or FakeColumns, default=None
        What to do with columns that identify people or rows: refuse the table, or invent their
        values; see `FakeColumns`. None: as the model has it, which refuses by default.
    schema : TableSchema or dict, default=None
        Kinds of columns that are not to be detected; see `table_schema`.
    constraints : list of constraint, default=None
        Rules that every row satisfies; see `skgensample.constraints`.
    return_model : bool, default=False
        Whether to return the fitted generator, too: to `sample` more rows, or to `save` it.

    Returns
    -------
    synthetic : same kind as frame, of shape (n, n_columns)
        The same columns and dtypes, rows in random order.
    model : estimator
        The fitted generator, with `return_model` only.

    Raises
    ------
    TypeError
        If `frame` is not a pandas or polars DataFrame or a pyarrow Table, or a keyword is not
        known.
    ValueError
        If `target` is not a column, holds missing cells or numbers that are not classes, or a
        parameter is not valid.

    Examples
    --------
    >>> import pandas as pd
    >>> from sklearn.datasets import load_wine
    >>> from skgensample import synthesize
    >>> wine = load_wine(as_frame=True).frame
    >>> synthetic = synthesize(wine, "target", random_state=0)
    >>> synthetic.shape, (synthetic.dtypes == wine.dtypes).all()
    ((178, 14), np.True_)
    """
    if not is_frame(frame):
        raise TypeError(
            "synthesize takes a pandas or polars DataFrame or a pyarrow Table, got "
            f"{type(frame).__name__}: give arrays to the fit method of a generator."
        )
    n = len(frame) if n is None else n
    if not isinstance(n, Integral) or isinstance(n, bool) or n < 1:
        raise ValueError(f"n must be a positive integer, got {n!r}.")
    shape = (len(frame), frame.shape[1])
    if isinstance(model, str) and model == "auto":
        shape = (len(frame), frame.shape[1] - _n_aside(frame, personal, schema, constraints))
    sampler = _sampler(model, shape, random_state)
    table = {"personal": personal, "schema": schema, "constraints": constraints}
    sampler.set_params(**{name: given for name, given in table.items() if given is not None})
    if target is None:
        made = sampler.fit(frame).sample(int(n), conditions=conditions)[0]
        return (made, sampler) if return_model else made
    if not isinstance(target, Hashable) or target not in column_names(frame):
        if not isinstance(target, Hashable):
            target = type(target).__name__
        end = did_you_mean(target, column_names(frame), otherwise=": give a column's name.")
        raise ValueError(f"target={target!r} is not a column of the frame{end}")
    if frame.shape[1] < 2:
        raise ValueError("The frame has no column but the target: add one, or leave target out.")
    made = _with_target(sampler, frame, target, int(n), conditions)
    return (made, sampler) if return_model else made


def _n_aside(frame, personal, schema, constraints):
    """Number of columns whose values are invented, so that no model learns them."""
    names = column_names(frame)
    invents = isinstance(personal, FakeColumns) or personal == "fake"
    kinds = dict(table_schema(frame)) if invents else {}
    kinds |= schema if isinstance(schema, Mapping) else {}
    aside = {name for name, kind in kinds.items() if _is_aside(kind)}
    if isinstance(personal, FakeColumns) and isinstance(personal.columns, Mapping):
        aside |= set(personal.columns)
    rules = constraints if isinstance(constraints, list | tuple) else ()
    aside |= {rule.column for rule in rules if getattr(rule, "sets_aside", False)}
    return len(aside.intersection(names))


def _is_aside(kind):
    """Whether columns of a kind are kept from the model; kinds of invented values are, too."""
    kind = getattr(kind, "kind", kind)
    learned = ("number", "integer", "money", "flag", "category", "date", "duration")
    return kind not in learned


def _sampler(model, shape, random_state):
    """An unfitted generator."""
    if isinstance(model, BaseEstimator) and hasattr(model, "sample"):
        sampler = clone(model)
        return (
            sampler.set_params(random_state=random_state) if random_state is not None else sampler
        )
    if model == "auto":
        is_small = shape[0] < ROWS_PER_COLUMN * shape[1]
        model = "GaussianCopulaResampler" if is_small else "SequentialTreesResampler"
    names = generators.NAMES
    if not isinstance(model, str) or model not in names:
        raise ValueError(
            f"model={model!r} is not a generator: give 'auto' or one of {list(names)}"
            f"{did_you_mean(model, ['auto', *names])}"
        )
    # all classes are to be sampled: some generators learn no others
    return getattr(generators, model)(random_state=random_state, sampling_strategy="all")


def _with_target(sampler, frame, target, n, conditions):
    """Rows with labels in the frequencies of the table, or in those of the conditions."""
    order = column_names(frame)
    pandas = hasattr(frame, "iloc")
    arrow = not pandas and hasattr(frame, "num_rows")
    X = frame.drop(columns=target) if pandas else frame.drop([target])
    y = frame[target]
    _refuse_rules_on(sampler, target)
    if isinstance(sampler.schema, Mapping) and target in sampler.schema:
        sampler.schema = {name: kind for name, kind in sampler.schema.items() if name != target}
    sampler.fit(X, y)
    conditions = dict(conditions or {})
    labels, prior = sampler.classes_, sampler.class_prior_
    if target in conditions:
        chosen = _chosen(sampler, target, conditions.pop(target))
        if conditions and chosen.sum() > 1:
            prior = sampler.label_probabilities(conditions, random_state=sampler.random_state)
        labels, prior = labels[chosen], prior[chosen] / prior[chosen].sum()
    if conditions and len(labels) == len(sampler.classes_):
        made, y = sampler.sample(n, conditions=conditions)
    else:
        counts = dict(zip(labels, _rounded(prior, n).tolist()))
        made, y = sampler._sample_classes(counts, conditions)
    rows = np.random.RandomState(0).permutation(n)
    if pandas:
        made.insert(order.index(target), target, y.to_numpy())
        made[target] = made[target].astype(frame[target].dtype)
        return made.take(rows).reset_index(drop=True)
    if arrow:
        made = made.add_column(order.index(target), frame.schema.field(target), y)
        return made.take(rows).combine_chunks().replace_schema_metadata(frame.schema.metadata)
    return made.with_columns(y.alias(target)).select(order)[rows.tolist()]


def _refuse_rules_on(sampler, target):
    """Raise if a constraint names the target, which is no column of the model."""
    rules = sampler.constraints if isinstance(sampler.constraints, list | tuple) else ()
    for rule in rules:
        names = getattr(rule, "names", ())  # what is no rule is refused by fit
        if any(type(name) is type(target) and name == target for name in names):
            raise ValueError(
                f"{rule!r} names the target {target!r}, and rules are about the other columns: "
                "leave the rule out, or leave target out, and all columns are alike."
            )


def _chosen(sampler, target, wanted):
    """Mask of the labels that a condition on the target admits."""
    labels = sampler.classes_
    if isinstance(wanted, tuple) and len(wanted) == 2:
        try:
            low = labels >= wanted[0] if wanted[0] is not None else True
            high = labels <= wanted[1] if wanted[1] is not None else True
            chosen = np.broadcast_to(low & high, len(labels))
        except TypeError:
            chosen = np.zeros(len(labels), dtype=bool)
    else:
        several = isinstance(wanted, list | set | frozenset) or getattr(wanted, "ndim", 0)
        wanted = list(wanted) if several else [wanted]
        for label in wanted:
            sampler._checked_label(label)
        chosen = np.isin(labels, wanted)
    if not chosen.any():
        raise ValueError(
            f"The condition on {target!r} admits none of its labels: {give_one_of(None, labels)}"
        )
    return chosen


def _rounded(prior, n):
    """Integer counts with the given sum, as near to the frequencies as can be."""
    exact = prior * n
    counts = np.floor(exact).astype(int)
    rest = np.argsort(-(exact - counts), kind="stable")[: n - counts.sum()]
    counts[rest] += 1
    return counts
