"""Learners of the benchmark, each with the small grid on which its tuned row is chosen."""

from collections.abc import Callable
from dataclasses import dataclass, field
from importlib.util import find_spec

from sklearn.ensemble import HistGradientBoostingClassifier, RandomForestClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.tree import DecisionTreeClassifier

__all__ = ["DEFAULT_LEARNERS", "LEARNERS", "Learner"]


@dataclass(frozen=True)
class Learner:
    """A classifier to be fitted on each fold.

    Parameters
    ----------
    label : str
        Name in tables and plots.
    make : callable
        ``make(random_state, n_jobs)`` returns an unfitted classifier.
    grid : dict, default={}
        Values from which the tuned row is chosen, inside the training window.
    scaled : bool, default=False
        Whether columns are standardised before the classifier.
    requires : str or None, default=None
        Module without which the learner is left out.
    """

    label: str
    make: Callable
    grid: dict = field(default_factory=dict)
    scaled: bool = False
    requires: str | None = None

    @property
    def missing(self) -> str | None:
        """The module that the learner needs and does not find, or None."""
        return self.requires if self.requires and find_spec(self.requires) is None else None


def _logistic(random_state, n_jobs):
    return LogisticRegression(max_iter=1000)


def _tree(random_state, n_jobs):
    return DecisionTreeClassifier(max_depth=5, random_state=random_state)


def _forest(random_state, n_jobs):
    return RandomForestClassifier(
        n_estimators=100, max_depth=20, random_state=random_state, n_jobs=n_jobs
    )


def _boosting(random_state, n_jobs):
    # Early stopping would hold out synthetic rows next to their own parents.
    return HistGradientBoostingClassifier(early_stopping=False, random_state=random_state)


def _xgboost(random_state, n_jobs, **settings):
    from xgboost import XGBClassifier

    return XGBClassifier(
        n_estimators=50,
        max_depth=3,
        learning_rate=0.3,
        random_state=random_state,
        n_jobs=n_jobs,
        **settings,
    )


def _xgboost_half(random_state, n_jobs):
    return _xgboost(random_state, n_jobs, base_score=0.5)


_XGBOOST_GRID = {"base_score": [None, 0.5], "min_child_weight": [0.01, 0.1, 1.0]}

#: Every learner by the name that `run_benchmark` and the command line take.
LEARNERS = {
    "logistic": Learner(
        "Logistic regression", _logistic, {"C": [0.001, 0.01, 0.1, 1.0, 10.0]}, scaled=True
    ),
    "tree": Learner(
        "Decision tree, depth 5",
        _tree,
        {"max_depth": [3, 5, 8], "min_samples_leaf": [1, 20]},
    ),
    "forest": Learner("Random forest, 100 x depth 20", _forest, {"min_samples_leaf": [1, 3, 10]}),
    "boosting": Learner(
        "Gradient boosting (scikit-learn)",
        _boosting,
        {"learning_rate": [0.03, 0.1], "min_samples_leaf": [20, 100]},
    ),
    "xgboost": Learner("XGBoost, default base_score", _xgboost, _XGBOOST_GRID, requires="xgboost"),
    "xgboost-half": Learner(
        "XGBoost, base_score=.5", _xgboost_half, _XGBOOST_GRID, requires="xgboost"
    ),
}

#: Learners that run where none are named; the forest takes most of an hour and waits to be asked.
DEFAULT_LEARNERS = ("logistic", "tree", "xgboost", "xgboost-half")
