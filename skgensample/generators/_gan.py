"""Over-sampling by a generative adversarial network for each class."""

from numbers import Real

import numpy as np
import torch
from sklearn.utils._param_validation import Interval

from ..base import BaseOverSampler
from ._adversarial import Batch, BinaryCrossEntropy
from ._base import AdversarialTraining, TabularModel, class_boxes
from ._encoding import BlockEncoder, QuantileBlock
from ._training import resolve_device, seeded


class GANOversampler(AdversarialTraining, BaseOverSampler):
    """GAN"""

    _accepts_categorical = True
    _parameter_constraints: dict = {
        **BaseOverSampler._parameter_constraints,
        **AdversarialTraining._network_constraints,
        "label_smoothing": [Interval(Real, 0, 0.5, closed="left")],
    }

    def __init__(
        self,
        *,
        sampling_strategy="auto",
        random_state=None,
        embedding_dim=64,
        generator_dim=(128, 128),
        discriminator_dim=(128, 128),
        learning_rate=1e-3,
        batch_size=128,
        label_smoothing=0.1,
        max_steps=None,
        device="auto",
        verbose=False,
    ):
        super().__init__(sampling_strategy=sampling_strategy, random_state=random_state)
        self.embedding_dim = embedding_dim
        self.generator_dim = generator_dim
        self.discriminator_dim = discriminator_dim
        self.learning_rate = learning_rate
        self.batch_size = batch_size
        self.label_smoothing = label_smoothing
        self.max_steps = max_steps
        self.device = device
        self.verbose = verbose

    def _fit_generator(self, Z, y, columns, rng):
        """Train one pair of networks for each class to be sampled."""
        self._check_networks()
        device = resolve_device(self.device)
        self.loss_history_ = {}
        return {
            label: self._fit_class(Z[y == label], label, columns, rng, device)
            for label, n in self.sampling_strategy_.items()
            if n
        }

    def _fit_class(self, Z, label, columns, rng, device):
        """Model of one class's rows."""
        group = np.zeros(len(Z), dtype=np.intp)
        encoder = BlockEncoder(Z, columns, continuous=QuantileBlock, group=group)
        net, boxes = None, class_boxes(Z, group)
        if encoder.layout.width:
            with seeded(rng, device) as random:
                draw = _RowDraw(*encoder.encode(Z, rng), self.batch_size, device)
                net, self.loss_history_[label] = self._play(
                    encoder, draw, n=len(Z), n_conditions=0,
                    objective=BinaryCrossEntropy(1 - self.label_smoothing), random=random,
                )
        return TabularModel(encoder, net, boxes)

    def _generate(self, model, label, n, rng, out):
        """Draw from the class's generator."""
        with seeded(rng, torch.device("cpu")) as random:
            return model[label].draw(0, n, rng, random, out)


class _RowDraw:
    """Batches of rows drawn with replacement."""

    def __init__(self, scalars, codes, batch_size, device):
        self.scalars, self.codes = (torch.as_tensor(part, device=device) for part in (scalars, codes))
        self.batch_size = batch_size

    def __call__(self, random):
        """Draw one batch."""
        rows = torch.randint(len(self.scalars), (self.batch_size,), generator=random, device=random.device)
        return Batch(self.scalars[rows], self.codes[rows])
