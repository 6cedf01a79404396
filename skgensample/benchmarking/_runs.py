"""One cell of the benchmark: fit one learner with one strategy on one fold, and score it."""

from dataclasses import dataclass

import numpy as np
from imblearn.pipeline import Pipeline
from sklearn.metrics import brier_score_loss, precision_recall_curve
from sklearn.model_selection import GridSearchCV, StratifiedKFold, train_test_split
from sklearn.utils.class_weight import compute_sample_weight

from skgensample.metrics import card_precision_score

from ._learners import LEARNERS
from ._pipelines import TableSteps, build_pipeline
from ._ranking import RankedBlocks, block_draws, blocks_of
from ._result import Cell
from ._strategies import find_strategy

__all__ = ["RECALL_GRID", "Fold", "Settings", "run_cell", "take"]

#: Where precision-recall curves are read off.
RECALL_GRID = np.linspace(0, 1, 101)
#: Share of the training days from which the tuned row's grid is fitted; the rest chooses.
INNER_SHARE = 0.7


@dataclass(frozen=True)
class Settings:
    """What all cells share.

    Parameters
    ----------
    steps : TableSteps
        Imputation and encoding that the table needs.
    random_state : int
        Seed of samplers, learners and bootstrap.
    max_steps : int or None
        Training steps of the neural samplers; None leaves them to each sampler.
    n_jobs : int
        Threads of the learners that take some.
    """

    steps: TableSteps
    random_state: int
    max_steps: int | None
    n_jobs: int


class Fold:
    """Train and test rows of one fold, the blocks of its test rows and their bootstrap weights.

    Parameters
    ----------
    number : int
        Number of the fold, from 0.
    X : {ndarray, pandas.DataFrame} of shape (n_samples, n_features)
        Table.
    y : ndarray of shape (n_samples,)
        1 for the minority class, 0 for the other.
    train, test : ndarray of int
        Row numbers.
    day, card : ndarray of shape (n_samples,) or None
        Day and card of each row.
    random_state : int
        Seed.
    """

    def __init__(self, number, X, y, train, test, *, day, card, random_state):
        self.number = number
        self.X_train, self.y_train = take(X, train), y[train]
        self.X_test, self.y_test = take(X, test), y[test]
        self.train_day, self.day = (None, None) if day is None else (day[train], day[test])
        self.card = None if card is None else card[test]
        rng = np.random.default_rng([random_state, number])
        self._blocks = blocks_of(len(test), self.day, rng)
        self._weights = block_draws(self._blocks.max() + 1, rng)

    @property
    def ratio(self):
        """Scarce rows over other rows in the training window."""
        return self.y_train.sum() / (self.y_train == 0).sum()

    def scored(self, score):
        """Metrics of scores of the test rows, their bootstrap draws and the curve."""
        ranked = RankedBlocks(self.y_test, score, self._blocks)
        once = np.ones((1, self._weights.shape[1]))
        if self.card is None:
            alert, alert_draws = ranked.recall(once)[0], ranked.recall(self._weights)
        else:
            found = card_precision_score(
                self.y_test, score, day=self.day, card=self.card, average=False
            )
            alert, alert_draws = found.mean(), self._weights @ found / len(found)
        metrics = {
            "ap": ranked.average_precision(once)[0],
            "auroc": ranked.auroc(once)[0],
            "alert": alert,
            **_calibration(self.y_test, score),
        }
        draws = np.stack(
            [
                ranked.average_precision(self._weights),
                ranked.auroc(self._weights),
                alert_draws,
            ]
        )
        return metrics, draws, _curve(self.y_test, score)


def run_cell(fold, names, memory, settings):
    """Fit and score one learner with one strategy on one fold.

    Parameters
    ----------
    fold : Fold
        Data.
    names : tuple of (str, str, float or None)
        Learner, strategy and ratio.
    memory : StepMemory
        Steps shared by the learners of this fold and strategy.
    settings : Settings
        What all cells share.

    Returns
    -------
    cell : Cell
        With a `reason` and no metric where the cell could not be run.
    """
    learner, strategy, ratio = names
    record = {
        "learner": learner,
        "strategy": strategy,
        "ratio": ratio,
        "fold": fold.number,
        "n_train": len(fold.y_train),
        "n_train_minority": int(fold.y_train.sum()),
        "n_test": len(fold.y_test),
        "n_test_minority": int(fold.y_test.sum()),
        "reason": None,
    }
    treatment = find_strategy(strategy)
    if ratio is not None and fold.ratio >= ratio:
        record["reason"] = f"the training window already has a ratio of {fold.ratio:.3g}"
    else:
        record["reason"] = _unfit(treatment, settings.steps)
    if record["reason"]:
        return Cell(record)
    run = _leaky if treatment.leaky else _honest
    try:
        return run(record, fold, LEARNERS[learner], treatment, memory, settings)
    except Exception as error:
        # One sampler that refuses the data must not cost the rows of all the others, and samplers
        # of any name may raise any error.
        kind = "" if type(error) is ValueError else f"{type(error).__name__}: "
        record["reason"] = f"failed: {kind}{error}".strip().splitlines()[0]
        return Cell(record)


