"""One class-conditional network of several classes: training, checkpoints, sampling."""

import numpy as np
from sklearn.utils._param_validation import StrOptions

from ._encoding.class_statistics import class_frequencies, class_quantiles, class_ranges
from ._encoding.conditions import ConditionTable
from ._encoding.extremes import draw_in
from ._neural import CACHE_FORMAT, NeuralSampler, fingerprint
from ._sampling.tabular_model import ConditionalModel, TabularModel
from ._training.batches import TrainingBySampling
from ._training.early_stopping import held_out_criterion, holdout_mask
from ._training.seeding import seeded

#: Rows moved at a time.
MOVED_ROWS = 65_536


class ConditionalNeuralSampler(NeuralSampler):
    """Mixin of samplers with one class-conditional network of several classes.

    Attributes
    ----------
    _conditions_on_levels : bool
        Whether a condition names a level of a discrete column in addition to the label.
    """

    _conditions_on_levels = True

    _training_constraints: dict = {
        **NeuralSampler._training_constraints,
        "train_on": [StrOptions({"all", "sampled"})],
    }

    def _fit_copies(self):
        """The table with its extremes drawn in, and encoded, where all rows are learned from."""
        return 2 if self.train_on == "all" else 0

    def _trained_rows(self, y, labels):
        """All rows, or those of the classes to be sampled."""
        return super()._trained_rows(y, labels) if self.train_on == "all" else np.isin(y, labels)

    def _learn(self, Z, y, columns, rng, run):
        """Train one class-conditional network."""
        labels, group = by_appearance(y)
        before, rows_of = self._checkpoint(Z, y), fingerprint(Z, y) if self.warm_start else None
        Z = draw_in(Z, group, columns, rng)
        encoder = self._encoder(Z, columns, group)
        rows = encoder.encode(Z, rng, group)
        encoder.forget()
        held = holdout_mask(group, self.early_stopping, rng)
        spans = encoder.discrete_spans if self._conditions_on_levels else []
        conditions, _ = ConditionTable.fit(rows[1], group, encoder.layout, spans)
        frequencies = class_frequencies(rows[1], group, encoder.layout)
        quantiles = class_quantiles(Z, group, encoder)
        ranges = class_ranges(Z, group, columns)
        tabular = TabularModel(encoder, ranges, frequencies, quantiles)
        model, history = ConditionalModel(tabular, conditions, labels), {}
        if not encoder.layout.width:
            return model, history
        n_conditions = conditions.n_conditions
        self._refuse_encoded(encoder, len(labels), n_conditions, len(Z), run.device)
        shown = [*(kept_in_place(part, held) for part in rows), group[~held]]
        criterion = held_out_criterion(Z, group, columns, held, model, rng)
        n_rows = len(Z)
        del Z  # encoded by now, and a copy of the caller's
        shown_conditions, order = ConditionTable.fit(*shown[1:], encoder.layout, spans)
        batches = TrainingBySampling(
            shown_conditions,
            order,
            *shown[:2],
            batch_size=self._batch_rows(n_rows),
            device=run.device,
        )
        with seeded(rng, run.device) as random:
            step = self._architecture.step(self, encoder, batches, n_conditions, random)
            history = self._train_further(model, step, before, rows_of, n_rows, run, criterion)
        return model, history

    def _train_further(self, model, step, before, rows_of, n_rows, run, criterion):
        """Train from an earlier checkpoint, if there is one; keep a new one for `warm_start`.

        Parameters
        ----------
        model : ConditionalModel or AutoregressiveModel
            Gets the trained network.
        step : object
            One step of training.
        before : dict or None
            From `_checkpoint`.
        rows_of : str or None
            Digest of the training rows.
        n_rows : int
            Their number.
        run : TrainingRun
            Device and budget.
        criterion : object or None
            What early stopping evaluates.

        Returns
        -------
        history : dict of str to ndarray
            Of all steps.
        """
        if before:
            step.resume(before["step"])
        start = before["steps"] if before else 0
        net, history = self._train(step, n_rows, run, criterion=criterion, start=start)
        model.install(net)
        if self.warm_start:
            model.checkpoint = {
                "format": CACHE_FORMAT,
                "rows": rows_of,
                "step": step.save(),
                "steps": int(history["step"][-1]),
            }
        return history

    def _checkpoint(self, Z, y):
        """Checkpoint of an earlier `fit` on the same table; None if there is none to continue."""
        if not self.warm_start:
            return None
        if self.memory is not None:
            raise ValueError(
                "warm_start=True goes on from the last fit, memory from none: set one of them."
            )
        model = vars(self).get("model_")
        before = None if model is None else model.checkpoint
        if before and before.get("format") != CACHE_FORMAT:
            raise ValueError(
                "warm_start=True goes on from the last fit, which another version of skgensample "
                "made and this one cannot continue: use a clone, or set warm_start=False."
            )
        if before and before["rows"] != fingerprint(Z, y):
            raise ValueError(
                "warm_start=True goes on training on the table of the last fit, and this is "
                "another one: use a clone, or set warm_start=False."
            )
        return before

    def _generate(self, model, label, n, rng, out):
        """Sample rows under the condition of the label."""
        if label not in self._learnt(model):
            raise self._not_learnt(label)
        return model.sample(np.flatnonzero(model.labels == label)[0], rng, out)


def kept_in_place(rows, held):
    """All rows but some, moved up within the array: no copy is made.

    Parameters
    ----------
    rows : ndarray of shape (n, d)
        Changed in place.
    held : ndarray of shape (n,) of bool
        Rows to leave out.

    Returns
    -------
    ndarray of shape (n - n_held, d)
        View of the first rows.
    """
    kept = np.flatnonzero(~held)
    for start in range(0, len(kept) if held.any() else 0, MOVED_ROWS):
        part = kept[start : start + MOVED_ROWS]
        rows[start : start + len(part)] = rows[part]  # never below `start`
    return rows[: len(kept)]


def by_appearance(y):
    """Labels in order of first occurrence, and each row's index among them.

    The order does not depend on the labels' names, so renaming classes does not change the rows.
    """
    labels, first, group = np.unique(y, return_index=True, return_inverse=True)
    order = np.argsort(first)
    return labels[order], np.argsort(order)[group]
