"""One conditional model of all classes: how it is trained, kept and drawn from."""

import hashlib
from numbers import Integral

import numpy as np
from sklearn.utils._param_validation import Interval, StrOptions

from ..base import BaseConditionalResampler
from ._adversarial import Wasserstein
from ._base import AdversarialTraining, TabularModel, class_boxes
from ._conditions import Cells, RowDraw
from ._encoding import BlockEncoder, ModeSpecificBlock
from ._estimator import CACHE_FORMAT, NetworkTraining
from ._margins import class_quantiles
from ._monitor import held_out_criterion, hold_out
from ._shares import class_shares
from ._training import seeded


class ConditionalTraining(NetworkTraining):
    """Mixin of samplers with one conditional model of several classes.

    A subclass implements ``_step(encoder, draw, n_conditions, random)``: untrained networks, and
    what trains them on batches of `draw`.
    """

    #: Block of continuous columns.
    _continuous = ModeSpecificBlock
    #: Whether a condition names a level of a discrete column beside the label.
    _conditions_on_levels = True

    _training_constraints: dict = {
        **NetworkTraining._training_constraints,
        "train_on": [StrOptions({"all", "sampled"})],
    }

    def _trained_rows(self, y, labels):
        """All rows, or those of the classes to be drawn."""
        return super()._trained_rows(y, labels) if self.train_on == "all" else np.isin(y, labels)

    def _learn(self, Z, y, columns, rng, device):
        """Train one conditional model."""
        labels, group = by_appearance(y)
        before = self._checkpoint(Z, y)
        encoder = BlockEncoder(Z, columns, continuous=self._continuous, group=group)
        rows = encoder.encode(Z, rng, group)
        encoder.forget()
        held = hold_out(group, self.early_stopping, rng)
        spans = encoder.discrete_spans if self._conditions_on_levels else []
        cells, _ = Cells.fit(rows[1], group, encoder.layout, spans)
        shares = class_shares(rows[1], group, encoder.layout)
        quantiles = class_quantiles(Z, group, encoder)
        table = TabularModel(encoder, class_boxes(Z, group, columns), shares, quantiles)
        model, history = ConditionalModel(table, cells, labels), {}
        if not encoder.layout.width:
            return model, history
        shown = [part[~held] for part in (*rows, group)]
        criterion = held_out_criterion(Z, group, columns, held, model, rng)
        shown_cells, order = Cells.fit(*shown[1:], encoder.layout, spans)
        draw = RowDraw(
            shown_cells, order, *shown[:2], batch_size=self._batch_rows(len(Z)), device=device
        )
        with seeded(rng, device) as random:
            step = self._step(encoder, draw, cells.n_conditions, random)
            if before:
                step.resume(before["step"])
            start = before["steps"] if before else 0
            net, history = self._run(step, len(Z), criterion=criterion, start=start)
            model.install(net)
            if getattr(self, "warm_start", False):
                done = int(history["step"][-1])
                model.checkpoint = {
                    "format": CACHE_FORMAT,
                    "rows": fingerprint(Z, y),
                    "step": step.save(),
                    "steps": done,
                }
        return model, history

    def _checkpoint(self, Z, y):
        """Where an earlier `fit` on the same table left off; None where nothing is continued."""
        if not getattr(self, "warm_start", False):
            return None
        if self.memory is not None:
            raise ValueError(
                "warm_start=True goes on from the last fit, memory from none: set one of them."
            )
        before = getattr(getattr(self, "model_", None), "checkpoint", None)
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
        """Draw rows under the condition of the label."""
        if label not in self._learnt(model):
            raise self._not_learnt(label)
        return model.draw(np.flatnonzero(model.labels == label)[0], rng, out)


class WassersteinTraining(ConditionalTraining, AdversarialTraining):
    """Mixin of samplers that train their conditional model in the Wasserstein game."""

    _training_constraints: dict = {
        **AdversarialTraining._training_constraints,
        **ConditionalTraining._training_constraints,
        "pac": [Interval(Integral, 1, None, closed="left")],
    }

    @property
    def _pac(self):
        return self.pac

    def _step(self, encoder, draw, n_conditions, random):
        """A generator and a critic."""
        return self._players(encoder, draw, n_conditions, Wasserstein(), random)


class ConditionalGAN(WassersteinTraining, BaseConditionalResampler):
    """Base of the adversarial resamplers: the parameters that they share."""

    _parameter_constraints: dict = {
        **BaseConditionalResampler._parameter_constraints,
        **WassersteinTraining._training_constraints,
        "warm_start": ["boolean"],
    }

    def __init__(
        self,
        *,
        sampling_strategy="auto",
        random_state=None,
        output="augment",
        embedding_dim=128,
        generator_dim=(256, 256),
        discriminator_dim=(256, 256),
        learning_rate=5e-4,
        batch_size=500,
        pac=1,
        max_steps=None,
        max_time=None,
        early_stopping="auto",
        train_on="all",
        warm_start=False,
        callbacks=None,
        memory=None,
        device="auto",
        verbose=False,
    ):
        super().__init__(
            sampling_strategy=sampling_strategy, random_state=random_state, output=output
        )
        self.embedding_dim = embedding_dim
        self.generator_dim = generator_dim
        self.discriminator_dim = discriminator_dim
        self.learning_rate = learning_rate
        self.batch_size = batch_size
        self.pac = pac
        self.max_steps = max_steps
        self.max_time = max_time
        self.early_stopping = early_stopping
        self.train_on = train_on
        self.warm_start = warm_start
        self.callbacks = callbacks
        self.memory = memory
        self.device = device
        self.verbose = verbose


class ConditionalModel:
    """A table model, the conditions under which it draws, and its labels in condition order."""

    #: Networks and optimisers as training left them, where it may go on.
    checkpoint = None

    def __init__(self, table, cells, labels):
        self.table, self.cells, self.labels = table, cells, labels

    def install(self, net, groups=None):
        """Draw from this network from now on."""
        self.table.install(net, groups, self.cells.draw)

    def draw(self, group, rng, out):
        """Fill `out` with rows of a class index."""
        condition = self.cells.draw(group, len(out), rng)
        return self.table.draw(int(group), rng, out, condition)


def fingerprint(Z, y):
    """Short text that two tables share only if they are the same."""
    digest = hashlib.sha256(np.ascontiguousarray(Z).tobytes())
    digest.update(repr((Z.shape, Z.dtype, y.tolist())).encode())
    return digest.hexdigest()


def by_appearance(y):
    """Labels in order of first occurrence, and each row's index among them.

    An order that does not depend on the labels' names: renaming them changes nothing else.
    """
    labels, first, group = np.unique(y, return_index=True, return_inverse=True)
    order = np.argsort(first)
    return labels[order], np.argsort(order)[group]