def _unfit(strategy, steps):
    """Why a sampler is not for this table's kinds of columns, or None."""
    if strategy.needs and not steps.categorical:
        return "no column of the table holds categories"
    if strategy.needs == "all" and steps.numeric:
        return "some columns of the table hold numbers, and not categories"
    return None


def _honest(record, fold, learner, strategy, memory, settings):
    """Fit on the training window only, score the test window."""
    sampler = None
    if strategy.sampler is not None:
        sampler = strategy.sampler(record["ratio"], settings.random_state, settings.max_steps)
        if strategy.needs == "some":
            sampler.set_params(categorical_features=settings.steps.categorical)
    steps = settings.steps.steps(sampler, strategy.categorical)
    classifier = learner.make(settings.random_state, settings.n_jobs)
    model = build_pipeline(learner, classifier, steps, None if strategy.tuned else memory)
    fit_params = {}
    if strategy.weighted:
        fit_params["learner__sample_weight"] = compute_sample_weight("balanced", fold.y_train)
    if strategy.tuned:
        model = _tuned(model, learner, fold, settings.random_state)
    seconds, peak = memory.fit(model, fold.X_train, fold.y_train, **fit_params)
    record.update(fit_s=seconds, peak_mb=peak)
    if strategy.tuned:
        record["chosen"] = {name.split("__")[1]: v for name, v in model.best_params_.items()}
    metrics, draws, curve = fold.scored(model.predict_proba(fold.X_test)[:, 1])
    record.update(metrics)
    return Cell(record, draws, curve)


def _tuned(pipeline, learner, fold, random_state):
    """Grid search by average precision, inside the training window."""
    grid = {f"learner__{name}": values for name, values in learner.grid.items()}
    inner = _later_days(fold.train_day) or StratifiedKFold(
        3, shuffle=True, random_state=random_state
    )
    return GridSearchCV(pipeline, grid, scoring="average_precision", cv=inner)


def _later_days(day):
    """One split: the first days of the window to fit, its last days to choose."""
    days = np.unique(day) if day is not None else ()
    if len(days) < 2:
        return None
    last = days[min(int(np.ceil(INNER_SHARE * len(days))), len(days) - 1) - 1]
    return [(np.flatnonzero(day <= last), np.flatnonzero(day > last))]


def _leaky(record, fold, learner, strategy, memory, settings):
    """Resample train and test rows together, then split: the fault that is to be seen firing."""
    X = _stacked(fold.X_train, fold.X_test)
    y = np.concatenate([fold.y_train, fold.y_test])
    steps = settings.steps.steps(None, takes_categories=False)
    X = Pipeline(steps).fit_transform(X) if steps else X
    X, y = strategy.sampler(1.0, settings.random_state, settings.max_steps).fit_resample(X, y)
    share = len(fold.y_test) / (len(fold.y_train) + len(fold.y_test))
    rows = train_test_split(
        np.arange(len(y)), test_size=share, stratify=y, random_state=settings.random_state
    )
    leaked = Fold(fold.number, X, y, *rows, day=None, card=None, random_state=settings.random_state)
    classifier = learner.make(settings.random_state, settings.n_jobs)
    model = build_pipeline(learner, classifier, [])
    seconds, peak = memory.fit(model, leaked.X_train, leaked.y_train)
    metrics, _, curve = leaked.scored(model.predict_proba(leaked.X_test)[:, 1])
    record.update(metrics, fit_s=seconds, peak_mb=peak, alert=float("nan"))
    return Cell(record, None, curve)


def take(X, rows):
    """Rows of an array or a frame."""
    return X.iloc[rows] if hasattr(X, "iloc") else X[rows]


def _stacked(above, below):
    """One table of two."""
    if not hasattr(above, "iloc"):
        return np.concatenate([above, below])
    import pandas as pd

    return pd.concat([above, below], ignore_index=True)


def _calibration(y, score):
    """Brier score over that of the base rate, mean score over base rate."""
    base = y.mean()
    return {
        "brier_ref": brier_score_loss(y, score) / (base * (1 - base)),
        "score_ratio": score.mean() / base,
    }


def _curve(y, score):
    """Precision at the first threshold that reaches each recall of the grid."""
    precision, recall, _ = precision_recall_curve(y, score)
    # Recall falls along the arrays; its last entry, (0, 1), is no threshold.
    order = np.searchsorted(recall[:-1][::-1], RECALL_GRID, side="left")
    return precision[:-1][::-1][np.minimum(order, len(recall) - 2)]
