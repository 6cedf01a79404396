"""Fidelity: columns, pairs of columns, a classifier between real and synthetic rows, coverage."""

import numpy as np
from sklearn.metrics import roc_auc_score, roc_curve

from ..metrics._coverage import alpha_precision, beta_recall
from ..metrics._fidelity import column_errors, errors_of_pairs, two_sample_scores
from ..metrics._tables import unit_scaled
from ._measure import Measure
from ._rules import RealRules

#: Rows of each table for the classifier, and for measures whose time grows with their square.
CLASSIFIER_ROWS, SQUARE_ROWS, PAIR_ROWS = 10_000, 2_500, 50_000
#: Columns and pairs that are named.
WORST = 5


class Fidelity:
    """Errors of columns and pairs, C2ST, alpha-precision and beta-recall, and rules.

    All rows are compared with the held-out rows, which the generator has not seen; the reference is
    what the real rows reach that it was trained on.

    Parameters
    ----------
    tables : Tables
        The rows.
    rng : RandomState
        Source of the samples and the folds.
    step : callable
        Called with the name of each step.

    Attributes
    ----------
    measures : list of Measure
        The measures.
    column_errors : dict of str to ndarray of shape (d,)
        Of ``"synthetic"``, real (``"holdout"``: compared with the held-out ones) and
        ``"independent"`` rows.
    pair_errors : dict of str to ndarray of shape (d, d)
        Likewise; empty for a single column.
    roc : tuple of ndarray
        False and true positive rates of the classifier.
    rules : RealRules
        Rules that hold in all real rows.
    """

    def __init__(self, tables, rng, step):
        self.tables = tables
        rows = {
            "synthetic": tables.synthetic,
            "holdout": tables.real,
            "independent": tables.independent,
        }
        step("columns")
        pairs = {name: tables.pair(Z) for name, Z in rows.items()}
        self.column_errors = {name: column_errors(pair) for name, pair in pairs.items()}
        step("pairs of columns")
        self.pair_errors = {}
        if len(tables.columns) > 1:
            pairs = {name: tables.pair(Z, PAIR_ROWS, rng) for name, Z in rows.items()}
            self.pair_errors = {name: errors_of_pairs(pair) for name, pair in pairs.items()}
        found = {"columns": {n: e.mean() for n, e in self.column_errors.items()}}
        d = len(tables.columns)
        if self.pair_errors:
            totals = {name: e.sum() / (d * (d - 1)) for name, e in self.pair_errors.items()}
            found["pairs"] = totals
        step("two-sample test")
        found["c2st"], self.roc = self._two_sample(rows, rng)
        step("coverage")
        found["alpha"], found["beta"] = self._coverage(rows, rng)
        step("rules")
        self.rules = RealRules(tables)
        self.measures = [_measure(name, values) for name, values in found.items()]
        self.measures.append(self.rules.measure)

    def _two_sample(self, rows, rng):
        """AUROC of a classifier for each of the tables, and its ROC curve for synthetic rows."""
        smallest = min(CLASSIFIER_ROWS, len(self.tables.holdout), *map(len, rows.values()))
        splits = min(5, smallest)
        if splits < 2:
            return dict.fromkeys(rows, np.nan), ([0, 1], [0, 1])
        scores = {
            name: two_sample_scores(self.tables.pair(Z), splits, smallest, rng)
            for name, Z in rows.items()
        }
        curve = roc_curve(*scores["synthetic"])[:2]
        return {name: roc_auc_score(*found) for name, found in scores.items()}, curve

    def _coverage(self, rows, rng):
        """Alpha-precision and beta-recall of each of the tables."""
        alpha, beta = {}, {}
        most = min(SQUARE_ROWS, len(self.tables.holdout), *map(len, rows.values()))
        for name, Z in rows.items():
            scaled = unit_scaled(self.tables.pair(Z, PAIR_ROWS // 5, rng))
            alpha[name] = alpha_precision(*scaled)
            few = [part[:most] for part in unit_scaled(self.tables.pair(Z, most, rng))]
            beta[name] = beta_recall(*few, 5) if most > 5 else np.nan
        return alpha, beta

    def worst_columns(self):
        """The columns with the largest errors, and those of the references."""
        order = np.argsort(-self.column_errors["synthetic"], kind="stable")[:WORST]
        return [
            {"column": _plain(self.tables.columns[j].name), **_errors(self.column_errors, j)}
            for j in order.tolist()
        ]

    def worst_pairs(self):
        """The pairs of columns with the largest errors, and those of the references."""
        if not self.pair_errors:
            return []
        i, j = np.triu_indices(len(self.tables.columns), k=1)
        order = np.argsort(-self.pair_errors["synthetic"][i, j], kind="stable")[:WORST]
        names = [_plain(column.name) for column in self.tables.columns]
        return [
            {"columns": [names[i[k]], names[j[k]]], **_errors(self.pair_errors, (i[k], j[k]))}
            for k in order.tolist()
        ]


def _errors(tables, place):
    return {name: float(errors[place]) for name, errors in tables.items()}


def _plain(name):
    """A column's name, for JSON."""
    return name if isinstance(name, str | int) else str(name)


#: Label, direction and best value of each measure.
KNOWN = {
    "columns": ("Mean error of a column's distribution", "lower", "0"),
    "pairs": ("Mean error of a pair of columns", "lower", "0"),
    "c2st": ("Classifier tells the rows from real ones (AUROC)", "lower", "0.5"),
    "alpha": ("Rows lie where real rows are typical", "higher", "1"),
    "beta": ("Real rows are covered", "higher", "1"),
}


def _measure(name, values):
    label, better, ideal = KNOWN[name]
    value, holdout, independent = (
        float(values[key]) for key in ("synthetic", "holdout", "independent")
    )
    made = Measure(f"fidelity.{name}", label, value, holdout, independent, better, ideal)
    return Measure(**{**vars(made), "sentence": _sentence(name, made)})


def _sentence(name, measure):
    """What the value says, next to the references."""
    value, holdout = measure.value, measure.holdout
    if np.isnan(value):
        return "Not measured: too few rows."
    if name == "c2st":
        if value < holdout - 0.05:
            return (
                "Below guessing: these rows lie closer to real ones than other real rows do; see "
                "Privacy."
            )
        if value < max(0.6, holdout + 0.05):
            return "Boosted trees hardly tell these rows from real ones."
        if value < 0.8:
            return "Boosted trees tell these rows from real ones often, not always."
        return "Boosted trees tell these rows from real ones with ease."
    worse = value - holdout if measure.better == "lower" else holdout - value
    what = {
        "columns": "The columns' distributions are",
        "pairs": "The dependence between two columns is",
        "alpha": "The rows' distance from the centre of the real ones is",
        "beta": "The coverage of the real rows is",
    }[name]
    near, far = {"columns": (0.02, 0.1), "pairs": (0.02, 0.06)}.get(name, (0.05, 0.2))
    if worse <= near:
        return f"{what} about as in other real rows."
    return f"{what} {'somewhat' if worse <= far else 'much'} worse than in other real rows."
