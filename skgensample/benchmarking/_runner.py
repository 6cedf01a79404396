"""Learners x strategies on the folds of a splitter."""

import logging
import sys
import warnings
from collections.abc import Sequence
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from typing import Any

import numpy as np

from skgensample import __version__

from .._typing import FilePath, MatrixLike, VectorLike
from ._checkpoint import NOT_FINISHED, BenchmarkInterrupted, CellStore, finished_folds
from ._pipelines import TableSteps
from ._profiling import StepMemory
from ._progress import progress_bar
from ._result import BenchmarkResult, base_score_effect, summarise
from ._runs import RECALL_GRID, Fold, Settings, run_cell
from ._selection import chosen_names, treatments
from ._strategies import find_strategy

__all__ = ["run_benchmark"]

_PACKAGES = (
    "scikit-learn",
    "imbalanced-learn",
    "numpy",
    "pandas",
    "numba",
    "torch",
    "xgboost",
    "xgboost-cpu",
)


def run_benchmark(
    X: MatrixLike,
    y: VectorLike,
    *,
    cv: Any,
    day: VectorLike | None = None,
    card: VectorLike | None = None,
    learners: Sequence[str] | None = None,
    strategies: Sequence[str] | None = None,
    samplers: Sequence[str] | None = None,
    ratios: Sequence[float] = (0.05, 0.1, 1.0),
    max_steps: int | None = None,
    show_leak: bool = False,
    random_state: int = 0,
    n_jobs: int = 1,
    progress: bool = True,
    description: str = "",
    checkpoint: FilePath | None = None,
) -> BenchmarkResult:
    """Compare ways of treating a minority class, on the same folds and with paired differences.

    Each learner is fitted on each training window as it is, with its settings tuned, with class
    weights, and behind each sampler at each ratio, always in an imbalanced-learn Pipeline, so
    that test rows are never resampled. All rows are scored on the same test rows and compared
    with the learner's best row that adds no rows.

    Parameters
    ----------
    X : {array-like, pandas.DataFrame} of shape (n_samples, n_features)
        Table. Text and category columns of a frame are one-hot encoded (behind the samplers
        that take them as they are), missing cells are filled by the training window's median or
        a level of their own.
    y : array-like of shape (n_samples,)
        Two classes; the rarer one, the minority class, is the class to be found.
    cv : cross-validation generator or iterable
        Folds, e.g. `skgensample.model_selection.PrequentialSplit`.
    day : array-like of shape (n_samples,), default=None
        Day of each row: intervals then resample whole test days, and tuning chooses on the last
        days of the training window. None resamples random groups of test rows.
    card : array-like of shape (n_samples,), default=None
        Card of each row. With it and `day`, alerts are scored by card precision at 100, else by
        recall at a false positive rate of 1 %.
    learners : list of str, default=None
        Names in `LEARNERS`, or ``["all"]``; None takes `DEFAULT_LEARNERS`.
    strategies : list of str, default=None
        Names in `STRATEGIES`, or ``["all"]`` for all but the planted leak; None takes
        `DEFAULT_STRATEGIES`. ``"none"`` is always run.
    samplers : list of str, default=None
        Class names of public samplers of this package or of imbalanced-learn, run next to the
        `strategies`; where those are None, next to ``"none"``, ``"tuned"`` and ``"weights"``.
        Samplers have their default settings, `random_state` and `max_steps` apart.
    ratios : sequence of float, default=(0.05, 0.1, 1.0)
        Minority rows over other rows, after resampling. A ratio that the training window has
        already is reported as not applicable.
    max_steps : int, default=None
        Training steps of the neural samplers; None leaves them to each sampler.
    show_leak : bool, default=False
        Whether to add the strategy ``"leak"``: SMOTE before the split. Its rows show what a
        planted fault looks like and are compared with nothing.
    random_state : int, default=0
        Seed of samplers, learners and bootstrap.
    n_jobs : int, default=1
        Threads of the learners that take some; -1 takes all.
    progress : bool, default=True
        Whether to show a bar on standard error; without tqdm a line says how to get one.
    description : str, default=""
        What the data are, for the head of the table.
    checkpoint : str or path-like, default=None
        Folder for finished cells, each written as soon as it is finished. Later calls take from
        it the cells whose data, settings, versions and source code are the same; see
        `clear_checkpoint`.

    Returns
    -------
    result : BenchmarkResult
        Records, curves and the table.

    Raises
    ------
    ValueError
        If a name is unknown, a ratio is not in (0, 1], `y` has not two classes in each window of
        each fold, or no learner can be run.
    BenchmarkInterrupted
        In place of KeyboardInterrupt; its `result` holds what is finished.

    Notes
    -----
    Intervals are percentiles of 1,000 bootstrap draws of test days (or groups of rows), the same
    draws for all rows: they tell how far a difference depends on the days that were tested, not
    how far it depends on the training window or on the seed. `peak_mb` is the growth of the
    process's resident memory during the fit, on Linux.

    References
    ----------
    .. [1] Y.-A. Le Borgne, W. Siblini, B. Lebichot, G. Bontempi, "Reproducible Machine Learning
       for Credit Card Fraud Detection - Practical Handbook", Université Libre de Bruxelles, 2022.

    Examples
    --------
    >>> from sklearn.datasets import make_classification
    >>> from sklearn.model_selection import StratifiedKFold
    >>> from skgensample.benchmarking import run_benchmark
    >>> X, y = make_classification(n_samples=300, weights=[0.9], random_state=0)
    >>> result = run_benchmark(X, y, cv=StratifiedKFold(2), learners=["tree"],
    ...                        strategies=["none", "smote"], ratios=[1.0], progress=False)
    >>> result.summary[0]["verdict"]
    'reference'
    """
    X = X if hasattr(X, "iloc") else np.asarray(X)
    y, minority = _minority_class(y)
    day, card = (None if column is None else np.asarray(column) for column in (day, card))
    if day is None:
        card = None
    learners, strategies, notes = chosen_names(learners, strategies, samplers, show_leak)
    if not all(0 < ratio <= 1 for ratio in ratios):
        raise ValueError(f"ratios lie above 0 and not above 1, got {list(ratios)}.")
    settings = Settings(TableSteps(X), random_state, max_steps, n_jobs)
    notes += _table_notes(settings.steps, strategies, max_steps)
    folds = [
        Fold(number, X, y, *rows, day=day, card=card, random_state=random_state)
        for number, rows in enumerate(cv.split(X, y) if hasattr(cv, "split") else cv)
    ]
    _check_folds(folds)
    info = _info(description, settings, folds, minority, card is not None)
    plan = _plan(folds, strategies, ratios, learners)
    store = CellStore(checkpoint, settings, info["versions"])
    with progress_bar(progress, len(plan)) as bar:
        cells, warned, interrupted = _run(folds, plan, settings, store, bar)
    if store.n_loaded:
        notes.append(f"{store.n_loaded} of {len(plan)} fits are those of an earlier run.")
    notes += [f"{strategy}: {kind}: {text}" for (strategy, kind), text in warned.items()]
    if interrupted:
        raise BenchmarkInterrupted(_result(cells, plan, info, notes) if cells else None)
    return _result(cells, plan, info, notes)


