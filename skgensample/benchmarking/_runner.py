"""Learners x strategies on the folds of a splitter."""

import sys
import warnings
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from importlib.util import find_spec
from types import SimpleNamespace

import numpy as np

from skgensample import __version__

from ._cells import RECALL_GRID, Fold, Settings, run_cell
from ._cost import StepMemory
from ._learners import DEFAULT_LEARNERS, LEARNERS
from ._pipelines import TableSteps
from ._result import BenchmarkResult, summarise
from ._strategies import DEFAULT_STRATEGIES, STRATEGIES

__all__ = ["run_benchmark"]

#: Optimiser steps of the learned generators where none are given: an hour's study in minutes.
MAX_STEPS = 1000
LEAK_NOTE = (
    'DEMONSTRATION ONLY: the rows "SMOTE, LEAKED" resample train and test rows together, before '
    "the split. Their scores are what that fault pretends, not what anybody will get."
)
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
    X,
    y,
    *,
    cv,
    day=None,
    card=None,
    learners=None,
    strategies=None,
    ratios=(0.05, 0.1, 1.0),
    max_steps=MAX_STEPS,
    show_leak=False,
    random_state=0,
    n_jobs=1,
    progress=True,
    description="",
):
    """Compare ways of treating a scarce class, on the same folds and with paired differences.

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
        Two classes; the scarcer one is the class to be found.
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
    ratios : sequence of float, default=(0.05, 0.1, 1.0)
        Scarce rows over other rows, after resampling. A ratio that the training window has
        already is reported as not applicable.
    max_steps : int, default=1000
        Optimiser steps of the learned generators.
    show_leak : bool, default=False
        Whether to add the strategy ``"leak"``: SMOTE before the split. Its rows show what a
        planted fault looks like and are compared with nothing.
    random_state : int, default=0
        Seed of samplers, learners and bootstrap.
    n_jobs : int, default=1
        Threads of the learners that take some; -1 takes all.
    progress : bool, default=True
        Whether to show a bar on standard error, where tqdm is installed.
    description : str, default=""
        What the data are, for the head of the table.

    Returns
    -------
    result : BenchmarkResult
        Records, curves and the table.

    Raises
    ------
    ValueError
        If a name is unknown, a ratio is not in (0, 1], `y` has not two classes in each window of
        each fold, or no learner can be run.

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
    y, scarce = _scarce_class(y)
    day, card = (None if column is None else np.asarray(column) for column in (day, card))
    if day is None:
        card = None
    learners, strategies, notes = _chosen(learners, strategies, show_leak)
    if not all(0 < ratio <= 1 for ratio in ratios):
        raise ValueError(f"ratios lie above 0 and not above 1, got {list(ratios)}.")
    settings = Settings(TableSteps(X), random_state, max_steps, n_jobs)
    notes += _table_notes(settings.steps)
    trained = [
        STRATEGIES[name].label for name in strategies if STRATEGIES[name].requires == "torch"
    ]
    if trained:
        notes.append(f"{' and '.join(trained)}: {max_steps} optimiser steps (max_steps).")
    folds = [
        Fold(number, X, y, *rows, day=day, card=card, random_state=random_state)
        for number, rows in enumerate(cv.split(X, y) if hasattr(cv, "split") else cv)
    ]
    _check_folds(folds)
    treatments = _treatments(strategies, ratios)
    with _progress_bar(progress, len(folds) * len(treatments) * len(learners)) as bar:
        cells = _run(folds, treatments, learners, settings, bar, notes)
    summary, curves = summarise(cells)
    info = _info(description, settings, folds, scarce, card is not None)
    return BenchmarkResult(
        [cell.record for cell in cells], summary, curves, RECALL_GRID, info, notes
    )


def _run(folds, treatments, learners, settings, bar, notes):
    """All cells, and a note of each kind of warning."""
    cells, seen = [], {}
    _warm_up(treatments)
    for fold in folds:
        for strategy, ratio in treatments:
            memory = StepMemory()
            for learner in learners:
                bar.set_postfix_str(f"{learner}, {strategy}", refresh=False)
                with warnings.catch_warnings(record=True) as caught:
                    warnings.simplefilter("always")
                    names = (learner, strategy, ratio)
                    cells.append(run_cell(fold, names, memory, settings))
                for warning in caught:
                    text = str(warning.message).splitlines()[0]
                    seen.setdefault((strategy, warning.category.__name__), text)
                bar.update()
    notes += [f"{strategy}: {kind}: {text}" for (strategy, kind), text in seen.items()]
    return cells


def _warm_up(treatments):
    """Compile and import once, on rows enough for every code path, so that no fold pays for it."""
    rng = np.random.default_rng(0)
    X, y = rng.normal(size=(20_000, 3)), np.arange(20_000) % 20 == 0
    for strategy in dict.fromkeys(strategy for strategy, _ in treatments):
        if STRATEGIES[strategy].sampler is not None:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                STRATEGIES[strategy].sampler(1.0, 0, 1).fit_resample(X, y)


def _treatments(strategies, ratios):
    """Pairs of strategy and ratio, None where a strategy has no ratio."""
    return [
        (strategy, ratio)
        for strategy in strategies
        for ratio in (ratios if STRATEGIES[strategy].resamples else [None])
    ]


def _chosen(learners, strategies, show_leak):
    """Names that can be run, and notes on those that cannot."""
    notes = []
    learners = LEARNERS if learners == ["all"] else learners or DEFAULT_LEARNERS
    if strategies is None or strategies == ["all"]:
        strategies = DEFAULT_STRATEGIES
    strategies = ["none", *strategies, *(["leak"] if show_leak else [])]
    learners = _available(learners, LEARNERS, "learner", notes)
    strategies = _available(strategies, STRATEGIES, "strategy", notes)
    if not learners:
        raise ValueError("No learner can be run. " + " ".join(notes))
    if any(STRATEGIES[name].leaky for name in strategies):
        notes.append(LEAK_NOTE)
    return learners, strategies, notes


def _available(names, registry, what, notes):
    """Names whose module is installed; unknown names are refused."""
    unknown = [name for name in names if name not in registry]
    if unknown:
        raise ValueError(f"Unknown {what} {', '.join(unknown)}: choose from {', '.join(registry)}.")
    missing = [name for name in names if registry[name].missing]
    for name in missing:
        module = registry[name].missing
        extra = "torch" if module == "torch" else "benchmark"
        notes.append(
            f"{name} is left out: {module} is not installed (pip install 'skgensample[{extra}]')."
        )
    return [name for name in dict.fromkeys(names) if name not in missing]


def _scarce_class(y):
    """Labels as 1 for the scarcer class and 0 for the other, and the scarcer class."""
    classes, codes = np.unique(np.asarray(y), return_inverse=True)
    if len(classes) != 2:
        raise ValueError(f"The target must have two classes, found {len(classes)}.")
    scarce = 0 if np.sum(codes == 0) < np.sum(codes == 1) else 1
    return (codes == scarce).astype(int), classes[scarce]


def _check_folds(folds):
    """Refuse folds in which nothing can be learnt or measured."""
    for fold in folds:
        for name, y in (("training", fold.y_train), ("test", fold.y_test)):
            if not 0 < y.sum() < len(y):
                raise ValueError(
                    f"The {name} window of fold {fold.number} has rows of one class only: take "
                    "fewer or other folds."
                )


def _table_notes(steps):
    """What the pipelines do to this table besides resampling it."""
    notes = []
    if steps.categorical:
        notes.append(
            f"{len(steps.categorical)} text or category columns are one-hot encoded: before the "
            "SMOTEs, after the samplers that take categories."
        )
    if steps.incomplete:
        notes.append(
            f"{len(steps.incomplete)} columns have missing cells: numbers get the training "
            "window's median, text a level of its own."
        )
    return notes


def _info(description, settings, folds, scarce, has_cards):
    """How the result came about."""
    versions = {"skgensample": __version__}
    for package in _PACKAGES:
        try:
            versions[package] = version(package)
        except PackageNotFoundError:
            continue
    return {
        "description": description,
        "scarce_class": str(scarce),
        "n_folds": len(folds),
        "train_rows": [len(fold.y_train) for fold in folds],
        "train_scarce": [int(fold.y_train.sum()) for fold in folds],
        "test_rows": [len(fold.y_test) for fold in folds],
        "test_scarce": [int(fold.y_test.sum()) for fold in folds],
        "alert": "card precision at 100" if has_cards else "recall at 1 % false positives",
        "alert_short": "CP@100" if has_cards else "R@1%",
        "random_state": settings.random_state,
        "max_steps": settings.max_steps,
        "date": datetime.now(UTC).isoformat(timespec="seconds"),
        "python": sys.version.split()[0],
        "versions": versions,
    }


class _NoBar(SimpleNamespace):
    """Takes what a progress bar takes and shows nothing."""

    def __enter__(self):
        return self

    def __exit__(self, *error):
        return None

    def set_postfix_str(self, text, refresh=True):
        """Take the text."""

    def update(self):
        """Take the step."""


def _progress_bar(wanted, total):
    """A bar on standard error, or nothing where tqdm is not installed."""
    if not wanted or find_spec("tqdm") is None:
        return _NoBar()
    from tqdm import tqdm

    slow = 0.1 if sys.stderr.isatty() else 20
    return tqdm(total=total, unit="fit", file=sys.stderr, mininterval=slow)
