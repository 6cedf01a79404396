"""CTGAN"""

from numbers import Integral

import numpy as np
import torch
from sklearn.utils._param_validation import Interval

from ..base import BaseConditionalResampler
from ._adversarial import Wasserstein
from ._base import AdversarialTraining, TabularModel, class_boxes
from ._conditions import Cells, RowDraw
from ._encoding import BlockEncoder, ModeSpecificBlock
from ._training import resolve_device, seeded


class CTGANResampler(AdversarialTraining, BaseConditionalResampler):
    """CTGAN"""

    _weight_decay = 1e-6
    _parameter_constraints: dict = {
        **BaseConditionalResampler._parameter_constraints,
        **AdversarialTraining._network_constraints,
        "pac": [Interval(Integral, 1, None, closed="left")],
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
        learning_rate=2e-4,
        batch_size=500,
        pac=10,
        max_steps=None,
        device="auto",
        verbose=False,
    ):
        super().__init__(sampling_strategy=sampling_strategy, random_state=random_state, output=output)
        self.embedding_dim = embedding_dim
        self.generator_dim = generator_dim
        self.discriminator_dim = discriminator_dim
        self.learning_rate = learning_rate
        self.batch_size = batch_size
        self.pac = pac
        self.max_steps = max_steps
        self.device = device
        self.verbose = verbose

    @property
    def _pack_size(self):
        return self.pac

    def _fit_generator(self, Z, y, columns, rng):
        """Train one conditional pair of networks on the whole table."""
        self._check_networks()
        labels, group = _by_appearance(y)
        encoder = BlockEncoder(Z, columns, continuous=ModeSpecificBlock, group=group)
        scalars, codes = encoder.encode(Z, rng)
        cells, rows = Cells.fit(codes, group, encoder.layout, encoder.discrete_spans)
        device = resolve_device(self.device)
        net = None
        if encoder.layout.width:
            draw = RowDraw(cells, rows, scalars, codes, batch_size=self.batch_size, device=device)
            with seeded(rng, device) as random:
                net, self.loss_history_ = self._play(
                    encoder, draw, n=len(Z), n_conditions=cells.n_conditions, objective=Wasserstein(), random=random
                )
        return _ConditionalModel(TabularModel(encoder, net, class_boxes(Z, group)), cells, labels)

    def _generate(self, model, label, n, rng, out):
        """Draw rows under the condition of the label."""
        return model.draw(label, n, rng, out)


class _ConditionalModel:
    def __init__(self, table, cells, labels):
        self.table, self.cells, self.labels = table, cells, labels

    def draw(self, label, n, rng, out):
        group = int(np.flatnonzero(self.labels == label)[0])
        condition = self.cells.draw(group, n, rng)
        with seeded(rng, torch.device("cpu")) as random:
            return self.table.draw(group, n, rng, random, out, condition)


def _by_appearance(y):
    """Labels in the order in which they first occur, and each row's index among them.

    An order that does not depend on the labels' names: renaming them changes nothing else.
    """
    labels, first, group = np.unique(y, return_index=True, return_inverse=True)
    order = np.argsort(first)
    return labels[order], np.argsort(order)[group]