def _plan(folds, strategies, ratios, learners):
    """Fold number and (learner, strategy, ratio) of each cell, in order."""
    return [
        (fold.number, (learner, strategy, ratio))
        for fold in folds
        for strategy, ratio in treatments(strategies, ratios)
        for learner in learners
    ]


def _run(folds, plan, settings, store, bar):
    """Cells up to the end or an interruption, each kind of warning, and whether interrupted."""
    cells, warned, shared = [], {}, (None, None)
    try:
        _warm_up(dict.fromkeys(strategy for _, (_, strategy, _) in plan))
        for number, names in plan:
            if shared[0] != (number, *names[1:]):  # learners share the sampler's rows
                shared = (number, *names[1:]), StepMemory()
            bar.set_postfix_str(f"{names[0]}, {names[1]}", refresh=False)
            cell, caught = _run_once(folds[number], names, shared[1], settings, store)
            cells.append(cell)
            for kind, text in caught:
                warned.setdefault((names[1], kind), text)
            bar.update()
    except KeyboardInterrupt:
        return cells, warned, True
    return cells, warned, False


def _run_once(fold, names, memory, settings, store):
    """A cell and its warnings, from the store where it is there."""
    found = store.load(fold, names)
    if found is not None:
        return found
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        cell = run_cell(fold, names, memory, settings)
    texts = [[one.category.__name__, str(one.message).splitlines()[0]] for one in caught]
    store.save(fold, names, cell, texts)
    return cell, texts


