"""Early stopping on a classifier two-sample test between held-out and generated rows."""

import numpy as np
from sklearn.ensemble import ExtraTreesClassifier
from sklearn.metrics import roc_auc_score

#: Below this number of rows none are held out: they are worth more as training data.
FEW_ROWS = 1_000
HELD_OUT_SHARE = 0.1
MOST_HELD_OUT = 1_000
EVAL_EVERY = 200
PATIENCE = 5
LEAST_GAIN = 2e-3
N_TREES = 50


def holdout_mask(group, early_stopping, rng):
    """Choose the rows that early stopping holds out.

    Parameters
    ----------
    group : ndarray of shape (n,) of int
        Class index of each row.
    early_stopping : bool or "auto"
        "auto" holds rows out of tables of 1,000 rows and more.
    rng : RandomState
        Source of the choice; drawn from only where rows are held out.

    Returns
    -------
    ndarray of shape (n,) of bool
        True for a tenth of each class, at most 1,000 rows in all and none of a class that has
        fewer than 20; all False without early stopping.
    """
    mask = np.zeros(len(group), dtype=bool)
    if not (len(group) >= FEW_ROWS if early_stopping == "auto" else early_stopping):
        return mask
    share = min(HELD_OUT_SHARE, MOST_HELD_OUT / len(group))
    for g in range(group.max() + 1):
        rows = np.flatnonzero(group == g)
        if len(rows) >= 20:
            least = min(len(rows) * HELD_OUT_SHARE, 50)
            picked = rng.permutation(len(rows))[: int(max(share * len(rows), least))]
            mask[rows[picked]] = True
    return mask


def held_out_criterion(Z, group, columns, held, model, rng):
    """Criterion of early stopping on the held-out rows; None where there are none."""
    if not held.any():
        return None
    seed = int(rng.randint(np.iinfo(np.int32).max))
    return TwoSampleCriterion(Z[held], group[held], columns, model, seed)


class TwoSampleCriterion:
    """AUROC with which a forest separates held-out from generated rows: 0.5 is best, 1 worst.

    A classifier two-sample test (Lopez-Paz and Oquab 2017), cross-fitted on two halves; every
    class weighs alike. The forest runs on this thread alone, so a process forked later is safe.
    `standard_error` is that of the Mann-Whitney statistic under the null hypothesis, at Kish's
    effective sample size (Kish 1965) of the weighted rows.

    Parameters
    ----------
    Z : ndarray of shape (n, d)
        Held-out rows.
    group : ndarray of shape (n,) of int
        Their class indices.
    columns : list of Column
        Description of each column.
    model : object
        ``model.install(net, groups)`` takes a network, ``model.sample(group, rng, out)`` fills
        `out` with rows of one class that it generates.
    seed : int
        Seed of the generated rows and of the forest, the same at every call.
    """

    def __init__(self, Z, group, columns, model, seed):
        order = np.argsort(group, kind="stable")
        self.Z, self.group, self.model, self.seed = Z[order], group[order], model, seed
        self.places = [(c.index, 0 if c.kind != "float" else c.decimals) for c in columns]
        rng = np.random.RandomState(seed)
        self.half = rng.permutation(2 * len(Z)) % 2 == 0
        self.weight = np.tile(1 / np.bincount(group)[self.group], 2) * len(Z)
        rows = self.weight[: len(Z)].sum() ** 2 / np.square(self.weight[: len(Z)]).sum()
        self.standard_error = float(np.sqrt((2 * rows + 1) / 12) / rows)

    def __call__(self, net):
        """Evaluate one network."""
        rng = np.random.RandomState(self.seed)
        fake = np.empty_like(self.Z)
        self.model.install(net, np.unique(self.group))
        for g in np.unique(self.group):
            rows = self.group == g
            fake[rows] = self.model.sample(g, rng, np.empty_like(self.Z[rows]))
        for j, places in self.places:
            if places is not None:
                fake[:, j] = fake[:, j].round(places)
        X = np.column_stack([np.concatenate([self.Z, fake]), np.tile(self.group, 2)])
        halves = [(self.half, ~self.half), (~self.half, self.half)]
        return float(np.mean([self._auroc(X, *half) for half in halves]))

    def _auroc(self, X, fit, test):
        real, weight = np.arange(len(X)) < len(self.Z), self.weight
        forest = ExtraTreesClassifier(
            N_TREES, min_samples_leaf=5, max_features=0.5, random_state=self.seed
        )
        forest.fit(X[fit], real[fit], sample_weight=weight[fit])
        score = forest.predict_proba(X[test])[:, 1]
        return roc_auc_score(real[test], score, sample_weight=weight[test])


class EarlyStopping:
    """Evaluate every 200 steps, keep the best weights, stop after 5 evaluations without progress.

    Parameters
    ----------
    criterion : callable
        Maps a network to a number; lower is better.
    candidate : callable
        Returns the network that would be used if training ended now.
    tolerance : float, default=0
        The last network whose criterion is within this of the best value is kept, and being within
        it counts as progress: among networks that do not differ significantly the longest trained
        one is preferred (after the one-standard-error rule [1]_).
    every : int, default=None
        Steps between evaluations, a multiple of 50; None for 200.

    References
    ----------
    .. [1] L. Breiman, J. H. Friedman, R. A. Olshen, C. J. Stone, "Classification and regression
       trees", 1984, section 3.4.3.
    """

    def __init__(self, criterion, candidate, *, tolerance=0.0, every=None):
        self.criterion, self.candidate, self.tolerance = criterion, candidate, tolerance
        self.every = EVAL_EVERY if every is None else every
        self.best, self.best_value, self.reference, self.waited = None, np.inf, np.inf, 0

    @property
    def is_done(self):
        """Whether the last five evaluations brought no progress."""
        return self.waited >= PATIENCE

    def value_at(self, number, last):
        """Criterion after step `number`, NaN where none is due."""
        if number % self.every and not last:
            return float("nan")
        net = self.candidate()
        value = self.criterion(net)
        alike = value < self.best_value + self.tolerance
        if alike:
            self.best, self.best_value = net, min(value, self.best_value)
        progress = value < self.reference - LEAST_GAIN
        self.reference = value if progress else self.reference
        self.waited = 0 if progress or (alike and self.tolerance) else self.waited + 1
        return value
