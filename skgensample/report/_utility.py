"""Utility: a model trained on synthetic rows, on real ones and on both, tested on held-out rows."""

import numpy as np
from sklearn.ensemble import HistGradientBoostingRegressor
from sklearn.metrics import average_precision_score, r2_score, roc_auc_score

from ..metrics._fidelity import MAX_SPLIT_LEVELS, boosted_trees
from ._given import sampled
from ._measure import Measure

#: Rows on which a model is trained, at most.
TRAINING_ROWS = 20_000
#: Held-out rows of a class below which scores depend much on chance.
FEW_ROWS = 50
#: A target of numbers with more values than this is predicted by regression.
MOST_CLASSES = 20
#: Why the utility of rows is not judged without held-out rows.
UNJUDGED = (
    "Not measured: without held-out rows, models are tested on rows that the generator may have "
    "been trained on, which flatters it. Keep rows back and give them, too (holdout)."
)


class Utility:
    """Scores of one model by the rows on which it was trained.

    Parameters
    ----------
    tables : Tables
        The rows; its target says which column is predicted.
    rng : RandomState
        Source of the samples and of the trees.
    step : callable
        Called with the name of each step.

    Attributes
    ----------
    measures : list of Measure
        The measures; empty without a target.
    scores : dict of str to float
        Score by training rows: synthetic, real, both, independent.
    classes : list of dict
        Average precision of each class, by training rows.
    note : str
        Why there is no score, or what it is.
    unjudged : str
        Why the score is no measure of the rows; "" where it is one.
    notes : list of str
        What a reader has to know about the scores.
    """

    def __init__(self, tables, rng, step):
        self.measures, self.scores, self.classes, self.note = [], {}, [], ""
        self.unjudged, self.notes = "", []
        if tables.target is None:
            self.note = (
                "Not measured: no column was named as the target. Name the column that is to be "
                "predicted (target)."
            )
            return
        if tables.is_split:
            self.unjudged = UNJUDGED
        self.tables, self.seed = tables, rng.randint(2**31 - 1)
        j = tables.target
        known = np.unique(tables.real[:, j])
        self.is_classes = bool(tables.columns[j].n_levels) or len(known) <= MOST_CLASSES
        both = np.concatenate([sampled(Z, TRAINING_ROWS // 2, rng) for Z in self._halves()])
        rows = {"synthetic": tables.synthetic, "real": tables.real, "both": both}
        rows["independent"] = tables.independent
        predicted = {}
        for name, Z in rows.items():
            step(f"model on {name}")
            predicted[name] = self._predict(sampled(Z, TRAINING_ROWS, rng))
        self._score(predicted)
        few = [one for one in self.classes if one["rows"] < FEW_ROWS]
        if few:
            named = ", ".join(f"{one['rows']} of {one['class']}" for one in few)
            self.notes.append(
                f"The held-out rows are few ({named}): the scores of models depend on chance, so "
                f"that small differences say nothing. {FEW_ROWS} or more of each class are better."
            )

    def _halves(self):
        return self.tables.synthetic, self.tables.real

    def _predict(self, Z):
        """Predictions for the held-out rows of a model trained on some rows."""
        j = self.tables.target
        Z = Z[~np.isnan(Z[:, j])]
        columns = [column for column in self.tables.columns if column.index != j]
        inputs, test = (np.delete(part, j, axis=1) for part in (Z, self.tables.holdout))
        if not inputs.shape[1] or not len(Z):
            return None
        if self.is_classes:
            if len(np.unique(Z[:, j])) < 2:
                return None
            model = boosted_trees(columns, random_state=self.seed).fit(inputs, Z[:, j])
            return dict(zip(model.classes_.tolist(), model.predict_proba(test).T))
        split = [c.kind == "categorical" and c.n_levels <= MAX_SPLIT_LEVELS for c in columns]
        model = HistGradientBoostingRegressor(categorical_features=split, random_state=self.seed)
        inputs = np.where(np.isnan(inputs).all(axis=0), 0.0, inputs)
        return model.fit(inputs, Z[:, j]).predict(test)

    def _score(self, predicted):
        """Scores from the predictions."""
        wanted = self.tables.holdout[:, self.tables.target]
        if not self.is_classes:
            known = ~np.isnan(wanted)
            self.scores = {
                name: np.nan if p is None else float(r2_score(wanted[known], p[known]))
                for name, p in predicted.items()
            }
            self.note = "Score: R2 of boosted trees on held-out rows; 1 is perfect."
            label = "Boosted trees trained on these rows (R2)"
        else:
            self._score_classes(wanted, predicted)
            label = "Boosted trees trained on these rows (AUROC)"
        if not self.scores:
            return
        scores = self.scores
        self.measures = [
            Measure(
                "utility.score", label, scores["synthetic"], scores["real"], scores["independent"],
                "higher", "that of real rows", sentence=self.unjudged or _sentence(scores),
            )
        ]  # fmt: skip

    def _score_classes(self, wanted, predicted):
        """Mean AUROC of one class against the others, and average precision of each class."""
        codes = [code for code in np.unique(wanted).tolist() if 0 < (wanted == code).mean() < 1]
        if not codes:
            self.note = "Not measured: the held-out rows are all of one class."
            return
        flat = np.zeros(len(wanted))
        area = {name: [] for name in predicted}
        column = self.tables.columns[self.tables.target]
        names = self.tables.levels(column) if column.n_levels else None
        for code in codes:
            own, row = wanted == code, {}
            for name, found in predicted.items():
                score = flat if found is None else found.get(code, flat)
                area[name].append(roc_auc_score(own, score))
                row[name] = float(average_precision_score(own, score))
            label = names[int(code)] if names else self.tables.spelled(column, code)
            self.classes.append({"class": label, "rows": int(own.sum()), **row})
        self.scores = {
            name: np.nan if predicted[name] is None else float(np.mean(values))
            for name, values in area.items()
        }
        self.note = (
            "Score: AUROC of boosted trees on held-out rows, mean over the classes; 0.5 is "
            "guessing, 1 is perfect. By class: average precision."
        )


def _sentence(scores):
    """What the scores say."""
    lost = scores["real"] - scores["synthetic"]
    if np.isnan(lost):
        return "No model could be trained on these rows: they have one class."
    if lost <= 0.01:
        text = "A model learns as much from these rows as from real ones"
    elif lost <= 0.05:
        text = "A model learns a little less from these rows than from real ones"
    else:
        text = "A model learns much less from these rows than from real ones"
    gained = scores["both"] - scores["real"]
    if np.isnan(gained) or abs(gained) <= 0.005:
        return f"{text}; added to real rows they change nothing."
    return f"{text}; added to real rows they {'help' if gained > 0 else 'harm'} it."