def _result(cells, plan, info, notes):
    """Result of all cells, or of the finished folds."""
    kept = cells
    if len(cells) < len(plan):
        kept, numbers = finished_folds(cells, plan)
        listed = " and ".join(str(number + 1) for number in numbers)
        whole = all(cell.record["reason"] != NOT_FINISHED for cell in kept)
        part = "" if whole else ", as far as it is finished"
        info["incomplete"] = (
            f"INCOMPLETE: the run was interrupted after {len(cells)} of {len(plan)} fits; the rows "
            f"are those of fold {listed} of {info['n_folds']}{part}."
        )
    summary, curves = summarise(kept)
    info["base_score_effect"] = base_score_effect(kept)
    records = [cell.record for cell in cells]
    return BenchmarkResult(records, summary, curves, RECALL_GRID, info, notes)


def _warm_up(names):
    """Compile and import once, on rows enough for every code path, so that no fold pays for it."""
    rng = np.random.default_rng(0)
    for strategy in map(find_strategy, names):
        if strategy.sampler is None or not strategy.warm_up:
            continue
        X, y = rng.normal(size=(strategy.warm_up, 3)), np.arange(strategy.warm_up) % 20 == 0
        X = X.round() if strategy.needs == "all" else X
        sampler = strategy.sampler(1.0, 0, 1)
        if strategy.needs == "some":
            X[:, 0] = X[:, 0].round()
            sampler.set_params(categorical_features=[0])
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            try:
                sampler.fit_resample(X, y)
            except Exception as error:
                # A sampler that cannot run says so in its own rows.
                logging.getLogger(__name__).debug("%s: %s", strategy.label, error)


def _minority_class(y):
    """Labels as 1 for the minority class and 0 for the other, and the minority class."""
    y = np.asarray(y)
    # Numbers and text side by side cannot be sorted.
    y = y.astype(str) if y.dtype == object else y
    classes, codes = np.unique(y, return_inverse=True)
    if len(classes) != 2:
        raise ValueError(f"The target must have two classes, found {len(classes)}.")
    minority = 0 if np.sum(codes == 0) < np.sum(codes == 1) else 1
    return (codes == minority).astype(int), classes[minority]


def _check_folds(folds):
    """Refuse folds in which nothing can be learnt or measured."""
    for fold in folds:
        for name, y in (("training", fold.y_train), ("test", fold.y_test)):
            if not 0 < y.sum() < len(y):
                raise ValueError(
                    f"The {name} window of fold {fold.number} has rows of one class only: take "
                    "fewer or other folds."
                )


def _table_notes(steps, strategies, max_steps):
    """What the pipelines do to this table besides resampling it, and how long networks train."""
    notes = []
    chosen = [find_strategy(name) for name in strategies]
    native = [one.label for one in chosen if one.resamples and one.categorical]
    if steps.categorical:
        place = "before any sampler"
        if native:
            place = f"after {', '.join(native)}, and before all other samplers"
        notes.append(
            f"{len(steps.categorical)} text or category columns are one-hot encoded, {place}."
        )
    if steps.incomplete:
        notes.append(
            f"{len(steps.incomplete)} columns have missing cells: numbers get the training "
            "window's median, text a level of its own."
        )
    trained = [one.label for one in chosen if one.requires == "torch"]
    if trained and max_steps is not None:
        notes.append(f"{' and '.join(trained)}: {max_steps} optimiser steps (max_steps).")
    return notes


def _info(description, settings, folds, minority, has_cards):
    """How the result came about."""
    versions = {"skgensample": __version__}
    for package in _PACKAGES:
        try:
            versions[package] = version(package)
        except PackageNotFoundError:
            continue
    return {
        "description": description,
        "minority_class": str(minority),
        "n_folds": len(folds),
        "train_rows": [len(fold.y_train) for fold in folds],
        "train_minority": [int(fold.y_train.sum()) for fold in folds],
        "test_rows": [len(fold.y_test) for fold in folds],
        "test_minority": [int(fold.y_test.sum()) for fold in folds],
        "alert": "card precision at 100" if has_cards else "recall at 1 % false positives",
        "alert_short": "CP@100" if has_cards else "R@1%",
        "random_state": settings.random_state,
        "max_steps": settings.max_steps,
        "date": datetime.now(UTC).isoformat(timespec="seconds"),
        "python": sys.version.split()[0],
        "versions": versions,
    }
